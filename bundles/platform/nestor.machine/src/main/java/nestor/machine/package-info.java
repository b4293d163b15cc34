// SPDX-License-Identifier: Apache-2.0
/**
 * The running PC: clock, turns of the vCPUs, wires, message routing, device slots, consoles.
 *
 * <p>A machine has one thread. Guest code, device callbacks, timers and whatever needs a quiet
 * machine run on it, one after the other, so nothing here is locked; other threads hand it work
 * through {@link nestor.machine.MachineThread}.
 */
package nestor.machine;
