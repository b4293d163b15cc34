// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

import java.util.Random;

/** Seeded random operands that crowd where rounding, cancellation and range limits bite. */
final class OperandSource {
  private final Random random;

  OperandSource(long seed) {
    random = new Random(seed);
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  long bits() {
    return random.nextLong();
  }

  /** A fraction of few or many bits, at either end or in runs. */
  long significand() {
    long bits = random.nextLong();
    return switch (random.nextInt(6)) {
      case 0 -> bits;
      case 1 -> bits << random.nextInt(64);
      case 2 -> bits >>> random.nextInt(64);
      case 3 -> -1L << random.nextInt(64);
      case 4 -> -1L >>> random.nextInt(64);
      default -> 0;
    };
  }

  long f64() {
    int exponent =
        switch (random.nextInt(5)) {
          case 0 -> random.nextInt(0x7FF);
          case 1 -> 1023 + random.nextInt(-60, 60);
          case 2 -> random.nextInt(4);
          case 3 -> 0x7FE - random.nextInt(4);
          default -> 1023 + random.nextInt(-540, -480);
        };
    return (random.nextLong() & Long.MIN_VALUE) | (long) exponent << 52 | significand() >>> 12;
  }

  int f32() {
    int exponent =
        switch (random.nextInt(5)) {
          case 0 -> random.nextInt(0xFF);
          case 1 -> 127 + random.nextInt(-30, 30);
          case 2 -> random.nextInt(4);
          case 3 -> 0xFE - random.nextInt(4);
          default -> 127 + random.nextInt(-70, -55);
        };
    return (random.nextInt() & Integer.MIN_VALUE) | exponent << 23 | (int) (significand() >>> 41);
  }

  /** The sign and exponent of an extended-precision value, neither zero nor special. */
  int f80Exponent() {
    int exponent =
        switch (random.nextInt(5)) {
          case 0 -> 1 + random.nextInt(0x7FFE);
          case 1 -> F80.BIAS + random.nextInt(-70, 70);
          case 2 -> 1 + random.nextInt(3);
          case 3 -> 0x7FFE - random.nextInt(4);
          default -> F80.BIAS + random.nextInt(-8250, -8130);
        };
    return (random.nextInt() & 0x8000) | exponent;
  }
}
