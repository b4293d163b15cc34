// SPDX-License-Identifier: Apache-2.0
package nestor.api.machine;

/** What a machine is doing. */
public enum MachineState {
  /** Assembled, switched off. */
  CREATED,
  /** Executing, or waiting for the next event. */
  RUNNING,
  /** Held by its user. */
  PAUSED,
  /** Held until a device that is being exchanged comes back, two seconds at most. */
  AWAITING_DEVICE,
  /** Over; see {@link Machine#ending}. */
  ENDED
}
