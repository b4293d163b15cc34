// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import nestor.isa.Family;
import nestor.isa.Form;
import nestor.isa.Insn;
import nestor.isa.OperandSpec;
import nestor.isa.RandomForms;
import nestor.isa.Row;
import nestor.vectors.Layout;

/**
 * Makes random programs. Addresses come from registers that are loaded just before, so no access
 * leaves the data window except on purpose; branches go forward; nothing depends on time.
 */
final class ProgramMaker {
  private static final int RSP = 4;
  private static final int RBP = 5;
  private static final int RSI = 6;
  private static final int RDI = 7;
  private static final int MOST_UNITS = 60;
  private static final int TRIES = 20;

  private final FuzzRows rows;
  private final boolean exact;
  private final RandomGenerator random;
  private final RandomForms forms;
  private final CpuSnapshot before;
  private boolean basesKnown = true;

  /**
   * Makes a maker for one program.
   *
   * @param exact whether undefined flags must agree, and so may be used
   * @param before the state that the program starts from
   */
  ProgramMaker(FuzzRows rows, boolean exact, RandomGenerator random, CpuSnapshot before) {
    this.rows = rows;
    this.exact = exact;
    this.random = random;
    this.before = before;
    forms = new RandomForms(random);
  }

  Program make() {
    List<Family> mix = mix();
    int wanted = 1 + random.nextInt(MOST_UNITS);
    List<Unit> units = new ArrayList<>();
    long undefined = 0;
    int bytes = 0;
    for (int n = 1; n <= wanted && bytes < Program.MOST; n++) {
      Unit unit = unit(n, choose(mix), undefined);
      if (unit != null) {
        units.add(unit);
        bytes += unit.length();
        // Branches may skip what defines a flag: it stays undefined until the program's end.
        undefined |= unit.undefinedAfter(undefined);
      }
    }
    if (units.isEmpty()) {
      return make();
    }
    return new Program(units);
  }

  /** Half of all programs keep to a few families, so that results feed each other. */
  private List<Family> mix() {
    List<Family> all = rows.families();
    if (random.nextBoolean()) {
      return all;
    }
    Set<Family> some = EnumSet.noneOf(Family.class);
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      some.add(all.get(random.nextInt(all.size())));
    }
    return List.copyOf(some);
  }

  private Row choose(List<Family> mix) {
    if (mix.size() == rows.families().size() && random.nextBoolean()) {
      return rows.all().get(random.nextInt(rows.all().size()));
    }
    List<Row> family = rows.of(mix.get(random.nextInt(mix.size())));
    return family.get(random.nextInt(family.size()));
  }

  private Unit unit(int number, Row row, long undefined) {
    for (int n = 0; n < TRIES; n++) {
      Unit unit = new Unit(number);
      if (!exact && (row.flagsRead & undefined) != 0) {
        unit.definesFlags = true;
        unit.pieces.add(Piece.preparing(Emit.compare(register(), register())));
      }
      Form form = new Form();
      forms.fill(row, form);
      registers(row, form);
      Piece piece = piece(unit, row, form);
      if (piece != null) {
        unit.pieces.add(piece);
        return unit;
      }
    }
    return null;
  }

  private int register() {
    int register = random.nextInt(15);
    return register >= RSP ? register + 1 : register;
  }

  private void prepare(Unit unit, byte[] code) {
    unit.pieces.add(Piece.preparing(code));
  }

  /** The stack pointer stays in the window: only stack instructions move it. */
  private void registers(Row row, Form form) {
    for (int n = 0; n < row.operands.size(); n++) {
      switch (row.operands.get(n).where()) {
        case RM_GPR, RM_GPR_ONLY, REG_GPR, VVVV_GPR, OPCODE_GPR -> {
          if (form.register[n] == RSP && !form.high[n]) {
            form.register[n] = register();
          }
        }
        default -> {}
      }
    }
  }

  /** {@return an address that the next operand may have: mostly inside, sometimes at an edge} */
  private long address(Row row) {
    return switch (random.nextInt(40)) {
      case 0 -> Layout.DATA + Layout.DATA_BYTES - random.nextInt(70);
      case 1 -> Layout.READ_ONLY + random.nextInt(0x1000);
      case 2 -> Layout.DATA + random.nextInt(Layout.DATA_BYTES);
      default -> {
        long at = Layout.DATA + 0x100 + random.nextInt(0x1C00);
        boolean aligned = row.family.ordinal() > Family.X87.ordinal() || random.nextBoolean();
        yield aligned && random.nextInt(8) != 0 ? at & -64L : at;
      }
    };
  }

  private long segmentBase(Form form) {
    return switch (form.segment) {
      case 4 -> before.fsBase;
      case 5 -> before.gsBase;
      default -> 0;
    };
  }

  private Piece piece(Unit unit, Row row, Form form) {
    boolean near = segmentBase(form) < 0x100_0000 || form.base != Insn.RIP && form.addressSize == 0;
    if (!basesKnown || !near) {
      form.segment = -1; // the operand would be out of reach
    }
    switch (row.family) {
      case BRANCHES -> {
        return branch(unit, row, form);
      }
      case STACK -> stack(unit, row, form);
      case STRINGS -> {
        long source = address(row) - segmentBase(form);
        prepare(unit, Emit.move(RSI, source & mask(form)));
        prepare(unit, Emit.move(RDI, address(row)));
        prepare(unit, Emit.move(1, random.nextInt(40)));
      }
      case MULTIPLY_DIVIDE -> divide(unit, row);
      case SEGMENTS -> {
        if (row.mnemonic.name().startsWith("WR")) {
          prepare(unit, Emit.move(form.register[0], random.nextInt() & 0x7FFF_FFFFL));
          basesKnown = false;
        }
      }
      default -> {}
    }
    String name = row.mnemonic.name();
    if (name.equals("XLAT")) {
      prepare(unit, Emit.move(3, address(row) - segmentBase(form)));
    } else if (name.contains("MASKMOVQ") && !form.memory || name.contains("MASKMOVDQU")) {
      prepare(unit, Emit.move(RDI, address(row)));
    }
    if (form.memory && !name.equals("LEA")) {
      return memory(unit, row, form);
    }
    if (FuzzRows.hasOffset(row)) {
      form.displacement = address(row) - segmentBase(form) & mask(form);
    }
    return Piece.of(row, form, Piece.Open.NOTHING, 0);
  }

  private static long mask(Form form) {
    return form.addressSize == 4 ? 0xFFFF_FFFFL : -1;
  }

  private void divide(Unit unit, Row row) {
    boolean divides = row.mnemonic.name().endsWith("DIV");
    if (divides && random.nextInt(8) != 0) {
      long high = random.nextInt(4);
      prepare(unit, Emit.move(2, row.mnemonic.name().startsWith("I") && high == 1 ? -1 : high));
      if (row.opcode == 0xF6) {
        prepare(unit, Emit.move(0, random.nextInt(0x400)));
      }
    }
  }

  private void stack(Unit unit, Row row, Form form) {
    switch (row.mnemonic) {
      case ENTER -> {
        prepare(unit, Emit.move(RBP, address(row)));
        form.imm = random.nextInt(64);
        form.imm2 = random.nextInt(4);
      }
      case LEAVE -> prepare(unit, Emit.move(RBP, address(row)));
      case POPF -> prepare(unit, Emit.push(random.nextInt() & 0x20_0CD5 | 0x202));
      default -> {}
    }
  }

  private Piece branch(Unit unit, Row row, Form form) {
    form.operandSize = 0; // vendors differ about 16-bit branches in 64-bit mode
    form.memory = false;
    unit.target = unit.number + 1 + random.nextInt(4);
    if (FuzzRows.hasRelative(row)) {
      form.imm = 0;
      return Piece.of(row, form, Piece.Open.BRANCH, 0);
    }
    if (row.mnemonic.name().equals("RET")) {
      unit.pieces.add(Piece.addressOfTarget(Emit.push(0)));
      form.imm = random.nextInt(16);
    } else {
      unit.pieces.add(Piece.addressOfTarget(Emit.move(form.register[0], 0)));
    }
    return Piece.of(row, form, Piece.Open.NOTHING, 0);
  }

  private Piece memory(Unit unit, Row row, Form form) {
    long target = address(row);
    if (row.mnemonic.name().equals("FLDENV") || row.mnemonic.name().equals("FRSTOR")) {
      // In which order microcode reads the parts of an image, a fault would tell.
      target = Layout.DATA + 0x100 + random.nextInt(0x1C00);
    }
    boolean vsib = row.has(nestor.isa.RowAttribute.VSIB);
    if (vsib) {
      target = Layout.DATA + 0x100 + random.nextInt(0x1000);
      if (!indexVector(unit, row, form)) {
        return null;
      }
    }
    control(unit, row, target);
    long wanted = target - segmentBase(form);
    int bits = bitRegister(unit, row, form);
    if (form.base == Insn.RIP && form.addressSize == 0) {
      return Piece.of(row, form, Piece.Open.RIP_RELATIVE, wanted);
    }
    form.base = another(form, bits, -1);
    long index = 0;
    if (!vsib && form.index != Insn.NO_REGISTER) {
      form.index = another(form, bits, form.base);
      index = random.nextBoolean() ? random.nextInt(0x400) : forms.number();
      prepare(unit, Emit.move(form.index, index));
      index <<= form.scale;
    }
    long base = wanted - form.displacement - index;
    if (form.addressSize == 4) {
      base = base & 0xFFFF_FFFFL | (random.nextBoolean() ? random.nextLong() << 32 : 0);
    }
    prepare(unit, Emit.move(form.base, base));
    return Piece.of(row, form, Piece.Open.NOTHING, 0);
  }

  private int another(Form form, int first, int second) {
    int register = register();
    return register == first || register == second ? another(form, first, second) : register;
  }

  /** A bit offset in a register reaches far from the operand: it gets a small one. */
  private int bitRegister(Unit unit, Row row, Form form) {
    if (!FuzzRows.isBitTest(row.mnemonic)
        || row.operands.get(1).where() != OperandSpec.Where.REG_GPR) {
      return -1;
    }
    prepare(unit, Emit.move(form.register[1], random.nextInt(-600, 600)));
    return form.register[1];
  }

  /** Control words that are loaded are legal ones, with most exceptions masked. */
  private void control(Unit unit, Row row, long target) {
    int unmasked = random.nextInt(16) == 0 ? random.nextInt(64) : 0;
    int value =
        switch (row.mnemonic.name()) {
          case "LDMXCSR", "VLDMXCSR" -> random.nextInt() & 0xE07F | 0x1F80 & ~(unmasked << 7);
          case "FLDCW" -> StateMaker.controlWord(random) & ~unmasked;
          default -> -1;
        };
    if (value >= 0) {
      prepare(unit, Emit.move(RDI, target));
      prepare(unit, Emit.store(value));
    }
  }

  /** Makes every index of a vector small. */
  private boolean indexVector(Unit unit, Row row, Form form) {
    if (form.addressSize != 0 || form.index > 15) {
      return false;
    }
    String name = row.mnemonic.name();
    String wide = name.contains("GATHERQ") || name.contains("SCATTERQ") ? "q" : "d";
    int scratch = (form.index + 1 + random.nextInt(15)) & 15;
    String mask = "ymm" + scratch;
    String index = "ymm" + form.index;
    prepare(unit, Emit.line("vpcmpeqd " + mask + ", " + mask + ", " + mask));
    int count = wide.equals("q") ? 56 : 24;
    prepare(unit, Emit.line("vpsrl" + wide + " " + mask + ", " + mask + ", " + count));
    prepare(unit, Emit.line("vpand " + index + ", " + index + ", " + mask));
    return true;
  }
}
