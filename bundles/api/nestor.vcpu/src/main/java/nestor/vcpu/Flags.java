// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * RFLAGS, with the arithmetic flags computed when somebody asks.
 *
 * <p>An operation leaves its operands and result, all sign-extended to 64 bits from its own width.
 * Sign extension makes the formulas independent of the width: bit 63 of each value equals its top
 * bit. Only this class reads the lazy fields; engines call {@link #materialize} when they leave
 * {@code run}, so that everybody else sees RFLAGS alone.
 */
public final class Flags {
  private Flags() {}

  /** Carry. */
  public static final int CF = 1;

  /** Parity. */
  public static final int PF = 4;

  /** Auxiliary carry. */
  public static final int AF = 0x10;

  /** Zero. */
  public static final int ZF = 0x40;

  /** Sign. */
  public static final int SF = 0x80;

  /** Trap. */
  public static final int TF = 0x100;

  /** Interrupts enabled. */
  public static final int IF = 0x200;

  /** Direction. */
  public static final int DF = 0x400;

  /** Overflow. */
  public static final int OF = 0x800;

  /** I/O privilege level, two bits. */
  public static final int IOPL = 0x3000;

  /** Nested task. */
  public static final int NT = 0x4000;

  /** Resume. */
  public static final int RF = 0x1_0000;

  /** Virtual-8086 mode. */
  public static final int VM = 0x2_0000;

  /** Alignment check, or access control. */
  public static final int AC = 0x4_0000;

  /** Virtual interrupt. */
  public static final int VIF = 0x8_0000;

  /** Virtual interrupt pending. */
  public static final int VIP = 0x10_0000;

  /** Identification. */
  public static final int ID = 0x20_0000;

  /** The six arithmetic flags. */
  public static final int ARITHMETIC = OF | SF | ZF | AF | PF | CF;

  /** Lazy kind: RFLAGS is complete. */
  public static final int NONE = 0;

  /** Lazy kind: addition, also with carry in. */
  public static final int ADD = 1;

  /** Lazy kind: subtraction, also with borrow in. */
  public static final int SUB = 2;

  /** Lazy kind: logic; CF = OF = AF = 0. */
  public static final int LOGIC = 3;

  /** Lazy kind: addition of one that keeps CF, which stands in RFLAGS. */
  public static final int INC = 4;

  /** Lazy kind: subtraction of one that keeps CF, which stands in RFLAGS. */
  public static final int DEC = 5;

  /** Notes an addition {@code a + b (+ carry) = result}. */
  public static void add(long state, long a, long b, long result) {
    lazy(state, ADD, a, b, result);
  }

  /** Notes a subtraction {@code a - b (- borrow) = result}. */
  public static void sub(long state, long a, long b, long result) {
    lazy(state, SUB, a, b, result);
  }

  /** Notes a logical result. */
  public static void logic(long state, long result) {
    Mem.putLong(state + State.LAZY_KIND, LOGIC);
    Mem.putLong(state + State.LAZY_RESULT, result);
  }

  /** Notes an increment. */
  public static void inc(long state, long a, long result) {
    keepCarry(state);
    lazy(state, INC, a, 1, result);
  }

  /** Notes a decrement. */
  public static void dec(long state, long a, long result) {
    keepCarry(state);
    lazy(state, DEC, a, 1, result);
  }

  private static void keepCarry(long state) {
    long carry = cf(state) ? CF : 0;
    Mem.putLong(state + State.RFLAGS, Mem.getLong(state + State.RFLAGS) & ~CF | carry);
  }

  private static void lazy(long state, int kind, long a, long b, long result) {
    Mem.putLong(state + State.LAZY_KIND, kind);
    Mem.putLong(state + State.LAZY_RESULT, result);
    Mem.putLong(state + State.LAZY_A, a);
    Mem.putLong(state + State.LAZY_B, b);
  }

  /** {@return CF} */
  public static boolean cf(long state) {
    int kind = (int) Mem.getLong(state + State.LAZY_KIND);
    return switch (kind) {
      case ADD -> {
        long a = Mem.getLong(state + State.LAZY_A);
        long b = Mem.getLong(state + State.LAZY_B);
        long r = Mem.getLong(state + State.LAZY_RESULT);
        yield ((a & b) | ((a | b) & ~r)) < 0;
      }
      case SUB -> {
        long a = Mem.getLong(state + State.LAZY_A);
        long b = Mem.getLong(state + State.LAZY_B);
        long r = Mem.getLong(state + State.LAZY_RESULT);
        yield ((~a & b) | ((~a | b) & r)) < 0;
      }
      case LOGIC -> false;
      default -> (Mem.getLong(state + State.RFLAGS) & CF) != 0;
    };
  }

  /** {@return ZF} */
  public static boolean zf(long state) {
    return Mem.getLong(state + State.LAZY_KIND) == NONE
        ? (Mem.getLong(state + State.RFLAGS) & ZF) != 0
        : Mem.getLong(state + State.LAZY_RESULT) == 0;
  }

  /** {@return SF} */
  public static boolean sf(long state) {
    return Mem.getLong(state + State.LAZY_KIND) == NONE
        ? (Mem.getLong(state + State.RFLAGS) & SF) != 0
        : Mem.getLong(state + State.LAZY_RESULT) < 0;
  }

  /** {@return OF} */
  public static boolean of(long state) {
    int kind = (int) Mem.getLong(state + State.LAZY_KIND);
    long a = Mem.getLong(state + State.LAZY_A);
    long b = Mem.getLong(state + State.LAZY_B);
    long r = Mem.getLong(state + State.LAZY_RESULT);
    return switch (kind) {
      case ADD, INC -> ((a ^ r) & (b ^ r)) < 0;
      case SUB, DEC -> ((a ^ b) & (a ^ r)) < 0;
      case LOGIC -> false;
      default -> (Mem.getLong(state + State.RFLAGS) & OF) != 0;
    };
  }

  /** {@return PF} */
  public static boolean pf(long state) {
    return Mem.getLong(state + State.LAZY_KIND) == NONE
        ? (Mem.getLong(state + State.RFLAGS) & PF) != 0
        : parity(Mem.getLong(state + State.LAZY_RESULT));
  }

  /** {@return whether the low byte has an even number of ones} */
  public static boolean parity(long value) {
    return (Long.bitCount(value & 0xFF) & 1) == 0;
  }

  /** {@return whether condition 0-15 of Jcc, SETcc and CMOVcc holds} */
  public static boolean condition(long state, int code) {
    boolean value =
        switch (code >> 1) {
          case 0 -> of(state);
          case 1 -> cf(state);
          case 2 -> zf(state);
          case 3 -> cf(state) || zf(state);
          case 4 -> sf(state);
          case 5 -> pf(state);
          case 6 -> sf(state) != of(state);
          default -> zf(state) || sf(state) != of(state);
        };
    return value == ((code & 1) == 0);
  }

  /** {@return the six arithmetic flags} */
  public static int arithmetic(long state) {
    int kind = (int) Mem.getLong(state + State.LAZY_KIND);
    if (kind == NONE) {
      return (int) Mem.getLong(state + State.RFLAGS) & ARITHMETIC;
    }
    long r = Mem.getLong(state + State.LAZY_RESULT);
    int flags = (r == 0 ? ZF : 0) | (r < 0 ? SF : 0) | (parity(r) ? PF : 0);
    if (cf(state)) {
      flags |= CF;
    }
    if (kind != LOGIC) {
      long a = Mem.getLong(state + State.LAZY_A);
      long b = Mem.getLong(state + State.LAZY_B);
      flags |= (int) (a ^ b ^ r) & AF;
      if (of(state)) {
        flags |= OF;
      }
    }
    return flags;
  }

  /** Makes RFLAGS complete. */
  public static void materialize(long state) {
    if (Mem.getLong(state + State.LAZY_KIND) != NONE) {
      setArithmetic(state, ARITHMETIC, arithmetic(state));
    }
  }

  /** {@return RFLAGS, complete} */
  public static long read(long state) {
    materialize(state);
    return Mem.getLong(state + State.RFLAGS);
  }

  /** Sets the arithmetic flags in {@code mask} to those of {@code bits}, keeping the others. */
  public static void setArithmetic(long state, int mask, int bits) {
    int old = mask == ARITHMETIC ? 0 : arithmetic(state);
    long value = Mem.getLong(state + State.RFLAGS) & ~ARITHMETIC;
    Mem.putLong(state + State.RFLAGS, value | (old & ~mask) | (bits & mask));
    Mem.putLong(state + State.LAZY_KIND, NONE);
  }

  /**
   * Sets all of RFLAGS. Whoever sets IF, TF, AC or VM this way tells the rest: see {@link
   * Vcpu#flagsWritten}.
   */
  public static void write(long state, long rflags) {
    Mem.putLong(state + State.RFLAGS, rflags);
    Mem.putLong(state + State.LAZY_KIND, NONE);
  }
}
