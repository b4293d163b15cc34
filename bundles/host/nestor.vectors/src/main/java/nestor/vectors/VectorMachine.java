// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import nestor.api.json.JsonValue;
import nestor.isa.DecodeResult;
import nestor.isa.Decoder;
import nestor.isa.Insn;
import nestor.isa.Row;
import nestor.isa.RowAttribute;
import nestor.vcpu.Mem;

/** Sets a machine up as a case wants it, and runs the case. */
final class VectorMachine {
  private static final int ITERATIONS = 100_000;
  private static final int STEPS = 10_000_000;

  final Machine machine;
  private final Decoder decoder = new Decoder();
  private final Insn insn = new Insn();
  private final byte[] fetched = new byte[Decoder.MAX_LENGTH];
  private final boolean[] reached;

  /**
   * Works on a machine.
   *
   * @param reached notes the rows that are executed, one instruction at a time; null for speed
   */
  VectorMachine(Machine machine, boolean[] reached) {
    this.machine = machine;
    this.reached = reached;
  }

  /** Puts everything back and applies the state before. */
  void prepare(Vector vector, Surroundings surroundings) {
    machine.reset(surroundings);
    boolean anywhere = vector.family().equals("smc");
    machine.code(vector.ip, vector.code, vector.code.length, vector.isSequence(), anywhere);
    Registers.apply(machine.s, vector.in);
    for (JsonValue range : vector.in.memory()) {
      byte[] bytes = VectorState.bytes(range);
      long at = machine.ram + Layout.DATA + VectorState.offset(range);
      Mem.copyIn(bytes, 0, at, bytes.length);
    }
    machine.ready(vector.ip);
  }

  /** Runs a prepared case. */
  Outcome run(Vector vector, Surroundings surroundings) {
    if (vector.isSequence()) {
      return reached == null ? machine.runToEnd() : stepped(surroundings);
    }
    note(surroundings, vector.ip);
    boolean repeats = repeats(vector);
    for (int turn = 0; turn < ITERATIONS; turn++) {
      boolean left = machine.step(1) || vector.failsAtNextFetch() && machine.step(1);
      if (left || !repeats || machine.rip() != vector.ip) {
        return machine.outcome(false);
      }
    }
    return machine.outcome(true);
  }

  private Outcome stepped(Surroundings surroundings) {
    for (int n = 0; n < STEPS; n++) {
      note(surroundings, machine.rip());
      if (machine.step(1)) {
        return machine.outcome(false);
      }
    }
    return machine.outcome(true);
  }

  private void note(Surroundings surroundings, long linear) {
    long limit = Layout.CODE + Layout.CODE_BYTES;
    if (reached == null || linear < Layout.CODE || linear >= limit) {
      return;
    }
    int room = (int) Math.min(fetched.length, limit - linear);
    Mem.copyOut(machine.ram + linear, fetched, 0, room);
    boolean vex = !surroundings.isReal();
    if (decoder.decode(fetched, 0, room, surroundings.bits, vex, insn) == DecodeResult.OK) {
      Row row = insn.row;
      reached[row.index] |= machine.offers(row);
    }
  }

  /** {@return whether the instruction exists in protected mode only} */
  boolean needsProtectedMode(Vector vector) {
    return decode(vector) && insn.row.has(RowAttribute.PROTECTED);
  }

  private boolean decode(Vector vector) {
    DecodeResult result =
        decoder.decode(vector.code, 0, vector.code.length, vector.codeBits, true, insn);
    return result == DecodeResult.OK;
  }

  private boolean repeats(Vector vector) {
    return decode(vector)
        && insn.isRepeated()
        && (insn.row.has(RowAttribute.REP) || insn.row.has(RowAttribute.REP_CONDITION));
  }
}
