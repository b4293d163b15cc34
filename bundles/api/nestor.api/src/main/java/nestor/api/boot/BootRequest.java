// SPDX-License-Identifier: Apache-2.0
package nestor.api.boot;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * All that a boot plan depends on.
 *
 * @param kind how to load the kernel; empty to find out from its headers
 * @param address where a flat image goes; empty for 7C00h in real mode and 100000h otherwise
 * @param commandLine the kernel's arguments, without a program name
 * @param environment KEY=VALUE lines for a last Multiboot module; no other kind takes them
 * @param memory the guest's memory map
 * @param rsdpGpa where the ACPI root pointer lies; zero for a machine without ACPI
 */
public record BootRequest(
    BootData kernel,
    Optional<BootKind> kind,
    OptionalLong address,
    List<BootModule> modules,
    String commandLine,
    Map<String, String> environment,
    MemoryLayout memory,
    long rsdpGpa) {

  public BootRequest {
    modules = List.copyOf(modules);
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
  }

  /** A kernel of a kind to be found out, alone. */
  public BootRequest(BootData kernel, MemoryLayout memory) {
    this(kernel, Optional.empty(), OptionalLong.empty(), List.of(), "", Map.of(), memory, 0);
  }
}
