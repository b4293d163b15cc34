// SPDX-License-Identifier: Apache-2.0
package nestor.isatools;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.api.command.NearestWord;
import nestor.isa.Assembler;
import nestor.isa.DecodeResult;
import nestor.isa.Decoder;
import nestor.isa.Disassembler;
import nestor.isa.Insn;
import nestor.isa.Isa;
import nestor.isa.Mnemonic;
import nestor.isa.Row;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** {@code ./nestor isa}: looks into the instruction table, and says how well it is tested. */
@Component(service = Command.class)
public final class IsaCommand implements Command {
  private static final List<String> WORDS =
      List.of("--coverage", "show", "decode", "encode", "compare");

  /** Made by the framework. */
  @Activate
  public IsaCommand() {}

  @Override
  public String name() {
    return "isa";
  }

  @Override
  public String summary() {
    return "show, decode and encode instructions, and how the table is tested";
  }

  @Override
  public String help() {
    return """
        Usage: ./nestor isa --coverage [--json] [--merge FILE...]
               ./nestor isa show MNEMONIC
               ./nestor isa decode HEX [--mode 16|32|64] [--at ADDRESS]
               ./nestor isa encode TEXT [--mode 16|32|64] [--at ADDRESS]
               ./nestor isa compare FILE...

        --coverage  rows of the instruction table: implemented, reached by recorded vectors,
                    by random programs, by Nestor's own tests, and by no test at all. The list
                    vectors/reached.txt comes from real runs; to make it anew:
                      ./nestor test
                      ./nestor vectors --rows /tmp/vectors.rows
                      ./nestor fuzz --programs 100000 --reached /tmp/random.rows
                      ./nestor isa --coverage --merge /tmp/vectors.rows /tmp/random.rows
        show        the rows of a mnemonic, with operands, feature and flags
        decode      what bytes mean
        encode      the shortest bytes of a line of assembly text
        compare     decodes the code of ELF files or Linux kernel images, and compares length
                    and mnemonic with objdump of binutils, which must be installed

        Example: ./nestor isa decode 480fb64308
        """;
  }

  @Override
  public int run(List<String> args, CommandIo io) throws Exception {
    if (args.isEmpty()) {
      throw new CommandException(USAGE, "say what to do; see ./nestor help isa");
    }
    String word = args.getFirst();
    IsaOptions options = IsaOptions.parse(args.subList(1, args.size()));
    switch (word) {
      case "--coverage" -> {
        return Coverage.run(options, io);
      }
      case "show" -> show(options.only("a mnemonic"), io);
      case "decode" -> decode(options, io);
      case "encode" -> encode(options, io);
      case "compare" -> {
        return ObjdumpComparison.run(options, io);
      }
      default -> {
        String nearest = NearestWord.to(word, WORDS);
        throw new CommandException(
            USAGE,
            "unknown word "
                + word
                + (nearest == null
                    ? "; known: " + String.join(", ", WORDS)
                    : "; did you mean " + nearest + "?"));
      }
    }
    return OK;
  }

  private static void show(String name, CommandIo io) throws CommandException {
    boolean any = false;
    for (Row row : Isa.rows()) {
      if (row.mnemonic.name().equalsIgnoreCase(name)) {
        any = true;
        io.out().println(RowText.line(row));
      }
    }
    if (!any) {
      List<String> known = java.util.Arrays.stream(Mnemonic.values()).map(Enum::name).toList();
      String nearest = NearestWord.to(name, known);
      throw new CommandException(
          BAD_INPUT,
          "no instruction "
              + name
              + (nearest == null
                  ? ""
                  : "; did you mean " + nearest.toLowerCase(Locale.ROOT) + "?"));
    }
  }

  private static void decode(IsaOptions options, CommandIo io) throws CommandException {
    String hex = options.all("bytes").replaceAll("[\\s,]|0x", "");
    byte[] code;
    try {
      code = HexFormat.of().parseHex(hex);
    } catch (IllegalArgumentException e) {
      throw new CommandException(BAD_INPUT, "not hexadecimal bytes: " + hex);
    }
    Decoder decoder = new Decoder();
    Insn insn = new Insn();
    int at = 0;
    while (at < code.length) {
      DecodeResult result = decoder.decode(code, at, code.length, options.mode, true, insn);
      int length = Math.max(1, Math.min(insn.length, code.length - at));
      String bytes = HexFormat.of().formatHex(code, at, at + length);
      String text =
          switch (result) {
            case OK -> Disassembler.text(insn, options.at + at);
            case UNDEFINED -> "(undefined: #UD)";
            case TOO_LONG -> "(longer than 15 bytes: #GP)";
            case NEED_MORE -> "(ends too early)";
          };
      io.out().printf("%8x  %-30s %s%n", options.at + at, bytes, text);
      if (result == DecodeResult.OK) {
        io.out().printf("          %s%n", RowText.line(insn.row));
      }
      at += length;
    }
  }

  private static void encode(IsaOptions options, CommandIo io) throws CommandException {
    String text = options.all("a line of assembly text").replace("\\n", "\n");
    try {
      byte[] code =
          Assembler.assemble(".code" + options.mode + "\n" + text, "text", options.at).bytes();
      io.out().println(HexFormat.of().formatHex(code));
    } catch (IllegalArgumentException e) {
      String message = e.getMessage().replaceFirst("^text:\\d+: ", "");
      throw new CommandException(BAD_INPUT, message);
    }
  }
}
