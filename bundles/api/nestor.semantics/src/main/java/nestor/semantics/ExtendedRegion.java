// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * The components of the extended region of an XSAVE area, one at a time between the state block and
 * an image. Outside 64-bit mode vector registers from 8 on are neither saved nor loaded (SDM vol.
 * 1, "AVX State", "AVX-512 State").
 */
final class ExtendedRegion {
  private static final int AVX = 2;
  private static final int OPMASK = 5;
  private static final int ZMM_HIGH256 = 6;
  private static final int HIGH16_ZMM = 7;

  private ExtendedRegion() {}

  /** {@return the bytes of component n that the mode has} */
  static int length(Insn i, int n) {
    return switch (n) {
      case AVX -> 16 * LegacyRegion.registers(i);
      case ZMM_HIGH256 -> 32 * LegacyRegion.registers(i);
      case HIGH16_ZMM -> i.mode == 64 ? 1024 : 0;
      default -> XsaveComponents.size(n);
    };
  }

  /** Puts component n at the beginning of the image, and returns its bytes. */
  static int save(long s, Insn i, int n) {
    long image = s + State.IMAGE;
    switch (n) {
      case AVX -> {
        for (int r = 0; r < LegacyRegion.registers(i); r++) {
          Mem.copy(State.vector(s, r) + 16, image + 16L * r, 16);
        }
      }
      case OPMASK -> Mem.copy(s + State.OPMASK, image, 64);
      case ZMM_HIGH256 -> {
        for (int r = 0; r < LegacyRegion.registers(i); r++) {
          Mem.copy(State.vector(s, r) + 32, image + 32L * r, 32);
        }
      }
      case HIGH16_ZMM -> Mem.copy(State.vector(s, 16), image, 1024);
      default -> Mem.putLong(image, State.get(s, State.PKRU));
    }
    return length(i, n);
  }

  /** Loads component n from {@code image}. */
  static void load(Vcpu v, Insn i, int n, long image) {
    long s = v.state;
    switch (n) {
      case AVX -> {
        for (int r = 0; r < LegacyRegion.registers(i); r++) {
          Mem.copy(image + 16L * r, State.vector(s, r) + 16, 16);
        }
      }
      case OPMASK -> Mem.copy(image, s + State.OPMASK, 64);
      case ZMM_HIGH256 -> {
        for (int r = 0; r < LegacyRegion.registers(i); r++) {
          Mem.copy(image + 32L * r, State.vector(s, r) + 32, 32);
        }
      }
      case HIGH16_ZMM -> Mem.copy(image, State.vector(s, 16), length(i, n));
      default -> {
        State.set(s, State.PKRU, Mem.getInt(image) & 0xFFFF_FFFFL);
        v.mmu.modeChanged();
      }
    }
  }
}
