// SPDX-License-Identifier: Apache-2.0
package nestor.apic;

import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;

/**
 * Interrupts requested and in service, and the priorities that hold them back (SDM vol. 3A,
 * "Handling Interrupts").
 */
final class Requests {
  private final Vectors irr = new Vectors();
  private final Vectors isr = new Vectors();
  private final Vectors tmr = new Vectors();

  /** Task priority, 0 to 255. */
  int tpr;

  void reset() {
    tpr = 0;
    irr.clearAll();
    isr.clearAll();
    tmr.clearAll();
  }

  /** Notes a request. It is a level-triggered one until the next of its vector. */
  void accept(int vector, boolean level) {
    irr.set(vector);
    if (level) {
      tmr.set(vector);
    } else {
      tmr.clear(vector);
    }
  }

  boolean isLevel(int vector) {
    return tmr.has(vector);
  }

  /** {@return the vector that the processor would take now, or -1} */
  int deliverable() {
    int vector = irr.highest();
    return vector >= 0 && (vector & 0xF0) > (ppr() & 0xF0) ? vector : -1;
  }

  /** A request comes in service. */
  void acknowledge(int vector) {
    irr.clear(vector);
    isr.set(vector);
  }

  /** {@return the vector whose service ends, or -1 if none is served} */
  int end() {
    int vector = isr.highest();
    if (vector >= 0) {
      isr.clear(vector);
    }
    return vector;
  }

  /** {@return the processor priority} */
  int ppr() {
    int inService = isr.highest();
    int serviceClass = inService < 0 ? 0 : inService & 0xF0;
    return (tpr & 0xF0) >= serviceClass ? tpr : serviceClass;
  }

  /** {@return 32 bits of ISR, TMR or IRR} */
  int word(int register) {
    Vectors v = register < Registers.TMR ? isr : register < Registers.IRR ? tmr : irr;
    return v.word(register & 7);
  }

  void save(StateWriter out) {
    out.putLongs("irr", irr.save());
    out.putLongs("isr", isr.save());
    out.putLongs("tmr", tmr.save());
  }

  void restore(StateReader in) {
    irr.restore(in.getLongs("irr"));
    isr.restore(in.getLongs("isr"));
    tmr.restore(in.getLongs("tmr"));
  }
}
