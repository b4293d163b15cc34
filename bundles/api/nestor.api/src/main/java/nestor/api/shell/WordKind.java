// SPDX-License-Identifier: Apache-2.0
package nestor.api.shell;

/** What a word stands for, so that the shell can complete it. */
public enum WordKind {
  /** Anything else: nothing is offered. */
  TEXT,
  /** A machine's name. */
  MACHINE,
  /** The name of a device in the machine. */
  DEVICE,
  /** A type of device, as in a profile. */
  DEVICE_TYPE,
  /** The name of a device with a console. */
  CONSOLE,
  /** An address: a register, or a number. */
  ADDRESS,
  /** A shipped profile, or a file. */
  PROFILE,
  /** An engine's name. */
  ENGINE,
  /** The name of a strategy. */
  STRATEGY,
  /** A field of a VMCS or VMCB. */
  CONTROL_FIELD,
  /** A kind of event. */
  EVENT_KIND,
  /** What a breakpoint is on: an exit or a field. */
  BREAK_KIND,
  /** An exit reason or a field. */
  BREAK_NAME
}
