// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import nestor.svm.Vectors.Fifth;
import nestor.svm.Vectors.Fourth;
import nestor.svm.Vectors.Third;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every bit of the intercept vectors (APM vol. 2, appendix B, table "VMCB Layout, Control Area"):
 * set, its event exits with its code; clear, the same event does not exit by it.
 */
class EveryInterceptTest {
  private interface Change {
    void on(Lab lab);
  }

  /** A bit, its exit code, what is set up before VMRUN, the guest's code, what happens then. */
  private record Case(
      VmcbField vector,
      long bit,
      int code,
      Change setUp,
      Change after,
      List<Integer> instructions) {

    static Case of(VmcbField vector, long bit, int code, Change setUp, Change after, int... bytes) {
      return new Case(vector, bit, code, setUp, after, IntStream.of(bytes).boxed().toList());
    }

    int[] bytes() {
      return instructions.stream().mapToInt(n -> n).toArray();
    }
  }

  private static final Map<String, Case> CASES = new LinkedHashMap<>();
  private static final Change NOTHING = lab -> {};

  /** VMRUN of a guest cannot be left unintercepted: a row of its own in EntryChecksTest. */
  private static final String ALWAYS = "VMRUN";

  /** SKINIT is not offered, so it is #UD, which goes before the intercept. */
  private static final String ABSENT = "SKINIT";

  private static void third(String name, long bit, int code, int... bytes) {
    CASES.put(name, Case.of(INTERCEPT_3, bit & 0xFFFF_FFFFL, code, NOTHING, NOTHING, bytes));
  }

  private static void third(String name, long bit, int code, Change setUp, int... bytes) {
    CASES.put(name, Case.of(INTERCEPT_3, bit & 0xFFFF_FFFFL, code, setUp, NOTHING, bytes));
  }

  private static void event(String name, long bit, int code, Change setUp, Change after) {
    CASES.put(name, Case.of(INTERCEPT_3, bit, code, setUp, after, 0x90, 0x90, 0xF4));
  }

  private static void fourth(String name, long bit, int code, Change setUp, int... bytes) {
    CASES.put(name, Case.of(INTERCEPT_4, bit & 0xFFFF_FFFFL, code, setUp, NOTHING, bytes));
  }

  private static final int[] SIDT = {0x0F, 0x01, 0x0C, 0x25, 0, 0x50, 0, 0};
  private static final int[] SGDT = {0x0F, 0x01, 0x04, 0x25, 0, 0x50, 0, 0};
  private static final int[] LIDT = {0x0F, 0x01, 0x1C, 0x25, 0, 0x50, 0, 0};
  private static final int[] LGDT = {0x0F, 0x01, 0x14, 0x25, 0, 0x50, 0, 0};
  private static final int[] READ_WRITE_EFER = {0xB9, 0x80, 0, 0, 0xC0, 0x0F, 0x32, 0x0F, 0x30};

  static {
    event(
        "INTR",
        Third.INTR,
        ExitCode.INTR,
        lab -> {
          lab.field(RFLAGS, 0x202).handler(0x51, Lab.L2_CODE + 0x100);
          lab.v.apic.store(0xF0, 4, 0x1FF);
        },
        lab -> lab.v.apic.deliver(0, 0x51, false));
    event(
        "NMI",
        Third.NMI,
        ExitCode.NMI,
        lab -> lab.handler(2, Lab.L2_CODE + 0x100),
        lab -> lab.v.pend(State.PENDING_NMI));
    event("SMI", Third.SMI, ExitCode.SMI, NOTHING, lab -> lab.v.pend(State.PENDING_SMI));
    event("INIT", Third.INIT, ExitCode.INIT, NOTHING, lab -> lab.v.pend(State.PENDING_INIT));
    event(
        "VINTR",
        Third.VINTR,
        ExitCode.VINTR,
        lab ->
            lab.field(RFLAGS, 0x202)
                .handler(0x51, Lab.L2_CODE + 0x100)
                .field(INTERRUPT_CONTROL, 0x51L << 32 | 15 << 16 | Svm.V_IRQ),
        NOTHING);
    third("CR0_SEL_WRITE", Third.CR0_SEL_WRITE, ExitCode.CR0_SEL_WRITE, writeCr0());
    third("IDTR_READ", Third.IDTR_READ, ExitCode.IDTR_READ, SIDT);
    third("GDTR_READ", Third.GDTR_READ, ExitCode.GDTR_READ, SGDT);
    third("LDTR_READ", Third.LDTR_READ, ExitCode.LDTR_READ, 0x0F, 0x00, 0xC0);
    third("TR_READ", Third.TR_READ, ExitCode.TR_READ, 0x0F, 0x00, 0xC8);
    third("IDTR_WRITE", Third.IDTR_WRITE, ExitCode.IDTR_WRITE, LIDT);
    third("GDTR_WRITE", Third.GDTR_WRITE, ExitCode.GDTR_WRITE, LGDT);
    third("LDTR_WRITE", Third.LDTR_WRITE, ExitCode.LDTR_WRITE, 0x0F, 0x00, 0xD3);
    third("TR_WRITE", Third.TR_WRITE, ExitCode.TR_WRITE, 0x0F, 0x00, 0xDB);
    third("RDTSC", Third.RDTSC, ExitCode.RDTSC, 0x0F, 0x31);
    third("RDPMC", Third.RDPMC, ExitCode.RDPMC, 0x0F, 0x33);
    third("PUSHF", Third.PUSHF, ExitCode.PUSHF, 0x9C);
    third("POPF", Third.POPF, ExitCode.POPF, 0x6A, 0x02, 0x9D);
    third("CPUID", Third.CPUID, ExitCode.CPUID, 0x0F, 0xA2);
    third("RSM", Third.RSM, ExitCode.RSM, 0x0F, 0xAA);
    third("IRET", Third.IRET, ExitCode.IRET, 0x48, 0xCF);
    third("SWINT", Third.SWINT, ExitCode.SWINT, 0xCD, 0x80);
    third("INVD", Third.INVD, ExitCode.INVD, 0x0F, 0x08);
    third("PAUSE", Third.PAUSE, ExitCode.PAUSE, 0xF3, 0x90);
    third("HLT", Third.HLT, ExitCode.HLT, 0xF4);
    third("INVLPG", Third.INVLPG, ExitCode.INVLPG, 0x0F, 0x01, 0x3B);
    third("INVLPGA", Third.INVLPGA, ExitCode.INVLPGA, 0x0F, 0x01, 0xDF);
    third(
        "IOIO_PROT",
        Third.IOIO_PROT,
        ExitCode.IOIO,
        lab -> {
          lab.field(IOPM_BASE_PA, Lab.IOPM);
          lab.put(Lab.IOPM + 0x61 / 8, 1, 2);
        },
        0xE4,
        0x61);
    third(
        "MSR_PROT",
        Third.MSR_PROT,
        ExitCode.MSR,
        lab -> {
          lab.field(MSRPM_BASE_PA, Lab.MSRPM);
          lab.put(Lab.MSRPM + 0x800 + 0x80 / 4, 1, 1);
        },
        READ_WRITE_EFER);
    third(
        "TASK_SWITCH",
        Third.TASK_SWITCH,
        ExitCode.TASK_SWITCH,
        EveryInterceptTest::tasks,
        0xEA,
        0,
        0,
        0,
        0,
        0x28,
        0);
    third(
        "SHUTDOWN", Third.SHUTDOWN, ExitCode.SHUTDOWN, lab -> lab.field(IDTR_LIMIT, 0), 0x0F, 0x0B);

    fourth("VMMCALL", Fourth.VMMCALL, ExitCode.VMMCALL, NOTHING, 0x0F, 0x01, 0xD9);
    fourth("VMLOAD", Fourth.VMLOAD, ExitCode.VMLOAD, NOTHING, 0x0F, 0x01, 0xDA);
    fourth("VMSAVE", Fourth.VMSAVE, ExitCode.VMSAVE, NOTHING, 0x0F, 0x01, 0xDB);
    fourth("STGI", Fourth.STGI, ExitCode.STGI, NOTHING, 0x0F, 0x01, 0xDC);
    fourth("CLGI", Fourth.CLGI, ExitCode.CLGI, NOTHING, 0x0F, 0x01, 0xDD);
    fourth("RDTSCP", Fourth.RDTSCP, ExitCode.RDTSCP, NOTHING, 0x0F, 0x01, 0xF9);
    fourth("ICEBP", Fourth.ICEBP, ExitCode.ICEBP, NOTHING, 0xF1);
    fourth("WBINVD", Fourth.WBINVD, ExitCode.WBINVD, NOTHING, 0x0F, 0x09);
    fourth("MONITOR", Fourth.MONITOR, ExitCode.MONITOR, NOTHING, 0x0F, 0x01, 0xC8);
    fourth("MWAIT", Fourth.MWAIT, ExitCode.MWAIT, NOTHING, 0x0F, 0x01, 0xC9);
    fourth(
        "MWAIT_CONDITIONAL",
        Fourth.MWAIT_CONDITIONAL,
        ExitCode.MWAIT_CONDITIONAL,
        NOTHING,
        0x0F,
        0x01,
        0xC8,
        0x0F,
        0x01,
        0xC9);
    fourth(
        "XSETBV",
        Fourth.XSETBV,
        ExitCode.XSETBV,
        lab -> lab.or(CR4, 1 << 18),
        0x0F,
        0x01,
        0xD0,
        0x0F,
        0x01,
        0xD1);
    fourth(
        "EFER_WRITE_TRAP",
        Fourth.EFER_WRITE_TRAP,
        ExitCode.EFER_WRITE_TRAP,
        NOTHING,
        READ_WRITE_EFER);
    CASES.put(
        "INVPCID",
        Case.of(
            INTERCEPT_5,
            Fifth.INVPCID,
            ExitCode.INVPCID,
            NOTHING,
            NOTHING,
            0x66,
            0x0F,
            0x38,
            0x82,
            0x0B));
    for (int n : new int[] {0, 2, 3, 4, 8}) {
      int[] code = {
        0x40 | n >>> 3 << 2,
        0x0F,
        0x20,
        0xC2 | (n & 7) << 3,
        0x40 | n >>> 3 << 2,
        0x0F,
        0x22,
        0xC2 | (n & 7) << 3
      };
      control("CR" + n + "_READ", INTERCEPT_CR, n, ExitCode.CR0_READ + n, code);
      control("CR" + n + "_WRITE", INTERCEPT_CR, 16 + n, ExitCode.CR0_WRITE + n, code);
      control("CR" + n + "_WRITE_TRAP", INTERCEPT_4, 16 + n, ExitCode.CR0_WRITE_TRAP + n, code);
    }
    for (int n = 0; n < 8; n++) {
      int[] code = {0x0F, 0x21, 0xC2 | n << 3, 0x0F, 0x23, 0xC2 | n << 3};
      control("DR" + n + "_READ", INTERCEPT_DR, n, ExitCode.DR0_READ + n, code);
      control("DR" + n + "_WRITE", INTERCEPT_DR, 16 + n, ExitCode.DR0_WRITE + n, code);
    }
    for (int n = 0; n < 32; n++) {
      int vector = n;
      if (n != 2) { // NMI is no exception
        Change raise = lab -> lab.v.system.raise(lab.v.fault(vector, 0));
        CASES.put(
            "EXCP" + n,
            Case.of(
                INTERCEPT_EXCEPTIONS,
                1L << n,
                ExitCode.EXCEPTION + n,
                lab -> lab.handler(vector, Lab.L2_CODE + 0x100),
                raise,
                0x90));
      }
    }
  }

  private static void control(String name, VmcbField vector, int bit, int code, int... bytes) {
    CASES.put(name, Case.of(vector, 1L << bit, code, NOTHING, NOTHING, bytes));
  }

  /** Sets WP. */
  private static int[] writeCr0() {
    return new int[] {0x0F, 0x20, 0xC0, 0x48, 0x0F, 0xBA, 0xE8, 16, 0x0F, 0x22, 0xC0};
  }

  /** A 32-bit guest without paging, whose GDT has a TSS at 28h. */
  private static void tasks(Lab lab) {
    lab.field(EFER, 1 << 12).field(CR0, 0x11).field(CR4, 0);
    lab.field(CS_ATTRIBUTES, 0xC9B).field(GDTR_BASE, 0x6000);
    lab.put(0x6028, 8, 0x0000_8900_7000_0067L);
    State.setSegment(lab.s, Segment.TR, 0x30, 0x7100, 0x67, 0x8B);
  }

  static Stream<String> names() {
    return CASES.keySet().stream();
  }

  private static Lab lab(Case one) {
    Lab lab = new Lab().legal().field(RAX, 0x3_9000).code(one.bytes());
    lab.put(Lab.L2_CODE + one.bytes().length, 1, 0xF4);
    lab.put(0x5000, 8, 0xFFFF);
    lab.gpr(1, 0);
    lab.gpr(2, 0);
    lab.gpr(3, 0);
    one.setUp.on(lab);
    return lab;
  }

  private static int outcome(Lab lab, Case one) {
    lab.vmrun();
    if (lab.v.intercepts.guest) {
      one.after.on(lab);
    }
    return lab.run();
  }

  @ParameterizedTest
  @MethodSource("names")
  void exitsByItsBitAndNotWithoutIt(String name) {
    Case one = CASES.get(name);
    Lab with = lab(one).or(one.vector, one.bit);
    assertThat(outcome(with, one)).isEqualTo(one.code);

    Lab without = lab(one).without(one.vector, one.bit);
    assertThat(outcome(without, one)).isNotEqualTo(one.code);
  }

  /** Registers that do not exist are #UD, whatever is intercepted. */
  static IntStream absentRegisters() {
    return IntStream.of(1, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15);
  }

  @ParameterizedTest
  @MethodSource("absentRegisters")
  void anAbsentControlRegisterIsUndefinedBeforeItsIntercept(int n) {
    Lab lab = new Lab().legal().field(INTERCEPT_CR, 0xFFFF_FFFFL).field(INTERCEPT_EXCEPTIONS, 64);
    lab.code(0x40 | n >>> 3 << 2, 0x0F, 0x20, 0xC2 | (n & 7) << 3);

    assertThat(lab.go()).isEqualTo(ExitCode.EXCEPTION + 6);
  }

  @Test
  void skinitIsUndefinedBeforeItsIntercept() {
    Lab lab = new Lab().legal().or(INTERCEPT_4, Fourth.SKINIT).field(INTERCEPT_EXCEPTIONS, 64);

    assertThat(lab.code(0x0F, 0x01, 0xDE).go()).isEqualTo(ExitCode.EXCEPTION + 6);
  }

  private static void bits(Class<?> vector, List<String> all) throws IllegalAccessException {
    for (Field field : vector.getDeclaredFields()) {
      if (field.getType() == int.class && field.getInt(null) != 0) {
        all.add(field.getName());
      }
    }
  }

  @Test
  void everyBitOfTheVectorsHasACase() throws IllegalAccessException {
    List<String> bits = new ArrayList<>();
    bits(Third.class, bits);
    bits(Fourth.class, bits);
    bits(Fifth.class, bits);
    bits.removeAll(List.of(ALWAYS, ABSENT));
    TreeSet<String> missing = new TreeSet<>(bits);
    missing.removeAll(CASES.keySet());

    System.out.printf(
        "SVM intercepts: %d bits, %d cases, missing %s%n",
        bits.size(), CASES.size(), missing.isEmpty() ? "none" : missing);
    assertThat(missing).isEmpty();
  }
}
