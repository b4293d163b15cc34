// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.util.ArrayList;
import java.util.List;
import nestor.isa.Row;

/** An instruction under test, with what prepares its operands: the smallest part of a program. */
final class Unit {
  static final int ARITHMETIC_FLAGS = 0x8D5;

  final List<Piece> pieces = new ArrayList<>();

  /** Position in the program as it was made; it stays when other units go. */
  final int number;

  /** Number of the unit that a branch goes to, or of the next one that is left; 0 for none. */
  int target;

  /** Whether a preparing instruction defines all arithmetic flags. */
  boolean definesFlags;

  Unit(int number) {
    this.number = number;
  }

  Row row() {
    return pieces.getLast().row;
  }

  int length() {
    int sum = 0;
    for (Piece piece : pieces) {
      sum += piece.length();
    }
    return sum;
  }

  boolean isShortBranch() {
    return pieces.getLast().isShortBranch();
  }

  /** {@return the flags that may be undefined after it, from those before} */
  long undefinedAfter(long before) {
    long defined = definesFlags ? ARITHMETIC_FLAGS : 0;
    return before & ~defined & ~UndefinedFlags.surelyWritten(row()) | UndefinedFlags.of(row());
  }

  /** {@return whether it uses a flag that is undefined} */
  boolean reads(long undefined) {
    return !definesFlags && (row().flagsRead & undefined) != 0;
  }
}
