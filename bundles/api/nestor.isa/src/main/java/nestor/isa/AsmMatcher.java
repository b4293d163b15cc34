// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

import java.util.List;

/**
 * Finds the shortest encoding of an instruction: tries the rows of its mnemonic, and takes only
 * what the decoder reads back as the same.
 */
final class AsmMatcher {
  private static final int[] OPERAND_SIZES = {0, 2, 4, 8};

  private final int mode;
  private final long here;
  private final int prefixes;
  private final int forcedSize;
  private final List<AsmOperand> operands;
  private final Form form = new Form();
  private final Decoder decoder = new Decoder();

  /**
   * An instruction.
   *
   * @param here its address
   * @param forcedSize operand size in bytes that its name says, as IRETQ does; 0 for others
   */
  AsmMatcher(int mode, long here, int prefixes, int forcedSize, List<AsmOperand> operands) {
    this.mode = mode;
    this.here = here;
    this.prefixes = prefixes;
    this.forcedSize = forcedSize;
    this.operands = operands;
  }

  /**
   * {@return the bytes, or null if no row of these fits} The mode's own operand size goes first.
   */
  byte[] shortest(List<Row> rows) {
    byte[] best = null;
    for (int size : OPERAND_SIZES) {
      if (best != null) {
        break;
      }
      for (Row row : rows) {
        if (forcedSize != 0 ? size != forcedSize : operands.isEmpty() && size != 0) {
          continue;
        }
        byte[] bytes = attempt(row, size);
        if (bytes != null && (best == null || bytes.length < best.length)) {
          best = bytes;
        }
      }
    }
    return best;
  }

  private byte[] attempt(Row row, int operandSize) {
    boolean silent = operands.isEmpty() && row.operands.stream().allMatch(AsmMatcher::isImplied);
    if (row.operands.size() != operands.size() && !silent) {
      return null;
    }
    try {
      fill(row, operandSize, 0);
      int length = Encoder.encode(row, form).length;
      fill(row, operandSize, length);
      byte[] bytes = Encoder.encode(row, form);
      return isRight(bytes) ? bytes : null;
    } catch (IllegalArgumentException e) {
      return null; // this row has no such form
    }
  }

  /** Whether an operand need not be written, like those of LODSB. */
  private static boolean isImplied(OperandSpec spec) {
    return switch (spec.where()) {
      case STRING_SOURCE, STRING_DESTINATION, FIXED_GPR -> true;
      default -> false;
    };
  }

  private void fill(Row row, int operandSize, int length) {
    form.clear();
    form.mode = mode;
    form.operandSize = operandSize;
    form.prefixes = prefixes;
    boolean second = false;
    for (int n = 0; n < operands.size(); n++) {
      AsmOperand operand = operands.get(n);
      form.register[n] = operand.register();
      form.high[n] = operand.kind() == AsmOperand.Kind.HIGH_REGISTER;
      if (operand.kind() == AsmOperand.Kind.VECTOR) {
        form.vectorLength = operand.width();
      }
      switch (row.operands.get(n).where()) {
        case IMMEDIATE -> {
          if (second) {
            form.imm2 = operand.value();
          } else {
            form.imm = operand.value();
          }
          second = true;
        }
        case RELATIVE -> form.imm = operand.value() - here - length;
        case FAR_POINTER -> {
          form.imm = operand.value();
          form.imm2 = operand.selector();
        }
        case OFFSET -> form.displacement = operand.value();
        default -> {}
      }
      if (operand.isMemory()) {
        memory(row.operands.get(n), operand, length);
      }
    }
    if (row.space == Row.Space.LEGACY) {
      form.vectorLength = 0;
    }
  }

  private void memory(OperandSpec spec, AsmOperand operand, int length) {
    if (spec.where() == OperandSpec.Where.STRING_DESTINATION) {
      form.addressSize = operand.memory().addressSize();
      return; // always ES:rDI
    }
    AsmOperand.Memory memory = operand.memory();
    form.memory =
        switch (spec.where()) {
          case OFFSET, STRING_SOURCE, STRING_DESTINATION -> false;
          default -> true;
        };
    form.base = memory.base();
    form.index = memory.index();
    form.scale = memory.scale();
    form.segment = memory.segment();
    form.addressSize = memory.addressSize();
    form.displacement = operand.value();
    if (memory.base() == Insn.RIP) {
      form.addressSize = 0;
      form.displacement -= here + length;
    } else if (memory.addressSize() == 0 && needs32(operand.value())) {
      form.addressSize = 4;
    }
  }

  /** Whether an address without registers is one that only 32-bit addresses reach. */
  private boolean needs32(long address) {
    return mode == 16 ? address >>> 16 != 0 : address >>> 31 == 1;
  }

  private boolean isRight(byte[] bytes) {
    Insn insn = new Insn();
    if (decoder.decode(bytes, 0, bytes.length, mode, true, insn) != DecodeResult.OK
        || insn.length != bytes.length) {
      return false;
    }
    boolean sized = false;
    for (int n = 0; n < operands.size(); n++) {
      AsmOperand operand = operands.get(n);
      sized |= operand.width() != 0 || operand.decoded() != null;
      if (!matches(operand, insn, n)) {
        return false;
      }
    }
    int memory = insn.memoryOperand();
    boolean sizeMatters = memory >= 0 && Disassembler.hasSize(insn.width[memory]);
    return sized || !sizeMatters;
  }

  private boolean matches(AsmOperand operand, Insn insn, int n) {
    OperandKind kind = insn.kind[n];
    return switch (operand.kind()) {
      case NUMBER -> isNumber(operand.value(), insn, n);
      case FAR ->
          kind == OperandKind.FAR_POINTER
              && insn.imm == operand.value()
              && insn.imm2 == operand.selector();
      case MEMORY ->
          switch (kind) {
            case MEMORY -> isMemory(operand, insn, n);
            case STRING_SOURCE -> isString(operand, insn, n, 6);
            case STRING_DESTINATION -> isString(operand, insn, n, 7);
            default -> false;
          };
      case REGISTER, VECTOR ->
          kind == operand.decoded()
              && insn.register[n] == operand.register()
              && (insn.width[n] == operand.width() || insn.width[n] < 16 && operand.width() == 16);
      case HIGH_REGISTER, SEGMENT, CONTROL, DEBUG, ST, MMX, OPMASK ->
          kind == operand.decoded() && insn.register[n] == operand.register();
    };
  }

  private boolean isNumber(long value, Insn insn, int n) {
    return switch (insn.kind[n]) {
      case IMMEDIATE -> same(value, insn.imm, immediateWidth(insn, n));
      case IMMEDIATE2 -> same(value, insn.imm2, insn.width[n]);
      case RELATIVE ->
          same(value, here + insn.length + insn.imm, mode == 64 ? 8 : insn.operandSize);
      default -> false;
    };
  }

  /**
   * A number beside a register or memory is one of its width; port numbers and the like are not.
   */
  private static int immediateWidth(Insn insn, int n) {
    boolean beside = n > 0 && insn.width[0] != 0 && insn.kind[0] != OperandKind.IMMEDIATE;
    boolean extended = insn.row.operands.get(n).size() == OperandSpec.Size.BS;
    int own = extended || insn.width[n] == 0 ? insn.operandSize : insn.width[n];
    return beside ? Math.max(own, insn.width[0]) : own;
  }

  /** Whether the numbers agree in so many bytes, and the first says no more than these hold. */
  private static boolean same(long wanted, long found, int bytes) {
    if (bytes >= 8) {
      return wanted == found;
    }
    long mask = (1L << 8 * bytes) - 1;
    boolean fits = wanted >= -(mask >>> 1) - 1 && wanted <= mask;
    return fits && ((wanted ^ found) & mask) == 0;
  }

  private static boolean isString(AsmOperand operand, Insn insn, int n, int base) {
    return operand.memory().base() == base
        && operand.memory().index() == Insn.NO_REGISTER
        && operand.value() == 0
        && (base == 7
            || operand.memory().segment() < 0
            || operand.memory().segment() == insn.segment)
        && (operand.width() == 0 || operand.width() == insn.width[n]);
  }

  private boolean isMemory(AsmOperand operand, Insn insn, int n) {
    AsmOperand.Memory memory = operand.memory();
    if (operand.width() != 0 && operand.width() != insn.width[n]) {
      return false;
    }
    boolean pairs =
        memory.base() == insn.base && memory.index() == insn.index
            || insn.addressSize == 2 && memory.base() == insn.index && memory.index() == insn.base;
    long displacement = insn.displacement;
    if (insn.base == Insn.RIP) {
      displacement += here + insn.length;
    }
    return pairs
        && (memory.index() == Insn.NO_REGISTER || memory.scale() == insn.scale)
        && (memory.segment() < 0 || memory.segment() == insn.segment)
        && same(operand.value(), displacement, insn.addressSize == 8 ? 8 : insn.addressSize);
  }
}
