// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import nestor.vmx.Control.Primary;
import nestor.vmx.Control.Secondary;

/** Every instruction that may exit, with the words that its exit leaves. */
final class ExitTable {
  private ExitTable() {}

  static final long ANY = -2;

  /** One instruction: its controls, its bytes, and the exit. */
  record Case(
      String name,
      int primary,
      int secondary,
      List<Integer> code,
      int reason,
      long qualification,
      long information) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case c(
      String name, int primary, int secondary, int reason, long q, long info, int... code) {
    List<Integer> bytes = Arrays.stream(code).boxed().toList();
    return new Case(name, primary, secondary, bytes, reason, q, info);
  }

  static Stream<Case> cases() {
    int dt = Secondary.DESCRIPTOR_TABLE_EXITING;
    // The operand [rbx + 10h]: base 3, no index, DS, 64-bit addresses.
    long operand = 2 << 7 | 3 << 15 | 1 << 22 | 3 << 23;
    return Stream.of(
        c("INVD", 0, 0, ExitReason.INVD, 0, 0, 0x0F, 0x08),
        c("INVLPG", Primary.INVLPG_EXITING, 0, ExitReason.INVLPG, 0x5010, ANY, 0x0F, 1, 0x7B, 0x10),
        c("RDPMC", Primary.RDPMC_EXITING, 0, ExitReason.RDPMC, 0, 0, 0x0F, 0x33),
        c("RDTSC", Primary.RDTSC_EXITING, 0, ExitReason.RDTSC, 0, 0, 0x0F, 0x31),
        c(
            "RDTSCP",
            Primary.RDTSC_EXITING,
            Secondary.RDTSCP,
            ExitReason.RDTSCP,
            0,
            0,
            0x0F,
            0x01,
            0xF9),
        c("VMCALL", 0, 0, ExitReason.VMCALL, 0, 0, 0x0F, 0x01, 0xC1),
        c("VMCLEAR", 0, 0, ExitReason.VMCLEAR, 0x10, operand, 0x66, 0x0F, 0xC7, 0x73, 0x10),
        c("VMLAUNCH", 0, 0, ExitReason.VMLAUNCH, 0, 0, 0x0F, 0x01, 0xC2),
        c("VMPTRLD", 0, 0, ExitReason.VMPTRLD, 0x10, operand, 0x0F, 0xC7, 0x73, 0x10),
        c("VMPTRST", 0, 0, ExitReason.VMPTRST, 0x10, operand, 0x0F, 0xC7, 0x7B, 0x10),
        c("VMREAD", 0, 0, ExitReason.VMREAD, 0x10, operand | 2L << 28, 0x0F, 0x78, 0x53, 0x10),
        c("VMRESUME", 0, 0, ExitReason.VMRESUME, 0, 0, 0x0F, 0x01, 0xC3),
        c("VMWRITE", 0, 0, ExitReason.VMWRITE, 0, 1 << 10 | 3 << 3 | 2L << 28, 0x0F, 0x79, 0xD3),
        c("VMXOFF", 0, 0, ExitReason.VMXOFF, 0, 0, 0x0F, 0x01, 0xC4),
        c("VMXON", 0, 0, ExitReason.VMXON, 0x10, operand, 0xF3, 0x0F, 0xC7, 0x73, 0x10),
        c(
            "MOV to DR7",
            Primary.MOV_DR_EXITING,
            0,
            ExitReason.DR_ACCESS,
            7 | 3 << 8,
            0,
            0x0F,
            0x23,
            0xFB),
        c(
            "MOV from DR6",
            Primary.MOV_DR_EXITING,
            0,
            ExitReason.DR_ACCESS,
            6 | 1 << 4 | 3 << 8,
            0,
            0x0F,
            0x21,
            0xF3),
        c(
            "MOV to CR3",
            Primary.CR3_LOAD_EXITING,
            0,
            ExitReason.CR_ACCESS,
            3 | 3 << 8,
            0,
            0x0F,
            0x22,
            0xDB),
        c(
            "MOV from CR3",
            Primary.CR3_STORE_EXITING,
            0,
            ExitReason.CR_ACCESS,
            3 | 1 << 4 | 3 << 8,
            0,
            0x0F,
            0x20,
            0xDB),
        c(
            "MOV to CR8",
            Primary.CR8_LOAD_EXITING,
            0,
            ExitReason.CR_ACCESS,
            8 | 3 << 8,
            0,
            0x44,
            0x0F,
            0x22,
            0xC3),
        c(
            "MOV from CR8",
            Primary.CR8_STORE_EXITING,
            0,
            ExitReason.CR_ACCESS,
            8 | 1 << 4 | 3 << 8,
            0,
            0x44,
            0x0F,
            0x20,
            0xC3),
        c("OUT DX, EAX", Primary.UNCONDITIONAL_IO_EXITING, 0, ExitReason.IO, 3, 0, 0xEF),
        c(
            "REP OUTSB",
            Primary.UNCONDITIONAL_IO_EXITING,
            0,
            ExitReason.IO,
            1 << 4 | 1 << 5,
            2 << 7 | 3 << 15,
            0xF3,
            0x6E),
        c("WRMSR", 0, 0, ExitReason.WRMSR, 0, 0, 0x0F, 0x30),
        c("RDMSR", 0, 0, ExitReason.RDMSR, 0, 0, 0x0F, 0x32),
        c("MWAIT", Primary.MWAIT_EXITING, 0, ExitReason.MWAIT, 0, 0, 0x0F, 0x01, 0xC9),
        c("MONITOR", Primary.MONITOR_EXITING, 0, ExitReason.MONITOR, 0, 0, 0x0F, 0x01, 0xC8),
        c("PAUSE", Primary.PAUSE_EXITING, 0, ExitReason.PAUSE, 0, 0, 0xF3, 0x90),
        c("SGDT", 0, dt, ExitReason.GDTR_IDTR_ACCESS, 0x10, ANY, 0x0F, 0x01, 0x43, 0x10),
        c("LIDT", 0, dt, ExitReason.GDTR_IDTR_ACCESS, 0x10, ANY, 0x0F, 0x01, 0x5B, 0x10),
        c("STR", 0, dt, ExitReason.LDTR_TR_ACCESS, 0, 1 << 10 | 3 << 3 | 1 << 28, 0x0F, 0x00, 0xCB),
        c(
            "LLDT",
            0,
            dt,
            ExitReason.LDTR_TR_ACCESS,
            0,
            1 << 10 | 3 << 3 | 2 << 28,
            0x0F,
            0x00,
            0xD3),
        c("WBINVD", 0, Secondary.WBINVD_EXITING, ExitReason.WBINVD, 0, 0, 0x0F, 0x09),
        c("XSETBV", 0, 0, ExitReason.XSETBV, 0, 0, 0x0F, 0x01, 0xD1),
        c(
            "RDRAND",
            0,
            Secondary.RDRAND_EXITING,
            ExitReason.RDRAND,
            0,
            3 << 3 | 2 << 11,
            0x48,
            0x0F,
            0xC7,
            0xF3),
        c(
            "RDSEED",
            0,
            Secondary.RDSEED_EXITING,
            ExitReason.RDSEED,
            0,
            3 << 3 | 1 << 11,
            0x0F,
            0xC7,
            0xFB),
        c(
            "INVPCID",
            Primary.INVLPG_EXITING,
            Secondary.INVPCID,
            ExitReason.INVPCID,
            0x10,
            operand | 2L << 28,
            0x66,
            0x0F,
            0x38,
            0x82,
            0x53,
            0x10),
        c(
            "INVEPT",
            0,
            0,
            ExitReason.INVEPT,
            0x10,
            operand | 2L << 28,
            0x66,
            0x0F,
            0x38,
            0x80,
            0x53,
            0x10),
        c(
            "INVVPID",
            0,
            0,
            ExitReason.INVVPID,
            0x10,
            operand | 2L << 28,
            0x66,
            0x0F,
            0x38,
            0x81,
            0x53,
            0x10));
  }
}
