// SPDX-License-Identifier: Apache-2.0
package nestor.isatools;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.isa.DecodeResult;
import nestor.isa.Decoder;
import nestor.isa.Insn;

/** Compares the decoder with objdump of binutils over whole files: length and mnemonic. */
final class ObjdumpComparison {
  private static final int SHOWN = 40;

  private final Decoder decoder = new Decoder();
  private final Insn insn = new Insn();
  private final byte[] bytes = new byte[Decoder.MAX_LENGTH + 1];
  private final Map<String, Integer> excused = new TreeMap<>();
  private final Map<String, Integer> differences = new TreeMap<>();
  private final Map<String, String> examples = new TreeMap<>();
  private long compared;
  private long different;

  private ObjdumpComparison() {}

  static int run(IsaOptions options, CommandIo io) throws Exception {
    if (options.words.isEmpty()) {
      throw new CommandException(Command.USAGE, "give files; see ./nestor help isa");
    }
    long total = 0;
    for (String word : options.words) {
      Path file = io.directory().resolve(word);
      if (!Files.isReadable(file)) {
        throw new CommandException(Command.BAD_INPUT, word + ": no such file, or not readable");
      }
      ObjdumpComparison comparison = new ObjdumpComparison();
      comparison.compare(file);
      comparison.report(word, io);
      total += comparison.different;
    }
    io.out().println(total + " differences");
    return total == 0 ? Command.OK : Command.BAD_INPUT;
  }

  private void compare(Path file) throws Exception {
    if (!KernelImage.isOne(file)) {
      disassemble(file);
      return;
    }
    Path unpacked = Files.createTempFile("nestor-kernel-", ".elf");
    try {
      KernelImage.unpack(file, unpacked);
      disassemble(unpacked);
    } finally {
      Files.delete(unpacked);
    }
  }

  private void disassemble(Path elf) throws Exception {
    Process objdump;
    try {
      objdump =
          new ProcessBuilder("objdump", "-d", "-w", "-M", "intel", "-z", elf.toString())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      throw new CommandException(
          Command.BAD_INPUT, "this host has no binutils: objdump is needed to compare");
    }
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(objdump.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        line(line);
      }
    }
    if (objdump.waitFor() != 0 || compared == 0) {
      throw new CommandException(
          Command.BAD_INPUT, elf + ": objdump finds no x86-64 code in this file");
    }
  }

  /** A line of code is {@code ADDRESS: <tab> BYTES <tab> TEXT}. */
  private void line(String line) {
    int first = line.indexOf(":\t");
    int second = first < 0 ? -1 : line.indexOf('\t', first + 2);
    if (second < 0) {
      return;
    }
    int length = hex(line, first + 2, second);
    String text = line.substring(second + 1).strip();
    if (length == 0) {
      return;
    }
    compared++;
    DecodeResult result = decoder.decode(bytes, 0, length, 64, true, insn);
    if (ObjdumpNames.isBad(text)) {
      if (result == DecodeResult.OK && insn.length == length) {
        note("binutils 2.40 does not know or resynchronises: data between code", excused);
      }
      return;
    }
    String expected = ObjdumpNames.mnemonic(text);
    String actual = result == DecodeResult.OK ? ObjdumpNames.ours(insn) : "(" + result + ")";
    if (result == DecodeResult.OK && insn.length == length && ObjdumpNames.same(expected, actual)) {
      return;
    }
    String reason = ObjdumpNames.excuse(expected, insn);
    if (reason != null) {
      note(reason, excused);
      return;
    }
    different++;
    String kind =
        expected + " is " + actual + (insn.length == length ? "" : " of length " + insn.length);
    note(kind, differences);
    examples.putIfAbsent(kind, line.strip().replace('\t', ' '));
  }

  private static void note(String what, Map<String, Integer> counts) {
    counts.merge(what, 1, Integer::sum);
  }

  private int hex(String line, int from, int to) {
    int count = 0;
    for (int at = from; at + 1 < to && line.charAt(at) != ' ' && count < bytes.length; at += 3) {
      bytes[count++] =
          (byte)
              (Character.digit(line.charAt(at), 16) << 4
                  | Character.digit(line.charAt(at + 1), 16));
    }
    return count;
  }

  private void report(String name, CommandIo io) {
    io.out().println(name + ": " + compared + " instructions, " + different + " differences");
    excused.forEach((reason, count) -> io.out().printf("  %9d excused: %s%n", count, reason));
    differences.entrySet().stream()
        .sorted((a, b) -> b.getValue() - a.getValue())
        .limit(SHOWN)
        .forEach(
            e ->
                io.out()
                    .printf("  %9d %s: %s%n", e.getValue(), e.getKey(), examples.get(e.getKey())));
  }
}
