// SPDX-License-Identifier: Apache-2.0
package nestor.apic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import nestor.api.time.VirtualClock;
import nestor.testkit.HandClock;
import nestor.vcpu.ApicBus;
import nestor.vcpu.GuestFault;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;
import org.junit.jupiter.api.Test;

class ApicTest {
  private static final int ENABLED = 0x1FF;

  private final HandClock clock = new HandClock();
  private final Vcpu vcpu = new Vcpu(0, Arena.ofAuto().allocate(State.BYTES, 64).address());
  private final List<String> sent = new ArrayList<>();
  private final List<Integer> ended = new ArrayList<>();
  private final Apic apic = new Apic(new Bus(), 3);

  private final class Bus implements ApicBus {
    @Override
    public VirtualClock clock() {
      return clock;
    }

    @Override
    public Vcpu vcpu() {
      return vcpu;
    }

    @Override
    public void send(
        int mode,
        int vector,
        int destination,
        boolean logical,
        boolean level,
        boolean assertLevel,
        int shorthand) {
      sent.add(mode + ":" + vector + " to " + destination + (logical ? " logical" : ""));
    }

    @Override
    public void endOfInterrupt(int vector) {
      ended.add(vector);
    }

    @Override
    public void changed() {}

    @Override
    public long timerHertz() {
      return 1_000_000_000L;
    }

    @Override
    public long tsc() {
      return clock.nanos();
    }

    @Override
    public long tscHertz() {
      return 1_000_000_000L;
    }
  }

  private void write(int register, long value) {
    apic.store(register << 4, 4, value);
  }

  private long read(int register) {
    return apic.load(register << 4, 4);
  }

  private void take() {
    apic.acknowledge(apic.pendingVector());
  }

  @Test
  void deliversTheHighestPriorityAboveThoseInService() {
    write(Registers.SVR, ENABLED);
    apic.deliver(0, 0x41, false);
    apic.deliver(0, 0x62, false);

    assertThat(apic.pendingVector()).isEqualTo(0x62);
    take();
    assertThat(apic.pendingVector()).isEqualTo(-1);
    assertThat(read(Registers.PPR)).isEqualTo(0x60);
    write(Registers.EOI, 0);
    assertThat(apic.pendingVector()).isEqualTo(0x41);
  }

  @Test
  void holdsBackWhatTheTaskPriorityForbids() {
    write(Registers.SVR, ENABLED);
    apic.deliver(0, 0x41, false);

    apic.writeCr8(4);

    assertThat(apic.pendingVector()).isEqualTo(-1);
    assertThat(read(Registers.TPR)).isEqualTo(0x40);
    apic.writeCr8(3);
    assertThat(apic.pendingVector()).isEqualTo(0x41);
  }

  @Test
  void broadcastsTheEndOfLevelInterruptsOnly() {
    write(Registers.SVR, ENABLED);
    apic.deliver(0, 0x41, true);
    take();
    write(Registers.EOI, 0);
    apic.deliver(0, 0x51, false);
    take();
    write(Registers.EOI, 0);

    assertThat(ended).containsExactly(0x41);
  }

  @Test
  void comesBackAfterBeingSwitchedOff() {
    write(Registers.SVR, ENABLED);

    assertThat(apic.writeBase(apic.base() & ~0x800L)).isTrue();
    assertThat(apic.page()).isEqualTo(-1);
    assertThat(apic.writeBase(apic.base() | 0x800)).isTrue();
    write(Registers.SVR, ENABLED);
    apic.deliver(0, 0x41, false);

    assertThat(apic.page()).isEqualTo(0xFEE0_0000L);
    assertThat(apic.pendingVector()).isEqualTo(0x41);
  }

  @Test
  void allowsOnlyTheModeChangesOfTheManual() {
    long off = apic.base() & ~0x800L;
    long x2 = off | 0xC00;

    assertThat(apic.writeBase(off | 0x400)).isFalse();
    assertThat(apic.writeBase(x2)).isTrue();
    assertThat(apic.writeBase(off | 0x800)).isFalse();
    assertThat(apic.writeBase(off)).isTrue();
    assertThat(apic.writeBase(x2)).isFalse();
  }

  @Test
  void matchesLogicalDestinationsFlatClusteredAndInX2Mode() {
    write(Registers.LDR, 0x0200_0000);
    assertThat(apic.matches(0x06, true)).isTrue();
    assertThat(apic.matches(0x05, true)).isFalse();
    write(Registers.DFR, 0x0FFF_FFFF);
    write(Registers.LDR, 0x2200_0000);
    assertThat(apic.matches(0x23, true)).isTrue();
    assertThat(apic.matches(0x33, true)).isFalse();
    assertThat(apic.matches(3, false)).isTrue();
    assertThat(apic.matches(0xFF, false)).isTrue();

    apic.writeBase(apic.base() | 0x400);

    assertThat(apic.readMsr(0x80D)).isEqualTo(8);
    assertThat(apic.matches(8, true)).isTrue();
    assertThat(apic.matches(0x1_0008, true)).isFalse();
  }

  @Test
  void faultsOnX2RegistersThatAreNotThereAndOnReservedBits() {
    apic.writeBase(apic.base() | 0x400);

    assertThatThrownBy(() -> apic.readMsr(0x80E)).isInstanceOf(GuestFault.class);
    assertThatThrownBy(() -> apic.writeMsr(0x80B, 1)).isInstanceOf(GuestFault.class);
    assertThatThrownBy(() -> apic.writeMsr(0x808, 0x100)).isInstanceOf(GuestFault.class);
    apic.writeMsr(0x830, 5L << 32 | 0x4_0041);
    assertThat(sent).hasSize(1);
  }

  @Test
  void countsOneShotAndPeriodicTimersWithTheirDivider() {
    write(Registers.SVR, ENABLED);
    write(Registers.TIMER_DIVIDE, 0x3); // by 16
    write(Registers.LVT_TIMER, 0x2_0041); // periodic
    write(Registers.TIMER_INITIAL, 100);

    clock.advanceNanos(800);
    assertThat(read(Registers.TIMER_CURRENT)).isEqualTo(50);
    assertThat(apic.pendingVector()).isEqualTo(-1);
    clock.advanceNanos(800);
    assertThat(apic.pendingVector()).isEqualTo(0x41);
    take();
    write(Registers.EOI, 0);
    clock.advanceNanos(1600);

    assertThat(apic.pendingVector()).isEqualTo(0x41);
  }

  @Test
  void firesAtTheTscDeadlineAndForgetsIt() {
    write(Registers.SVR, ENABLED);
    write(Registers.LVT_TIMER, 0x4_0041);
    apic.writeDeadline(5_000);

    clock.advanceNanos(4_999);
    assertThat(apic.pendingVector()).isEqualTo(-1);
    assertThat(apic.deadline()).isEqualTo(5_000);
    clock.advanceNanos(1);

    assertThat(apic.pendingVector()).isEqualTo(0x41);
    assertThat(apic.deadline()).isZero();
  }

  @Test
  void reportsIllegalVectorsAndRegistersInTheErrorStatus() {
    write(Registers.SVR, ENABLED);
    write(Registers.ICR_LOW, 0x4005);
    write(0x3D, 1);

    write(Registers.ESR, 0);

    assertThat(read(Registers.ESR)).isEqualTo(0xA0);
    assertThat(sent).isEmpty();
  }

  @Test
  void keepsAnEndedOneShotAtZeroInPeriodicMode() {
    write(Registers.SVR, ENABLED);
    write(Registers.TIMER_DIVIDE, 0xB);
    write(Registers.LVT_TIMER, 0x41);
    write(Registers.TIMER_INITIAL, 100);
    clock.advanceNanos(100);
    take();
    write(Registers.EOI, 0);

    write(Registers.LVT_TIMER, 0x2_0041);
    clock.advanceNanos(1_000);

    assertThat(read(Registers.TIMER_CURRENT)).isZero();
    assertThat(apic.pendingVector()).isEqualTo(-1);
    write(Registers.TIMER_INITIAL, 100);
    clock.advanceNanos(150);
    assertThat(read(Registers.TIMER_CURRENT)).isEqualTo(50);
  }

  @Test
  void letsARunningPeriodEndAsAOneShot() {
    write(Registers.SVR, ENABLED);
    write(Registers.TIMER_DIVIDE, 0xB);
    write(Registers.LVT_TIMER, 0x2_0041);
    write(Registers.TIMER_INITIAL, 100);
    clock.advanceNanos(530);

    write(Registers.LVT_TIMER, 0x41);

    assertThat(read(Registers.TIMER_CURRENT)).isEqualTo(70);
    clock.advanceNanos(70);
    assertThat(read(Registers.TIMER_CURRENT)).isZero();
    clock.advanceNanos(100);
    assertThat(read(Registers.TIMER_CURRENT)).isZero();
  }

  @Test
  void disarmsTheCounterForTheDeadlineAndBack() {
    write(Registers.SVR, ENABLED);
    write(Registers.LVT_TIMER, 0x41);
    write(Registers.TIMER_INITIAL, 100);
    write(Registers.LVT_TIMER, 0x4_0041);
    assertThat(read(Registers.TIMER_CURRENT)).isZero();
    write(Registers.TIMER_INITIAL, 100); // dropped in this mode
    assertThat(read(Registers.TIMER_INITIAL)).isZero();
    apic.writeDeadline(5_000);

    write(Registers.LVT_TIMER, 0x41);
    clock.advanceNanos(10_000);

    assertThat(apic.deadline()).isZero();
    assertThat(apic.pendingVector()).isEqualTo(-1);
  }

  @Test
  void keepsItsLogicalIdAcrossInitInX2Mode() {
    apic.writeBase(apic.base() | 0x400);

    apic.reset(true);

    assertThat(apic.readMsr(0x80D)).isEqualTo(8);
    assertThat(apic.matches(8, true)).isTrue();
  }

  /** A sender in x2APIC mode names 32-bit IDs; those above FFh are nobody's here. */
  @Test
  void doesNotAliasWideIdsInXapicMode() {
    assertThat(apic.matches(3, false)).isTrue();
    assertThat(apic.matches(0x103, false)).isFalse();
    assertThat(apic.matches(-1, false)).isTrue();
    assertThat(apic.matches(-1, true)).isTrue();
  }

  @Test
  void stillHandsOverWhatWaitsWhenSoftwareDisablesIt() {
    write(Registers.SVR, ENABLED);
    apic.deliver(0, 0x41, false);

    write(Registers.SVR, 0xFF);
    apic.deliver(0, 0x61, false);

    assertThat(apic.pendingVector()).isEqualTo(0x41);
    assertThat(read(Registers.LVT_LINT0) & 0x1_0000).isNotZero();
    write(Registers.LVT_LINT0, 0x700);
    assertThat(read(Registers.LVT_LINT0)).as("stays masked").isEqualTo(0x1_0700);
  }

  @Test
  void survivesAnErrorEntryWhoseOwnVectorIsIllegal() {
    write(Registers.SVR, ENABLED);
    write(Registers.LVT_ERROR, 5);

    write(0x3D, 1);

    write(Registers.ESR, 0);
    assertThat(read(Registers.ESR)).isEqualTo(0xC0);
  }

  @Test
  void showsNoReservedBitsAndNoDeliveryStatusInTheCommandRegister() {
    write(Registers.SVR, ENABLED);

    write(Registers.ICR_LOW, 0xFFFF_FFFFL & ~0x700 | 0x400);

    assertThat(read(Registers.ICR_LOW)).isEqualTo(0xC_C8FF | 0x400);
  }

  @Test
  void resetsItsIdWhenItComesBackFromX2Mode() {
    write(Registers.ID, 0x5500_0000);
    assertThat(read(Registers.ID)).isEqualTo(0x5500_0000);
    long x2 = apic.base() | 0x400;

    assertThat(apic.writeBase(x2)).isTrue();
    assertThat(apic.readMsr(0x802)).isEqualTo(3);
    assertThat(apic.writeBase(x2 & ~0xC00L)).isTrue();
    assertThat(apic.writeBase(x2 & ~0x400L)).isTrue();

    assertThat(read(Registers.ID)).isEqualTo(0x0300_0000);
  }

  @Test
  void movesItsPage() {
    assertThat(apic.writeBase(apic.base() & 0xFFF | 0xFED4_0000L)).isTrue();

    assertThat(apic.page()).isEqualTo(0xFED4_0000L);
  }
}
