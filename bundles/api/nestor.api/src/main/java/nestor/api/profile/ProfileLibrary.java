// SPDX-License-Identifier: Apache-2.0
package nestor.api.profile;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Finds, reads and checks profiles. */
@ProviderType
public interface ProfileLibrary {

  /** {@return the names of the shipped profiles, in alphabetical order} */
  List<String> names();

  /**
   * {@return the profile, with its includes merged and the overrides applied}
   *
   * @param nameOrPath name of a shipped profile, or path of a file
   * @param overrides texts {@code PATH=VALUE}, such as {@code devices.uart0.irq=4}; values are
   *     checked like those in a file
   * @throws ProfileException naming file, line, what was expected and the nearest right word
   */
  Profile resolve(String nameOrPath, List<String> overrides) throws ProfileException;

  /**
   * {@return one configuration a device} Properties are those that the profile sets, and {@code
   * nestor.machine} and {@code nestor.device}; the rest are defaults of the component.
   *
   * @param machine name of the machine that the devices are for
   */
  List<DeviceConfiguration> configurations(Profile profile, String machine);

  /**
   * {@return the configuration of one more device for a running machine}
   *
   * @param device its name, new in this profile
   * @param settings a JSON object as under "devices" in a profile
   * @throws ProfileException if it is wrong or clashes with a device of the profile
   */
  DeviceConfiguration extra(Profile profile, String machine, String device, String settings)
      throws ProfileException;
}
