// SPDX-License-Identifier: Apache-2.0
package nestor.isatools;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import nestor.isa.Insn;
import nestor.isa.RowAttribute;

/** Mnemonics of objdump and of the instruction table, brought to one form. */
final class ObjdumpNames {
  private static final Set<String> PREFIXES =
      Set.of(
          "lock",
          "rep",
          "repz",
          "repnz",
          "repe",
          "repne",
          "bnd",
          "notrack",
          "data16",
          "addr32",
          "cs",
          "ds",
          "es",
          "ss",
          "fs",
          "gs",
          "xacquire",
          "xrelease");

  /** Names of binutils for those of the manuals. */
  private static final Map<String, String> SYNONYMS =
      Map.ofEntries(
          Map.entry("movabs", "mov"),
          Map.entry("sal", "shl"),
          Map.entry("iretq", "iret"),
          Map.entry("iretd", "iret"),
          Map.entry("iretw", "iret"),
          Map.entry("sysretq", "sysret"),
          Map.entry("sysretl", "sysret"),
          Map.entry("sysretd", "sysret"),
          Map.entry("sysexitq", "sysexit"),
          Map.entry("retf", "retf"),
          Map.entry("retfq", "retf"),
          Map.entry("retfw", "retf"),
          Map.entry("retw", "ret"),
          Map.entry("callw", "call"),
          Map.entry("jmpw", "jmp"),
          Map.entry("pushw", "push"),
          Map.entry("popw", "pop"),
          Map.entry("pushfw", "pushf"),
          Map.entry("popfw", "popf"),
          Map.entry("pushfq", "pushf"),
          Map.entry("popfq", "popf"),
          Map.entry("enterw", "enter"),
          Map.entry("leavew", "leave"),
          Map.entry("int1", "int1"),
          Map.entry("icebp", "int1"),
          Map.entry("ud2a", "ud2"),
          Map.entry("xlatb", "xlat"),
          Map.entry("fxsave64", "fxsave"),
          Map.entry("fxrstor64", "fxrstor"),
          Map.entry("xsave64", "xsave"),
          Map.entry("xsaveopt64", "xsaveopt"),
          Map.entry("xsavec64", "xsavec"),
          Map.entry("xsaves64", "xsaves"),
          Map.entry("xrstor64", "xrstor"),
          Map.entry("xrstors64", "xrstors"),
          Map.entry("prefetchwt1", "prefetchw"),
          Map.entry("nopw", "nop"),
          Map.entry("nopl", "nop"),
          Map.entry("fs", "nop"),
          Map.entry("wait", "fwait"));

  private static final Pattern STRING = Pattern.compile("(movs|cmps|stos|lods|scas|ins|outs)");
  private static final Pattern COMPARISON =
      Pattern.compile("(v?)cmp(?:[a-z]+?(?:_[a-z]+)?)(ps|pd|ss|sd)");
  private static final Pattern INTEGER_COMPARISON =
      Pattern.compile("vpcmp(eq|lt|le|neq|nlt|nle|false|true)(u?[bwdq])");
  private static final Set<String> LISTED = Set.of("vpcmpeqb", "vpcmpeqw", "vpcmpeqd", "vpcmpeqq");

  /** Names that assemblers give to FWAIT and an instruction that does not wait. */
  private static final Set<String> WITH_WAIT =
      Set.of("finit", "fclex", "fsave", "fstcw", "fstenv", "fstsw", "feni", "fdisi", "fsetpm");

  /** Instructions that a kernel has for CPUs which Nestor does not play. */
  private static final Map<String, String> OUTSIDE =
      Map.ofEntries(
          Map.entry("encls", "not in the table: SGX"),
          Map.entry("enclu", "not in the table: SGX"),
          Map.entry("vmgexit", "not in the table: SEV-ES"),
          Map.entry("rmpadjust", "not in the table: SEV-SNP"),
          Map.entry("pvalidate", "not in the table: SEV-SNP"),
          Map.entry("psmash", "not in the table: SEV-SNP"),
          Map.entry("rmpupdate", "not in the table: SEV-SNP"),
          Map.entry("tdcall", "not in the table: TDX"),
          Map.entry("seamcall", "not in the table: TDX"),
          Map.entry("tilerelease", "not in the table: AMX"),
          Map.entry("tpause", "not in the table: WAITPKG"),
          Map.entry("umwait", "not in the table: WAITPKG"),
          Map.entry("umonitor", "not in the table: WAITPKG"));

  private ObjdumpNames() {}

  /** VPCMPB with the predicate 0 has the name of another instruction, VPCMPEQB, in objdump. */
  static boolean same(String objdump, String ours) {
    return objdump.equals(ours)
        || LISTED.contains(objdump) && ours.equals(objdump.replace("vpcmpeq", "vpcmp"));
  }

  static boolean isBad(String text) {
    return text.contains("(bad)") || text.startsWith(".byte") || text.isEmpty();
  }

  /** {@return objdump's mnemonic without prefixes, in the manuals' words} */
  static String mnemonic(String text) {
    String rest = text;
    String word = "";
    while (!rest.isEmpty()) {
      int blank = rest.indexOf(' ');
      word = blank < 0 ? rest : rest.substring(0, blank);
      rest = blank < 0 ? "" : rest.substring(blank).strip();
      if (!PREFIXES.contains(word) && !word.startsWith("rex") && !word.equals("{evex}")) {
        break;
      }
      if (rest.isEmpty()) {
        return word; // a prefix alone
      }
    }
    return manual(word, rest);
  }

  private static String manual(String word, String operands) {
    if (word.contains(",")) {
      return manual(word.substring(0, word.indexOf(',')), operands); // branch hints
    }
    if (STRING.matcher(word).matches()) {
      return word + size(operands);
    }
    if ((word.equals("call") || word.equals("jmp")) && isFar(operands)) {
      return word + "f";
    }
    if (word.equals("xchg") && operands.equals("ax,ax")) {
      return "nop";
    }
    Matcher comparison = COMPARISON.matcher(word);
    if (comparison.matches()) {
      return comparison.group(1) + "cmp" + comparison.group(2);
    }
    Matcher integers = INTEGER_COMPARISON.matcher(word);
    if (integers.matches() && !LISTED.contains(word)) {
      return "vpcmp" + integers.group(2);
    }
    if (word.matches("v?pclmul[lh]q[lh]qdq")) {
      return word.replaceFirst("pclmul.*", "pclmulqdq");
    }
    return SYNONYMS.getOrDefault(word, word);
  }

  private static boolean isFar(String operands) {
    return operands.startsWith("FWORD") || operands.startsWith("TBYTE") || operands.contains(":0x");
  }

  private static String size(String operands) {
    return operands.contains("BYTE")
        ? "b"
        : operands.contains("QWORD")
            ? "q"
            : operands.contains("DWORD") ? "d" : operands.contains("WORD") ? "w" : "?";
  }

  /** {@return our mnemonic in the same form} */
  static String ours(Insn insn) {
    String name = insn.row.mnemonic.name().toLowerCase(Locale.ROOT);
    boolean isNop = name.equals("xchg") && insn.row.opcode == 0x90 && insn.register[0] == 0;
    return isNop ? "nop" : SYNONYMS.getOrDefault(name, name);
  }

  /**
   * {@return why a difference is none, or null}
   *
   * @param insn what we made of it
   */
  static String excuse(String expected, Insn insn) {
    if (PREFIXES.contains(expected) || expected.startsWith("rex")) {
      return "objdump shows a prefix alone";
    }
    if (insn.row != null && insn.row.has(RowAttribute.TODO)) {
      return "in the table, not implemented";
    }
    if (insn.row != null && insn.row.opcode == 0x9B && WITH_WAIT.contains(expected)) {
      return "FWAIT, which objdump joins with the instruction behind it";
    }
    return OUTSIDE.get(expected);
  }
}
