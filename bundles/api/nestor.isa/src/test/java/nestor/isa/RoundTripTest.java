// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** What the encoder makes of a row, the decoder reads as the same row. */
class RoundTripTest {
  private static final long SEED = 20_26;
  private static final int FORMS = 60;

  private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
  private final RandomForms forms = new RandomForms(random);
  private final Decoder decoder = new Decoder();
  private final Insn insn = new Insn();

  @Test
  void everyRowDecodesFromItsOwnEncodingInEveryMode() {
    List<String> problems = new ArrayList<>();
    for (Row row : Isa.rows()) {
      boolean any = false;
      for (int mode = 16; mode <= 64; mode *= 2) {
        for (int n = 0; n < FORMS; n++) {
          Form form = new Form();
          byte[] bytes = forms.next(row, mode, form);
          if (bytes != null) {
            any = true;
            String problem = check(row, form, bytes);
            if (problem != null) {
              problems.add(row + " in mode " + mode + ": " + problem);
              break;
            }
          }
        }
      }
      if (!any) {
        problems.add(row + ": no form found");
      }
    }
    assertThat(problems).as("seed %d", SEED).isEmpty();
  }

  @Test
  void noTwoRowsHaveTheSameKey() {
    assertThat(Isa.rows()).extracting(Row::key).doesNotHaveDuplicates();
  }

  private String check(Row row, Form form, byte[] bytes) {
    String hex = HexFormat.of().formatHex(bytes);
    DecodeResult result = decoder.decode(bytes, 0, bytes.length, form.mode, true, insn);
    if (row.has(RowAttribute.TODO)) {
      return result == DecodeResult.UNDEFINED ? null : hex + " is not refused";
    }
    if (result != DecodeResult.OK) {
      return hex + " decodes as " + result;
    }
    if (insn.row != row) {
      return hex + " decodes as " + insn.row;
    }
    if (insn.length != bytes.length) {
      return hex + " has length " + insn.length;
    }
    if (form.operandSize != 0
        && row.space == Row.Space.LEGACY
        && insn.operandSize != form.operandSize) {
      return hex + " has operand size " + insn.operandSize;
    }
    String problem = row.space == Row.Space.EVEX ? evex(row, form, hex) : null;
    return problem != null ? problem : operands(row, form, hex);
  }

  /** What only the four-byte prefix has: mask, zeroing, broadcast, rounding, 512 bits. */
  private String evex(Row row, Form form, String hex) {
    if (insn.opmask != form.opmask || insn.zeroing != form.zeroing || insn.evexB != form.evexB) {
      return hex + ": k" + insn.opmask + ", zeroing " + insn.zeroing + ", b " + insn.evexB;
    }
    boolean rounds = form.evexB && !form.memory && row.has(RowAttribute.ROUNDING);
    if (insn.rounding != (rounds ? form.rounding : -1)) {
      return hex + ": rounding " + insn.rounding;
    }
    if (insn.vectorLength != form.vectorLength) {
      return hex + ": vector length " + insn.vectorLength;
    }
    return null;
  }

  private String operands(Row row, Form form, String hex) {
    for (int n = 0; n < row.operands.size(); n++) {
      String notation = row.operands.get(n).notation();
      switch (insn.kind[n]) {
        case MEMORY -> {
          String problem = memory(form, hex);
          if (problem != null) {
            return problem;
          }
        }
        case GPR, GPR_HIGH, CONTROL, DEBUG, MMX, VECTOR, OPMASK, SEGMENT, ST -> {
          boolean fixed = isFixed(row.operands.get(n));
          if (!fixed && (insn.register[n] != form.register[n])) {
            return hex + ": operand " + notation + " is register " + insn.register[n];
          }
          if (!fixed && (insn.kind[n] == OperandKind.GPR_HIGH) != form.high[n]) {
            return hex + ": operand " + notation + " is " + insn.kind[n];
          }
        }
        case IMMEDIATE -> {
          long mask = mask(row.operands.get(n), insn.width[n]);
          if (row.operands.get(n).where() == OperandSpec.Where.IMMEDIATE
              && ((insn.imm ^ form.imm) & mask) != 0) {
            return hex + ": immediate " + Long.toHexString(insn.imm);
          }
        }
        case RELATIVE -> {
          long mask = insn.length <= 3 ? 0xFF : insn.operandSize == 2 ? 0xFFFF : 0xFFFF_FFFFL;
          if (insn.width[n] != 0 && ((insn.imm ^ form.imm) & mask & 0xFF) != 0) {
            return hex + ": displacement " + Long.toHexString(insn.imm);
          }
        }
        case NONE, STRING_SOURCE, STRING_DESTINATION, IMMEDIATE2, FAR_POINTER -> {}
      }
    }
    return null;
  }

  private String memory(Form form, String hex) {
    if (form.memory) {
      if (insn.base != form.base
          || insn.index != form.index
          || insn.scale != form.scale && form.index != Insn.NO_REGISTER) {
        return hex + ": base " + insn.base + ", index " + insn.index;
      }
      if (insn.displacement != form.displacement) {
        return hex + ": displacement " + insn.displacement + ", not " + form.displacement;
      }
    }
    if (form.segment >= 0 && insn.segment != form.segment) {
      return hex + ": segment " + insn.segment;
    }
    return null;
  }

  private static boolean isFixed(OperandSpec spec) {
    return switch (spec.where()) {
      case FIXED_GPR, FIXED_SEGMENT, FIXED_ST, FIXED_VECTOR -> true;
      default -> false;
    };
  }

  private static long mask(OperandSpec spec, int width) {
    int bytes = spec.size() == OperandSpec.Size.BS || spec.size() == OperandSpec.Size.B ? 1 : width;
    if (spec.size() == OperandSpec.Size.Z) {
      bytes = Math.min(bytes, 4);
    }
    return bytes >= 8 ? -1 : (1L << 8 * bytes) - 1;
  }

  @Test
  void randomBytesNeverStopTheDecoder() {
    byte[] bytes = new byte[16];
    for (int n = 0; n < 600_000; n++) {
      random.nextBytes(bytes);
      for (int mode = 16; mode <= 64; mode *= 2) {
        int end = 1 + random.nextInt(16);
        DecodeResult result = decoder.decode(bytes, 0, end, mode, (n & 1) == 0, insn);
        if (insn.length < 1 || insn.length > Math.min(end, Decoder.MAX_LENGTH)) {
          fail("seed %d, round %d, %s: length %d", SEED, n, result, insn.length);
        }
        if (result == DecodeResult.OK && Disassembler.text(insn, 0x1000).isBlank()) {
          fail("seed %d, round %d: no text", SEED, n);
        }
      }
    }
  }
}
