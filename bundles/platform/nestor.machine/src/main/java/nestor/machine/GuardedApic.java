// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import nestor.api.state.SectionId;
import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;
import nestor.vcpu.LocalApic;
import nestor.vcpu.Rendezvous;

/**
 * A local APIC that several threads reach: its vCPU's, those that send it interrupts, and the
 * machine's, which runs its timer. Whoever it is has the board meanwhile.
 */
final class GuardedApic implements LocalApic {
  private final Rendezvous rendezvous;
  private final LocalApic apic;

  GuardedApic(Rendezvous rendezvous, LocalApic apic) {
    this.rendezvous = rendezvous;
    this.apic = apic;
  }

  // What only the vCPU's own thread changes needs no lock.

  @Override
  public long base() {
    return apic.base();
  }

  @Override
  public long page() {
    return apic.page();
  }

  @Override
  public int id() {
    return apic.id();
  }

  @Override
  public SectionId section() {
    return apic.section();
  }

  @Override
  public void reset(boolean init) {
    rendezvous.lockBoard();
    try {
      apic.reset(init);
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public boolean writeBase(long value) {
    rendezvous.lockBoard();
    try {
      return apic.writeBase(value);
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public long load(int offset, int size) {
    rendezvous.lockBoard();
    try {
      return apic.load(offset, size);
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public void store(int offset, int size, long value) {
    rendezvous.lockBoard();
    try {
      apic.store(offset, size, value);
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public long readMsr(int msr) {
    rendezvous.lockBoard();
    try {
      return apic.readMsr(msr);
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public void writeMsr(int msr, long value) {
    rendezvous.lockBoard();
    try {
      apic.writeMsr(msr, value);
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public long deadline() {
    rendezvous.lockBoard();
    try {
      return apic.deadline();
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public void writeDeadline(long tsc) {
    rendezvous.lockBoard();
    try {
      apic.writeDeadline(tsc);
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public int cr8() {
    rendezvous.lockBoard();
    try {
      return apic.cr8();
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public void writeCr8(int value) {
    rendezvous.lockBoard();
    try {
      apic.writeCr8(value);
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public int pendingVector() {
    rendezvous.lockBoard();
    try {
      return apic.pendingVector();
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public boolean acceptsExternal() {
    rendezvous.lockBoard();
    try {
      return apic.acceptsExternal();
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public void acknowledge(int vector) {
    rendezvous.lockBoard();
    try {
      apic.acknowledge(vector);
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public void deliver(int mode, int vector, boolean level) {
    rendezvous.lockBoard();
    try {
      apic.deliver(mode, vector, level);
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public boolean matches(int destination, boolean logical) {
    rendezvous.lockBoard();
    try {
      return apic.matches(destination, logical);
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public int arbitrationPriority() {
    rendezvous.lockBoard();
    try {
      return apic.arbitrationPriority();
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public void lint(int pin, boolean high) {
    rendezvous.lockBoard();
    try {
      apic.lint(pin, high);
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public void tscChanged() {
    rendezvous.lockBoard();
    try {
      apic.tscChanged();
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public void save(StateWriter out) {
    rendezvous.lockBoard();
    try {
      apic.save(out);
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public void restore(int version, StateReader in) {
    rendezvous.lockBoard();
    try {
      apic.restore(version, in);
    } finally {
      rendezvous.unlockBoard();
    }
  }
}
