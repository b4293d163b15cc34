// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.isa.OperandKind;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Bit tests, scans and counts, CRC32, BMI1 and BMI2. */
final class BitOps {
  private BitOps() {}

  static void execute(Vcpu v, Insn i) {
    long s = v.state;
    int w = i.width[0];
    switch (i.row.mnemonic) {
      case BT, BTS, BTR, BTC -> bitTest(v, i);
      case BSF, BSR -> scan(v, i, w);
      case TZCNT, LZCNT -> count(v, i, w);
      case POPCNT -> {
        long source = Operands.read(v, i, 1);
        State.setGpr(s, i.register[0], w, Long.bitCount(source));
        Flags.setArithmetic(s, Flags.ARITHMETIC, source == 0 ? Flags.ZF : 0);
      }
      case CRC32 -> {
        long source = Operands.read(v, i, 1);
        int crc = (int) State.gpr(s, i.register[0]);
        for (int n = 0; n < i.width[1]; n++) {
          crc = crc32Byte(crc, (int) (source >>> (8 * n)) & 0xFF);
        }
        State.setGpr(s, i.register[0], Integer.toUnsignedLong(crc));
      }
      case ANDN -> {
        long r = ~Operands.read(v, i, 1) & Operands.read(v, i, 2);
        result(v, i, r, w, false);
      }
      case BLSR -> {
        long a = Operands.read(v, i, 1);
        result(v, i, a & (a - 1), w, a == 0);
      }
      case BLSMSK -> {
        long a = Operands.read(v, i, 1);
        result(v, i, a ^ (a - 1), w, a == 0);
        Flags.setArithmetic(s, Flags.ZF, 0);
      }
      case BLSI -> {
        long a = Operands.read(v, i, 1);
        result(v, i, a & -a, w, a != 0);
      }
      case BZHI -> {
        long a = Operands.read(v, i, 1);
        int n = (int) State.gpr(s, i.register[2]) & 0xFF;
        result(v, i, n >= 8 * w ? a : a & ((1L << n) - 1), w, n >= 8 * w);
      }
      case BEXTR -> {
        long a = Operands.read(v, i, 1);
        int start = (int) State.gpr(s, i.register[2]) & 0xFF;
        int length = (int) (State.gpr(s, i.register[2]) >>> 8) & 0xFF;
        long r = start >= 64 ? 0 : a >>> start;
        r = length >= 64 ? r : r & ((1L << length) - 1);
        State.setGpr(s, i.register[0], w, r);
        Flags.setArithmetic(s, Flags.ARITHMETIC, r == 0 ? Flags.ZF : 0);
      }
      case PEXT ->
          State.setGpr(
              s, i.register[0], w, Long.compress(Operands.read(v, i, 1), Operands.read(v, i, 2)));
      case PDEP ->
          State.setGpr(
              s, i.register[0], w, Long.expand(Operands.read(v, i, 1), Operands.read(v, i, 2)));
      default -> throw v.undefined();
    }
  }

  private static void result(Vcpu v, Insn i, long value, int w, boolean carry) {
    State.setGpr(v.state, i.register[0], w, value);
    long r = Operands.signed(value, w);
    Flags.setArithmetic(
        v.state,
        Flags.ARITHMETIC,
        (r == 0 ? Flags.ZF : 0) | (r < 0 ? Flags.SF : 0) | (carry ? Flags.CF : 0));
  }

  /** BSF and BSR of 0 leave the whole destination; the other flags are cleared but PF. */
  private static void scan(Vcpu v, Insn i, int w) {
    long s = v.state;
    long source = Operands.read(v, i, 1);
    if (source != 0) {
      boolean forward = i.row.mnemonic == Mnemonic.BSF;
      long r =
          forward ? Long.numberOfTrailingZeros(source) : 63 - Long.numberOfLeadingZeros(source);
      State.setGpr(s, i.register[0], w, r);
    }
    Flags.setArithmetic(s, Flags.ZF, source == 0 ? Flags.ZF : 0);
  }

  private static void count(Vcpu v, Insn i, int w) {
    long s = v.state;
    long source = Operands.read(v, i, 1);
    int bits = 8 * w;
    int r =
        i.row.mnemonic == Mnemonic.TZCNT
            ? Math.min(bits, Long.numberOfTrailingZeros(source))
            : Long.numberOfLeadingZeros(source) - (64 - bits);
    State.setGpr(s, i.register[0], w, r);
    Flags.setArithmetic(
        s, Flags.ZF | Flags.CF, (r == 0 ? Flags.ZF : 0) | (source == 0 ? Flags.CF : 0));
  }

  /** A register bit offset reaches beyond the memory operand: it selects the unit first. */
  private static void bitTest(Vcpu v, Insn i) {
    long s = v.state;
    int w = i.width[0];
    int bits = 8 * w;
    boolean writes = i.row.mnemonic != Mnemonic.BT;
    long offset = Operands.readSigned(v, i, 1);
    long bit = 1L << (offset & (bits - 1));
    long value;
    long linear = 0;
    boolean memory = i.kind[0] == OperandKind.MEMORY;
    if (memory) {
      long address = EffectiveAddress.of(v, i);
      if (i.kind[1] == OperandKind.GPR) {
        address += (offset >> Integer.numberOfTrailingZeros(bits)) * w;
        address = EffectiveAddress.truncate(address, i.addressSize);
      }
      linear = EffectiveAddress.linear(v, i.segment, address, w, writes);
      value = writes ? GuestMemory.loadForWrite(v, linear, w) : GuestMemory.load(v, linear, w);
    } else {
      value = State.gpr(s, i.register[0], w);
    }
    if (writes) {
      long changed =
          switch (i.row.mnemonic) {
            case BTS -> value | bit;
            case BTR -> value & ~bit;
            default -> value ^ bit;
          };
      if (memory) {
        GuestMemory.storeBack(v, linear, w, changed);
      } else {
        State.setGpr(s, i.register[0], w, changed);
      }
    }
    Flags.setArithmetic(s, Flags.CF, (value & bit) != 0 ? Flags.CF : 0);
  }

  /** One byte of CRC-32C, reflected polynomial 82F63B78h. */
  static int crc32Byte(int crc, int value) {
    int r = crc ^ value;
    for (int n = 0; n < 8; n++) {
      r = (r & 1) != 0 ? r >>> 1 ^ 0x82F63B78 : r >>> 1;
    }
    return r;
  }
}
