// SPDX-License-Identifier: Apache-2.0
package nestor.api.machine;

import java.nio.file.Path;
import java.util.Optional;
import nestor.api.profile.Profile;

/**
 * A machine to be created.
 *
 * @param name what to call it; unique among the machines that exist
 * @param script what the init program of a fetched Linux image shall run before it powers off
 * @param reboots whether a guest reset or triple fault starts the machine again
 * @param record file to write all input from outside to, with the instants at which it entered
 * @param replay such a file, to take input from instead
 */
public record MachineSpec(
    String name,
    Profile profile,
    Optional<String> script,
    boolean reboots,
    Optional<Path> record,
    Optional<Path> replay) {

  /** A machine that restarts on reset. */
  public MachineSpec(String name, Profile profile) {
    this(name, profile, Optional.empty(), true, Optional.empty(), Optional.empty());
  }
}
