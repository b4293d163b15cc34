// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

import java.util.random.RandomGenerator;

/** Draws legal forms of rows: registers, addressing, prefixes and immediates by chance. */
public final class RandomForms {
  private static final int TRIES = 64;
  private static final int[] SIZES = {0, 0, 2, 4, 8};
  private static final int[] CONTROL = {0, 2, 3, 4, 8};
  private static final int[][] BASE_INDEX_16 = {
    {3, 6}, {3, 7}, {5, 6}, {5, 7}, {16, 6}, {16, 7}, {5, 16}, {3, 16}, {16, 16}
  };
  private static final long[] SPECIAL = {
    0,
    1,
    2,
    7,
    8,
    0x1F,
    0x20,
    0x3F,
    0x40,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0x7FFF_FFFFL,
    0x8000_0000L,
    -1,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private final RandomGenerator random;

  /** Draws from {@code random}, so that a seed repeats everything. */
  public RandomForms(RandomGenerator random) {
    this.random = random;
  }

  /** {@return the bytes of a form, which {@code form} then describes, or null if there is none} */
  public byte[] next(Row row, int mode, Form form) {
    form.mode = mode;
    for (int n = 0; n < TRIES; n++) {
      fill(row, form);
      try {
        return Encoder.encode(row, form);
      } catch (IllegalArgumentException _) {
        // an operand size or a pair of registers that does not exist: draw again
      }
    }
    return null;
  }

  /** Draws a form without a look at whether it can be encoded. */
  public void fill(Row row, Form form) {
    form.clear();
    form.operandSize = SIZES[random.nextInt(SIZES.length)];
    form.memory = row.hasModrm() && mayBeMemory(row);
    form.extension = row.opcode == 0x1C || row.opcode == 0x1E ? 1 : 0;
    form.imm = number();
    form.imm2 = number();
    prefixes(row, form);
    vectorChoices(row, form);
    for (int n = 0; n < row.operands.size(); n++) {
      register(row, form, n);
    }
    if (form.memory) {
      memory(row, form);
    } else if (hasOffset(row)) {
      form.displacement = number();
    }
  }

  /** {@return a number with many borderline values} */
  public long number() {
    return switch (random.nextInt(4)) {
      case 0 -> SPECIAL[random.nextInt(SPECIAL.length)];
      case 1 -> random.nextInt(-200, 200);
      default -> random.nextLong();
    };
  }

  private boolean mayBeMemory(Row row) {
    if (row.memoryForm != Row.ANY || row.fixedModrm != Row.ANY) {
      return row.memoryForm == 1;
    }
    for (OperandSpec spec : row.operands) {
      switch (spec.where()) {
        case RM_GPR, RM_MMX, RM_VECTOR, RM_OPMASK -> {
          return random.nextBoolean();
        }
        default -> {}
      }
    }
    return false;
  }

  private static boolean hasOffset(Row row) {
    return row.operands.stream().anyMatch(spec -> spec.where() == OperandSpec.Where.OFFSET);
  }

  private void prefixes(Row row, Form form) {
    boolean repeats = row.has(RowAttribute.REP) || row.has(RowAttribute.REP_CONDITION);
    if (repeats && random.nextBoolean()) {
      form.prefixes |= random.nextBoolean() ? Insn.REP : Insn.REPNE;
    }
    if (row.has(RowAttribute.LOCK) && form.memory && random.nextInt(4) == 0) {
      switch (row.operands.get(0).where()) {
        case RM_GPR, MEMORY -> form.prefixes |= Insn.LOCK;
        default -> {}
      }
    }
    int otherSize = form.mode == 32 ? 2 : 4;
    if (row.has(RowAttribute.VSIB) && form.mode == 16) {
      form.addressSize = otherSize; // 16-bit addressing has no index vector: #UD
    } else if (random.nextInt(8) == 0 && !(row.has(RowAttribute.VSIB) && otherSize == 2)) {
      form.addressSize = otherSize;
    }
    if ((form.memory || repeats) && random.nextInt(6) == 0) {
      form.segment = form.mode == 64 ? 4 + random.nextInt(2) : random.nextInt(6);
    }
  }

  private void vectorChoices(Row row, Form form) {
    if (row.space == Row.Space.LEGACY) {
      return;
    }
    form.vectorLength = 16 << random.nextInt(row.space == Row.Space.VEX ? 2 : 3);
    if (row.space == Row.Space.VEX) {
      return;
    }
    boolean required = row.has(RowAttribute.MASK_REQUIRED);
    if (required || row.has(RowAttribute.MASK)) {
      form.opmask = required ? 1 + random.nextInt(7) : random.nextInt(8);
    }
    boolean toMemory = form.memory && !row.operands.isEmpty() && isModrmMemory(row.operands.get(0));
    form.zeroing =
        form.opmask != 0 && row.has(RowAttribute.ZEROING) && !toMemory && random.nextBoolean();
    if (form.memory) {
      boolean broadcast = row.operands.stream().anyMatch(spec -> spec.broadcast() != 0);
      form.evexB = broadcast && random.nextBoolean();
    } else if (row.has(RowAttribute.ROUNDING) || row.has(RowAttribute.SAE)) {
      form.evexB = random.nextBoolean();
      form.rounding = random.nextInt(4);
      if (form.evexB) {
        form.vectorLength = 16 << RowSizes.implied(row);
      }
    }
  }

  private static boolean isModrmMemory(OperandSpec spec) {
    return switch (spec.where()) {
      case RM_GPR, RM_MMX, RM_VECTOR, RM_OPMASK, MEMORY -> true;
      default -> false;
    };
  }

  private void register(Row row, Form form, int n) {
    OperandSpec spec = row.operands.get(n);
    int plain = form.mode == 64 ? 16 : 8;
    int vectors = form.mode != 64 ? 8 : row.space == Row.Space.EVEX ? 32 : 16;
    form.register[n] =
        switch (spec.where()) {
          case REG_SEGMENT -> random.nextInt(6);
          case REG_CONTROL -> CONTROL[random.nextInt(form.mode == 64 ? 5 : 4)];
          case REG_DEBUG, RM_ST, REG_MMX, RM_MMX, RM_MMX_ONLY -> random.nextInt(8);
          case REG_OPMASK, RM_OPMASK, RM_OPMASK_ONLY, VVVV_OPMASK -> random.nextInt(8);
          case REG_VECTOR, RM_VECTOR, RM_VECTOR_ONLY, VVVV_VECTOR -> random.nextInt(vectors);
          case IS4_VECTOR -> random.nextInt(plain);
          default -> random.nextInt(plain);
        };
    boolean exchangeWithItself =
        spec.where() == OperandSpec.Where.OPCODE_GPR && row.opcode == 0x90 && row.map == 0;
    if (exchangeWithItself && form.register[n] == 0) {
      form.register[n] = 1; // that is NOP
    }
    if (spec.size() == OperandSpec.Size.B
        && row.space == Row.Space.LEGACY
        && isGpr(spec)
        && random.nextInt(4) == 0) {
      form.high[n] = true;
      form.register[n] &= 3;
    } else if (spec.size() == OperandSpec.Size.B && form.mode != 64 && isGpr(spec)) {
      form.register[n] &= 3;
    }
  }

  private static boolean isGpr(OperandSpec spec) {
    return switch (spec.where()) {
      case RM_GPR, RM_GPR_ONLY, REG_GPR, OPCODE_GPR -> true;
      default -> false;
    };
  }

  private void memory(Row row, Form form) {
    boolean vsib = row.has(RowAttribute.VSIB);
    int size = form.addressSize != 0 ? form.addressSize : form.mode / 8;
    if (size == 2) {
      int[] pair = BASE_INDEX_16[random.nextInt(BASE_INDEX_16.length)];
      form.base = pair[0];
      form.index = pair[1];
      form.displacement = (short) displacement();
      return;
    }
    int registers = form.mode == 64 ? 16 : 8;
    int kind = random.nextInt(8);
    if (kind == 0 && form.mode == 64 && !vsib) {
      form.base = Insn.RIP;
    } else if (kind > 1) {
      form.base = random.nextInt(registers);
    }
    if (vsib) {
      boolean evex = row.space == Row.Space.EVEX && form.mode == 64;
      form.index = random.nextInt(evex ? 32 : registers);
      form.scale = random.nextInt(4);
    } else if (form.base != Insn.RIP && random.nextInt(3) == 0) {
      form.index = random.nextInt(registers);
      form.scale = random.nextInt(4);
      if (form.index == 4) {
        form.index = Insn.NO_REGISTER;
        form.scale = 0;
      }
    }
    form.displacement = (int) displacement();
  }

  private long displacement() {
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> random.nextInt(-128, 128);
      case 2 -> random.nextInt(-0x4000, 0x4000) * 4L;
      default -> random.nextInt();
    };
  }
}
