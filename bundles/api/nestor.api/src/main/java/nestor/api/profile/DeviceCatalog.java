// SPDX-License-Identifier: Apache-2.0
package nestor.api.profile;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** The device types of the bundles that are installed now. */
@ProviderType
public interface DeviceCatalog {

  /** {@return the types, in alphabetical order of their PIDs} */
  List<DeviceType> types();
}
