// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;

/**
 * Memory type range registers (SDM vol. 3A, "Memory Type Range Registers (MTRRs)"). They are kept
 * and checked; nothing depends on memory types.
 */
final class Mtrrs {
  /** Eight variable ranges, fixed ranges, write combining. */
  static final long CAPABILITIES = 0x508;

  private static final int VARIABLE = 0x200;
  private static final int VARIABLE_COUNT = 16;
  private static final int DEFAULT_TYPE = 0x2FF;

  private final long[] variable = new long[VARIABLE_COUNT];
  private final long[] fixed = new long[11];
  private final long physicalMask;
  private final int fixedTypeMask;
  private long defaultType;

  /** AMD's SYSCFG extension puts RdMem and WrMem into bits 4:3 of each fixed type. */
  Mtrrs(int physicalBits, boolean amd) {
    fixedTypeMask = amd ? 0xE7 : 0xFF;
    physicalMask = (1L << physicalBits) - 1;
  }

  void reset() {
    java.util.Arrays.fill(variable, 0);
    java.util.Arrays.fill(fixed, 0);
    defaultType = 0;
  }

  private static int fixedIndex(int msr) {
    return switch (msr) {
      case 0x250 -> 0;
      case 0x258, 0x259 -> msr - 0x257;
      default -> msr >= 0x268 && msr <= 0x26F ? msr - 0x265 : -1;
    };
  }

  boolean has(int msr) {
    return msr >= VARIABLE && msr < VARIABLE + VARIABLE_COUNT
        || fixedIndex(msr) >= 0
        || msr == DEFAULT_TYPE;
  }

  long read(int msr) {
    if (msr == DEFAULT_TYPE) {
      return defaultType;
    }
    int index = fixedIndex(msr);
    return index >= 0 ? fixed[index] : variable[msr - VARIABLE];
  }

  /** Writes one; false if a type or a reserved bit is illegal. */
  boolean write(int msr, long value) {
    if (msr == DEFAULT_TYPE) {
      if ((value & ~0xCFFL) != 0 || !isType((int) value & 0xFF)) {
        return false;
      }
      defaultType = value;
      return true;
    }
    int index = fixedIndex(msr);
    if (index >= 0) {
      for (int n = 0; n < 64; n += 8) {
        if (!isType((int) (value >>> n) & fixedTypeMask)) {
          return false;
        }
      }
      fixed[index] = value;
      return true;
    }
    boolean mask = (msr & 1) != 0;
    long allowed = mask ? physicalMask & ~0x7FFL : physicalMask & ~0xFFFL | 0xFF;
    if ((value & ~allowed) != 0 || !mask && !isType((int) value & 0xFF)) {
      return false;
    }
    variable[msr - VARIABLE] = value;
    return true;
  }

  private static boolean isType(int type) {
    return type == 0 || type == 1 || type >= 4 && type <= 6;
  }

  /** {@return whether all eight bytes are memory types of the PAT} */
  static boolean isPat(long value) {
    for (int n = 0; n < 64; n += 8) {
      int type = (int) (value >>> n) & 0xFF;
      if (!isType(type) && type != 7) {
        return false;
      }
    }
    return true;
  }

  void save(StateWriter out) {
    out.putLongs("mtrr.variable", variable);
    out.putLongs("mtrr.fixed", fixed);
    out.putLong("mtrr.defaultType", defaultType);
  }

  void restore(StateReader in) {
    System.arraycopy(in.getLongs("mtrr.variable"), 0, variable, 0, variable.length);
    System.arraycopy(in.getLongs("mtrr.fixed"), 0, fixed, 0, fixed.length);
    defaultType = in.getLong("mtrr.defaultType");
  }
}
