// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import nestor.isa.Family;
import nestor.isa.Isa;
import nestor.isa.Mnemonic;
import nestor.isa.OperandSpec;
import nestor.isa.Row;
import nestor.isa.RowAttribute;
import nestor.vectors.Machine;

/** The rows that random programs are made of, and why the others are not. */
final class FuzzRows {
  private static final String APPROXIMATION = "an approximation, whose last bits each CPU chooses";
  private static final String POINTERS =
      "an image with x87 instruction and data pointers, which CPUs keep differently";

  private final List<Row> rows = new ArrayList<>();
  private final Map<Family, List<Row>> families = new EnumMap<>(Family.class);
  private final Map<String, Integer> left = new TreeMap<>();

  /**
   * Chooses rows.
   *
   * @param machine whose CPU model must have them
   * @param host the CPU that must have them too; null for engine against engine
   */
  FuzzRows(Machine machine, HostCpu host, String only) {
    for (Row row : Isa.rows()) {
      String reason = reasonAgainst(row, machine, host);
      if (reason == null && only != null && !matches(row, only)) {
        reason = "not asked for";
      }
      if (reason == null) {
        rows.add(row);
        families.computeIfAbsent(row.family, _ -> new ArrayList<>()).add(row);
      } else {
        left.merge(reason, 1, Integer::sum);
      }
    }
  }

  private static boolean matches(Row row, String only) {
    for (String word : only.split(",")) {
      if (row.family.name().equalsIgnoreCase(word)
          || row.mnemonic.name().equalsIgnoreCase(word)
          || row.feature.equalsIgnoreCase(word)) {
        return true;
      }
    }
    return false;
  }

  private static String reasonAgainst(Row row, Machine machine, HostCpu host) {
    if (row.has(RowAttribute.NOT64)) {
      return "not in 64-bit mode";
    }
    if (row.has(RowAttribute.TODO) || !machine.offers(row)) {
      return "not offered by the CPU model";
    }
    if (row.family.isSystem() && !isUserState(row)) {
      return "a system instruction";
    }
    if (host != null && !host.offers(row.feature)) {
      return "not on this host's CPU";
    }
    return host == null ? null : reasonAgainst(row, host);
  }

  private static boolean isUserState(Row row) {
    return switch (row.mnemonic) {
      case RDFSBASE, RDGSBASE, WRFSBASE, WRGSBASE -> true;
      case MOV -> row.opcode == 0x8C; // stores a segment register
      default -> false;
    };
  }

  private static String reasonAgainst(Row row, HostCpu host) {
    String name = row.mnemonic.name();
    if (name.startsWith("RCP") || name.startsWith("RSQRT")) {
      return APPROXIMATION;
    }
    if (name.startsWith("VRCP") || name.startsWith("VRSQRT")) {
      return APPROXIMATION;
    }
    return switch (name) {
      case "F2XM1", "FYL2X", "FYL2XP1", "FPTAN", "FPATAN", "FSIN", "FCOS", "FSINCOS" ->
          APPROXIMATION;
      case "FSAVE", "FNSAVE", "FSTENV", "FNSTENV", "FXSAVE", "FXSAVE64" -> POINTERS;
      case "XSAVE", "XSAVEOPT", "XSAVEC" -> POINTERS;
      case "XRSTOR", "FXRSTOR" -> "needs an image; the recorded vectors have them";
      case "BSF", "BSR" -> host.isAmd() ? null : "a source of 0 leaves AMD's destination alone";
      case "BSWAP", "SHLD", "SHRD" -> host.isAmd() ? null : "16-bit forms differ between vendors";
      default -> null;
    };
  }

  List<Row> all() {
    return rows;
  }

  List<Row> of(Family family) {
    return families.get(family);
  }

  List<Family> families() {
    return List.copyOf(families.keySet());
  }

  /** {@return how many rows are left out, by reason} */
  Map<String, Integer> left() {
    return left;
  }

  static boolean isBitTest(Mnemonic mnemonic) {
    return switch (mnemonic) {
      case BT, BTS, BTR, BTC -> true;
      default -> false;
    };
  }

  static boolean hasOffset(Row row) {
    return row.operands.stream().anyMatch(spec -> spec.where() == OperandSpec.Where.OFFSET);
  }

  static boolean hasRelative(Row row) {
    return row.operands.stream().anyMatch(spec -> spec.where() == OperandSpec.Where.RELATIVE);
  }
}
