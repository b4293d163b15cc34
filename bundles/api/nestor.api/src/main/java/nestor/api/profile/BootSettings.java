// SPDX-License-Identifier: Apache-2.0
package nestor.api.profile;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import nestor.api.boot.BootKind;
import nestor.api.boot.BootModule;

/**
 * What a machine boots. Paths are absolute: relative ones in a profile start from its folder.
 *
 * @param guest name of a fetched or embedded guest that gives the kernel and initrd that are not
 *     named here; empty for none
 * @param kernel the kernel; empty for the guest's
 * @param modules initrds or modules, in order; empty for the guest's
 * @param append the kernel's command line
 * @param kind how to load the kernel; empty to find out
 * @param address where a flat image goes
 * @param environment KEY=VALUE lines for Multiboot kernels
 */
public record BootSettings(
    Optional<String> guest,
    Optional<Path> kernel,
    List<BootModule> modules,
    String append,
    Optional<BootKind> kind,
    OptionalLong address,
    Map<String, String> environment) {

  public BootSettings {
    modules = List.copyOf(modules);
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
  }
}
