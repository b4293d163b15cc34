// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.svm.Vectors.Fourth;
import nestor.svm.Vectors.Third;
import nestor.vcpu.Flags;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * INIT, SMI, interrupts, single steps and write traps around a guest, and what goes before what.
 */
class PhysicalEventsTest {
  private static final int VM_CR = 0xC001_0114;
  private static final int HWCR = 0xC001_0015;
  private static final long R_INIT = 1 << 1;
  private static final int[] SPIN = {0xEB, 0xFE};
  private static final long HANDLER = Lab.L2_CODE + 0x100;

  @Test
  void anInitThatIsRedirectedIsASecurityExceptionOfTheGuest() {
    Lab lab = new Lab().legal().code(SPIN).handler(30, HANDLER);
    lab.v.system.writeMsr(VM_CR, R_INIT);
    lab.vmrun();
    lab.v.pend(State.PENDING_INIT);

    assertThat(lab.run()).isEqualTo(ExitCode.HLT);
    assertThat(lab.field(RIP)).isEqualTo(HANDLER);
    assertThat(lab.at(lab.field(RSP), 8)).as("error code: INIT").isEqualTo(1);
    assertThat(lab.get(State.PENDING) & State.PENDING_INIT).isZero();
  }

  @Test
  void theSecurityExceptionCanBeIntercepted() {
    Lab lab = new Lab().legal().code(SPIN).field(INTERCEPT_EXCEPTIONS, 1 << 30);
    lab.v.system.writeMsr(VM_CR, R_INIT);
    lab.vmrun();
    lab.v.pend(State.PENDING_INIT);

    assertThat(lab.run()).isEqualTo(ExitCode.EXCEPTION + 30);
    assertThat(lab.field(EXITINFO1)).isEqualTo(1);
  }

  @Test
  void theInitInterceptGoesBeforeTheRedirection() {
    Lab lab = new Lab().legal().code(SPIN).or(INTERCEPT_3, Third.INIT);
    lab.v.system.writeMsr(VM_CR, R_INIT);
    lab.vmrun();
    lab.v.pend(State.PENDING_INIT);

    assertThat(lab.run()).isEqualTo(ExitCode.INIT);
    assertThat(lab.get(State.PENDING) & State.PENDING_INIT).isNotZero();
  }

  @Test
  void anInitThatIsNeitherInterceptedNorRedirectedResetsTheProcessor() {
    Lab lab = new Lab().legal().code(SPIN);
    lab.vmrun();
    lab.v.pend(State.PENDING_INIT);
    lab.one();

    assertThat(lab.v.intercepts.guest).isFalse();
    assertThat(lab.get(State.CR0) & 1).isZero();
    assertThat(lab.get(State.EFER)).isZero();
  }

  @Test
  void anSmiExitsUnlessItIsLocked() {
    Lab lab = new Lab().legal().or(INTERCEPT_3, Third.SMI).code(0x90, 0x90, 0xF4);
    lab.vmrun();
    lab.v.pend(State.PENDING_SMI);
    assertThat(lab.run()).isEqualTo(ExitCode.SMI);
    assertThat(lab.get(State.PENDING) & State.PENDING_SMI).isNotZero();

    Lab locked = new Lab().legal().or(INTERCEPT_3, Third.SMI).code(0x90, 0x90, 0xF4);
    locked.v.system.writeMsr(HWCR, locked.v.system.readMsr(HWCR) | 1);
    locked.vmrun();
    locked.v.pend(State.PENDING_SMI);
    assertThat(locked.run()).isEqualTo(ExitCode.HLT);
  }

  private static Lab interrupted(long control, long hostFlags, long guestFlags) {
    Lab lab = new Lab().legal().code(0x90, 0x90, 0xF4).handler(0x51, HANDLER);
    lab.field(INTERRUPT_CONTROL, control).field(RFLAGS, guestFlags);
    lab.v.apic.store(0xF0, 4, 0x1FF);
    Flags.write(lab.s, hostFlags);
    lab.vmrun();
    lab.v.apic.deliver(0, 0x51, false);
    return lab;
  }

  /**
   * Without the intercept a physical interrupt goes to the guest's handler, by the IF that counts.
   */
  @ParameterizedTest
  @CsvSource({
    "false, 2, 202, true",
    "false, 202, 2, false",
    "true, 202, 2, true",
    "true, 2, 202, false"
  })
  void unintercepted(boolean masking, String host, String guest, boolean taken) {
    long control = masking ? Svm.V_INTR_MASKING : 0;
    Lab lab = interrupted(control, Long.parseLong(host, 16), Long.parseLong(guest, 16));

    assertThat(lab.run()).isEqualTo(ExitCode.HLT);
    assertThat(lab.field(RIP) == HANDLER).isEqualTo(taken);
  }

  @ParameterizedTest
  @CsvSource({
    "0F22C1, 80000000, CR0: PG without PE",
    "0F22C1, 100000000, CR0: bit 32",
    "0F22D9, 10000000000000, CR3: bit 52",
    "0F22E1, 0, CR4: without PAE in long mode",
    "0F22E1, 80000020, CR4: reserved bit",
    "440F22C1, 10, CR8: bit 4",
  })
  void aBadValueIsAProtectionFaultBeforeTheIntercept(String code, String value, String why) {
    Lab lab = new Lab().legal().field(INTERCEPT_CR, 0xFFFF_0000L);
    lab.field(INTERCEPT_EXCEPTIONS, 1 << 13);
    int[] bytes = new int[code.length() / 2];
    for (int n = 0; n < bytes.length; n++) {
      bytes[n] = Integer.parseInt(code.substring(2 * n, 2 * n + 2), 16);
    }
    lab.code(bytes).gpr(1, Long.parseLong(value, 16));

    assertThat(lab.go()).describedAs(why).isEqualTo(ExitCode.EXCEPTION + 13);
  }

  @Test
  void aTrapOfCr4ComesBehindTheWriteAndTellsTheValue() {
    Lab lab = new Lab().legal().field(INTERCEPT_4, Fourth.VMRUN | 1 << 20);
    lab.code(0x0F, 0x22, 0xE1, 0xF4).gpr(1, 0xA0); // mov cr4, rcx

    assertThat(lab.go()).isEqualTo(ExitCode.CR0_WRITE_TRAP + 4);
    assertThat(lab.field(EXITINFO1)).isEqualTo(0xA0);
    assertThat(lab.field(CR4)).isEqualTo(0xA0);
    assertThat(lab.field(RIP)).isEqualTo(Lab.L2_CODE + 3);
  }

  @Test
  void aWriteThatFaultsTrapsNothing() {
    Lab lab = new Lab().legal().field(INTERCEPT_4, Fourth.VMRUN | 1 << 20);
    lab.field(INTERCEPT_EXCEPTIONS, 1 << 13).code(0x0F, 0x22, 0xE1).gpr(1, 0);

    assertThat(lab.go()).isEqualTo(ExitCode.EXCEPTION + 13);
    assertThat(lab.field(CR4)).isEqualTo(0x20);
  }

  @Test
  void cltsAndLmswAreWritesOfCr0() {
    Lab clts = new Lab().legal().field(INTERCEPT_4, Fourth.VMRUN | 1 << 16).or(CR0, 8);
    assertThat(clts.code(0x0F, 0x06).go()).isEqualTo(ExitCode.CR0_WRITE_TRAP);
    assertThat(clts.field(CR0) & 8).isZero();

    Lab lmsw = new Lab().legal().field(INTERCEPT_4, Fourth.VMRUN | 1 << 16);
    lmsw.code(0x0F, 0x01, 0xF1).gpr(1, 0xA); // lmsw cx: MP and TS; PE stays
    assertThat(lmsw.go()).isEqualTo(ExitCode.CR0_WRITE_TRAP);
    assertThat(lmsw.field(CR0) & 15).isEqualTo(0xB);
  }

  /** VMRUN under TF: its trap comes behind #VMEXIT; the guest is stepped by its own TF alone. */
  @Test
  void aGuestIsSteppedByItsOwnFlagAlone() {
    Lab host = new Lab().legal().field(INTERCEPT_EXCEPTIONS, 2).code(0x90, 0x90, 0xF4);
    host.handler(1, HANDLER);
    host.set(State.IDTR, Lab.L2_IDT);
    host.set(State.IDTR + 8, 0xFFF);
    host.set(State.GDTR, 0x6000);
    host.set(State.GDTR + 8, 0xFFFF);
    Flags.write(host.s, 0x102);
    host.v.flagsWritten(0x102);
    assertThat(host.go()).isEqualTo(ExitCode.HLT);
    host.one();
    assertThat(host.get(State.RIP)).as("trap of VMRUN, with GIF = 0").isEqualTo(HANDLER + 1);
    assertThat(host.at(host.gpr(4), 8)).isEqualTo(Lab.L1_CODE + 3);

    Lab guest = new Lab().legal().field(INTERCEPT_EXCEPTIONS, 2).field(RFLAGS, 0x102);
    guest.code(0x90, 0x90, 0xF4);
    assertThat(guest.go()).isEqualTo(ExitCode.EXCEPTION + 1);
    assertThat(guest.field(RIP)).isEqualTo(Lab.L2_CODE + 1);
    assertThat(guest.field(DR6) & 0x4000).isNotZero();
  }
}
