// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;
import nestor.vmx.Control.Word;

/**
 * The capabilities that a vCPU has, and what follows from them: which control bits must be 0 or 1,
 * which fields exist, and the capability MSRs (SDM vol. 3D, "VMX Capability Reporting Facility").
 */
final class Capabilities {
  static final int FIRST_MSR = 0x480;
  static final int LAST_MSR = 0x491;

  /**
   * The preemption timer counts every 4 ticks of the TSC. An instruction is a tick here, so that
   * the 32 of recent processors would be a long time; much less makes a rate that KVM refuses.
   */
  static final int TIMER_SHIFT = 2;

  static final int CR3_TARGETS = 4;
  static final int MSR_LIST_LIMIT = 512;

  /** CR0.PE, CR0.NE and CR0.PG are 1 in VMX operation. */
  static final long CR0_FIXED0 = 0x8000_0021L;

  static final long CR0_FIXED1 = 0xFFFF_FFFFL;

  /** CR4.VMXE is 1 in VMX operation. */
  static final long CR4_FIXED0 = 0x2000;

  /** EPTP: execute-only, 4 levels, UC and WB, 2 MiB, 1 GiB, INVEPT, A and D bits, its types. */
  private static final long EPT_BITS =
      1 | 1 << 6 | 1 << 8 | 1 << 14 | 1 << 16 | 1 << 17 | 1 << 20 | 1 << 21 | 1 << 22 | 1 << 25
          | 1 << 26;

  /** INVVPID and its four types. */
  private static final long VPID_BITS = 1L << 32 | 1L << 40 | 1L << 41 | 1L << 42 | 1L << 43;

  /** Bits that are 1 by default, and of those the ones that the TRUE MSRs allow to be 0. */
  private static final int[] DEFAULT1 = {0x16, 0x0401_E172, 0, 0x0003_6DFF, 0x0000_11FF};

  private static final int[] MAY_BE_0 = {0, 0x0001_8000, 0, 0x4, 0x4};

  private final Set<Capability> present = EnumSet.noneOf(Capability.class);
  private final int[] allowed1 = new int[Word.values().length];
  private final long cr4Bits;

  /**
   * Computes what there is.
   *
   * @param features whether the CPU model offers a CPUID feature
   * @param withheld capabilities that are not to be there
   * @param cr4Bits bits that CR4 may have
   */
  Capabilities(Predicate<String> features, Predicate<String> withheld, long cr4Bits) {
    this.cr4Bits = cr4Bits;
    for (Capability capability : Capability.values()) {
      boolean possible =
          (capability.needs() == null || present.contains(capability.needs()))
              && (capability.feature() == null || features.test(capability.feature()))
              && !withheld.test(capability.name());
      if (possible) {
        present.add(capability);
      }
    }
    for (Word word : Word.values()) {
      int bits = DEFAULT1[word.ordinal()];
      for (Capability capability : present) {
        bits |= capability.bits(word);
      }
      allowed1[word.ordinal()] = bits;
    }
  }

  boolean has(Capability capability) {
    return present.contains(capability);
  }

  boolean has(VmcsField field) {
    return present.contains(field.capability());
  }

  /** {@return the bits that must be 1 in a word, by the TRUE capability MSRs} */
  int mustBe1(Word word) {
    return DEFAULT1[word.ordinal()] & ~MAY_BE_0[word.ordinal()];
  }

  /** {@return the bits that may be 1 in a word} */
  int mayBe1(Word word) {
    return allowed1[word.ordinal()];
  }

  private long pair(int low, Word word) {
    return low & 0xFFFF_FFFFL | (long) mayBe1(word) << 32;
  }

  private long plain(Word word) {
    return pair(DEFAULT1[word.ordinal()], word);
  }

  private long exact(Word word) {
    return pair(mustBe1(word), word);
  }

  boolean hasMsr(int msr) {
    return switch (msr) {
      case 0x48B -> has(Capability.SECONDARY_CONTROLS);
      case 0x48C -> has(Capability.EPT) || has(Capability.VPID);
      case 0x491 -> has(Capability.VM_FUNCTIONS);
      default -> msr >= FIRST_MSR && msr <= LAST_MSR;
    };
  }

  /** {@return a capability MSR that {@link #hasMsr}} */
  long msr(int msr) {
    return switch (msr) {
      case 0x480 -> basic();
      case 0x481 -> plain(Word.PIN);
      case 0x482 -> plain(Word.PRIMARY);
      case 0x483 -> plain(Word.EXIT);
      case 0x484 -> plain(Word.ENTRY);
      case 0x485 -> misc();
      case 0x486 -> CR0_FIXED0;
      case 0x487 -> CR0_FIXED1;
      case 0x488 -> CR4_FIXED0;
      case 0x489 -> cr4Bits;
      case 0x48A -> highestIndex() << 1;
      case 0x48B -> exact(Word.SECONDARY);
      case 0x48C -> eptVpid();
      case 0x48D -> exact(Word.PIN);
      case 0x48E -> exact(Word.PRIMARY);
      case 0x48F -> exact(Word.EXIT);
      case 0x490 -> exact(Word.ENTRY);
      default -> 1; // VMFUNC: EPTP switching
    };
  }

  /** Revision, 4 KiB regions, write-back, INS and OUTS information, TRUE MSRs. */
  private static long basic() {
    return Vmcs.REVISION | 4096L << 32 | 6L << 50 | 1L << 54 | 1L << 55;
  }

  /** Timer rate, EFER.LMA is stored, HLT, shutdown and wait-for-SIPI, VMWRITE to any field. */
  private static long misc() {
    return TIMER_SHIFT | 1 << 5 | 7 << 6 | CR3_TARGETS << 16 | 1L << 29 | 1L << 30;
  }

  private long highestIndex() {
    long highest = 0;
    for (int i = 0; i < VmcsField.count(); i++) {
      if (has(VmcsField.at(i))) {
        highest = Math.max(highest, VmcsField.at(i).index());
      }
    }
    return highest;
  }

  long eptVpid() {
    return (has(Capability.EPT) ? EPT_BITS : 0) | (has(Capability.VPID) ? VPID_BITS : 0);
  }
}
