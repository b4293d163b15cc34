// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.random.RandomGenerator;

/** Makes random states, rich in values at which instructions change their mind. */
final class StateMaker {
  private static final long[] DOUBLES = {
    0,
    0x8000_0000_0000_0000L,
    0x3FF0_0000_0000_0000L,
    0xBFF0_0000_0000_0000L,
    0x7FF0_0000_0000_0000L,
    0xFFF0_0000_0000_0000L,
    0x7FF8_0000_0000_0000L,
    0x7FF0_0000_0000_0001L,
    1,
    0x000F_FFFF_FFFF_FFFFL,
    0x0010_0000_0000_0000L,
    0x7FEF_FFFF_FFFF_FFFFL,
    0x43E0_0000_0000_0000L,
    0x41E0_0000_0000_0000L,
    0x3FE0_0000_0000_0000L,
    0xC1DF_FFFF_FFC0_0000L
  };
  private static final int[] FLOATS = {
    0, 0x8000_0000, 0x3F80_0000, 0xBF80_0000, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0x7F80_0001,
    1, 0x007F_FFFF, 0x0080_0000, 0x7F7F_FFFF, 0x4F00_0000, 0x5F00_0000, 0x3F00_0000, 0x4EFF_FFFF
  };

  private StateMaker() {}

  static CpuSnapshot make(RandomGenerator random) {
    CpuSnapshot s = new CpuSnapshot();
    for (int n = 0; n < 16; n++) {
      s.gpr[n] = number(random);
    }
    s.gpr[4] = 0x1000_1000L + (random.nextInt(0x100) & -8);
    s.rflags = random.nextInt() & 0x8D5 | 0x202 | (random.nextInt(8) == 0 ? 0x400 : 0);
    s.fsBase = random.nextInt(4) == 0 ? random.nextInt() & 0xFFFF_FFFFL : random.nextInt(0x1000);
    s.gsBase = random.nextInt(4) == 0 ? random.nextLong() >>> 18 : random.nextInt(0x1000);
    s.mxcsr = 0x1F80 | random.nextInt() & 0xE03F;
    if (random.nextInt(16) == 0) {
      s.mxcsr &= ~(random.nextInt(64) << 7);
    }
    s.fcw = controlWord(random);
    s.fsw = random.nextInt(8) << 11 | random.nextInt() & 0x4700;
    s.ftw = random.nextBoolean() ? random.nextInt(256) : 0xFF;
    for (int n = 0; n < 8; n++) {
      extended(s, n, random);
    }
    elements(s.vectors, random);
    for (int n = 0; n < 8; n++) {
      s.opmask[n] = number(random);
    }
    random.nextBytes(s.window);
    byte[] values = new byte[0x800];
    elements(values, random);
    for (int n = 0; n < 3; n++) {
      System.arraycopy(values, 0, s.window, 0x200 + 0x900 * n, values.length);
    }
    return s;
  }

  /** {@return an x87 control word whose exceptions are masked, with a legal precision} */
  static int controlWord(RandomGenerator random) {
    int precision = new int[] {0, 2, 3, 3}[random.nextInt(4)];
    return 0x7F | precision << 8 | random.nextInt(4) << 10;
  }

  private static long number(RandomGenerator random) {
    return switch (random.nextInt(6)) {
      case 0 -> random.nextInt(-300, 300);
      case 1 -> 1L << random.nextInt(64);
      case 2 -> (1L << random.nextInt(64)) - 1;
      case 3 -> random.nextInt();
      default -> random.nextLong();
    };
  }

  private static void extended(CpuSnapshot s, int n, RandomGenerator random) {
    int sign = random.nextBoolean() ? 0x8000 : 0;
    long significand = random.nextLong() | Long.MIN_VALUE;
    int exponent = 0x3FFF + random.nextInt(-70, 70);
    switch (random.nextInt(12)) {
      case 0 -> {
        exponent = 0;
        significand = random.nextBoolean() ? 0 : random.nextLong() >>> random.nextInt(1, 64);
      }
      case 1 -> {
        exponent = 0x7FFF;
        significand = random.nextBoolean() ? Long.MIN_VALUE : random.nextLong();
      }
      case 2 -> exponent = random.nextInt(0x8000);
      case 3 -> significand = random.nextLong(); // perhaps an unnormal
      case 4 -> significand = 0x8000_0000_0000_0000L;
      case 5 -> significand = Math.absExact(random.nextInt() | 1L) << 33 | Long.MIN_VALUE;
      default -> {}
    }
    s.significand[n] = significand;
    s.signExponent[n] = sign | exponent;
  }

  private static void elements(byte[] target, RandomGenerator random) {
    ByteBuffer out = ByteBuffer.wrap(target).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < target.length; at += 8) {
      switch (random.nextInt(8)) {
        case 0 -> out.putLong(at, DOUBLES[random.nextInt(DOUBLES.length)]);
        case 1 -> {
          out.putInt(at, FLOATS[random.nextInt(FLOATS.length)]);
          out.putInt(at + 4, FLOATS[random.nextInt(FLOATS.length)]);
        }
        case 2 -> out.putDouble(at, random.nextInt(-4000, 4000) / 8.0);
        case 3 -> {
          out.putFloat(at, random.nextInt(-4000, 4000) / 8f);
          out.putFloat(at + 4, Float.intBitsToFloat(random.nextInt()));
        }
        default -> out.putLong(at, random.nextLong());
      }
    }
  }
}
