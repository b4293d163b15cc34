// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

import nestor.api.time.VirtualClock;

/** What a local APIC may do to the rest of its machine. Made by the machine, one a vCPU. */
public interface ApicBus {

  /** {@return the machine's clock} */
  VirtualClock clock();

  /** {@return the vCPU that the APIC belongs to} */
  Vcpu vcpu();

  /**
   * Sends an interprocessor interrupt.
   *
   * @param shorthand 0 none, 1 self, 2 all with self, 3 all without self
   * @param assertLevel ICR bit 14
   */
  void send(
      int mode,
      int vector,
      int destination,
      boolean logical,
      boolean level,
      boolean assertLevel,
      int shorthand);

  /** Broadcasts the end of a level-triggered interrupt to the IOAPICs. */
  void endOfInterrupt(int vector);

  /** {@link LocalApic#pendingVector} or {@link LocalApic#acceptsExternal} may have changed. */
  void changed();

  /** {@return the APIC timer's input clock in hertz, before its divider} */
  long timerHertz();

  /** {@return TSC ticks of guest time now, as the vCPU reads it, and the rate in hertz} */
  long tsc();

  /** {@return TSC rate in hertz} */
  long tscHertz();
}
