// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

import java.util.ArrayList;
import java.util.List;

/** A row while it is being parsed. */
final class RowFields {
  Mnemonic mnemonic;
  Family family;
  String encoding;
  String feature = "-";
  final List<OperandSpec> operands = new ArrayList<>();
  Row.Space space = Row.Space.LEGACY;
  int map;
  int opcode = Row.ANY;
  boolean registerInOpcode;
  int prefixMask = 0xF;
  boolean mandatoryPrefix;
  int regField = Row.ANY;
  int fixedModrm = Row.ANY;
  boolean hasModrm;
  int rexW = Row.ANY;
  int lengthMask = 7;
  int memoryForm = Row.ANY;
  int attributes;
  int element;
  String intercept = "";
  int flagsRead;
  int flagsWritten;
  int flagsUndefined;
}
