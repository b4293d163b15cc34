// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.api.command.FileTrouble;
import nestor.isa.CodeText;
import nestor.isa.Disassembler;
import org.osgi.service.component.annotations.Component;

/** {@code ./nestor crash}: which guest instruction a fault in translated code belongs to. */
@Component(service = Command.class)
public final class CrashCommand implements Command {
  private static final String MAP = "--map";

  /** Exit code: the fault is not in translated code. */
  private static final int ELSEWHERE = 1;

  private static final int GENERAL_REGISTERS = 16;

  @Override
  public String name() {
    return "crash";
  }

  @Override
  public String summary() {
    return "find the guest instruction of a fault in translated code";
  }

  @Override
  public String help() {
    return """
    Usage: ./nestor crash hs_err_pidN.log [--map FILE]

    Reads what the JVM wrote when it met a fault, and a map of translated code that
    the same process wrote, and prints the block in which the fault happened, the
    guest's instruction and registers, and the code of guest and host.

    The map is written if the environment asks for it, and costs nothing if not:

      NESTOR_CODE_MAP=code_pid%p.map ./nestor run linux

      --map FILE   the map (default: code_pidN.map beside the log)

    Exit codes: 0 found, 1 the fault is not in translated code, 2 wrong usage, 6 a
    file is missing or is something else.
    """;
  }

  @Override
  public int run(List<String> args, CommandIo io) throws CommandException {
    Path log = null;
    Path map = null;
    for (int n = 0; n < args.size(); n++) {
      String word = args.get(n);
      if (word.equals(MAP)) {
        if (++n == args.size()) {
          throw usage(MAP + " needs a value");
        }
        map = io.directory().resolve(args.get(n));
      } else if (word.startsWith("--")) {
        throw usage("unknown option " + word + "; did you mean " + MAP + "?");
      } else if (log != null) {
        throw usage("one log at a time");
      } else {
        log = io.directory().resolve(word);
      }
    }
    if (log == null) {
      throw usage("which log? Usage: ./nestor crash hs_err_pidN.log [--map FILE]");
    }
    return explain(log, map, io.out());
  }

  private static CommandException usage(String message) {
    return new CommandException(USAGE, message);
  }

  private static int explain(Path logFile, Path mapFile, PrintStream out) throws CommandException {
    ErrorLog log = new ErrorLog(lines(logFile));
    OptionalLong rip = log.rip();
    if (rip.isEmpty()) {
      throw new CommandException(BAD_INPUT, logFile + ": tells no RIP; not a JVM's error log?");
    }
    log.signal().ifPresent(signal -> out.println("signal: " + signal));
    Optional<MappedBlock> block = find(map(logFile, mapFile, log), rip.getAsLong());
    if (block.isEmpty()) {
      out.printf("host rip %016x is in no translated block%n", rip.getAsLong());
      return ELSEWHERE;
    }
    print(block.get(), rip.getAsLong(), out);
    registers(log, out);
    return OK;
  }

  private static Path map(Path logFile, Path mapFile, ErrorLog log) throws CommandException {
    if (mapFile != null) {
      return mapFile;
    }
    String process =
        log.process()
            .orElseThrow(
                () -> new CommandException(BAD_INPUT, logFile + ": tells no pid; use " + MAP));
    return logFile.resolveSibling("code_pid" + process + ".map");
  }

  private static List<String> lines(Path file) throws CommandException {
    try {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new CommandException(BAD_INPUT, file + ": cannot be read: " + FileTrouble.reason(e));
    }
  }

  /** {@return the block that was made last at an address} */
  private static Optional<MappedBlock> find(Path file, long address) throws CommandException {
    List<String> lines = lines(file);
    if (lines.isEmpty() || !lines.getFirst().equals(CodeMap.TITLE)) {
      throw new CommandException(BAD_INPUT, file + ": is not a code map");
    }
    for (int n = lines.size() - 1; n > 0; n--) {
      try {
        MappedBlock block = MappedBlock.parse(lines.get(n));
        if (block != null && block.holds(address)) {
          return Optional.of(block);
        }
      } catch (IllegalArgumentException e) {
        if (n < lines.size() - 1) { // the last may have been cut off
          throw new CommandException(BAD_INPUT, file + " line " + (n + 1) + ": " + e.getMessage());
        }
      }
    }
    return Optional.empty();
  }

  private static void print(MappedBlock block, long rip, PrintStream out) {
    out.printf(
        "block %016x, physical %x, %d-bit, %d instructions%n",
        block.rip, block.gpa, block.codeSize, block.starts.length);
    List<String> guest = CodeText.of(block.guest, block.rip, block.codeSize);
    int hit = block.isHot(rip) ? block.instruction(rip) : -1;
    out.printf(
        "host rip %016x: %s%n",
        rip,
        hit < 0
            ? "in the code that seldom runs"
            : hit < guest.size() ? "guest instruction " + hit : "behind the last instruction");
    for (int n = 0; n < guest.size(); n++) {
      out.println((n == hit ? "=> " : "   ") + guest.get(n));
    }
    out.println("host code");
    code(block.hot, block.hotAddress, rip, out);
    out.println("host code that seldom runs");
    code(block.cold, block.coldAddress, rip, out);
  }

  private static void code(byte[] code, long address, long rip, PrintStream out) {
    for (String line : CodeText.of(code, address, 64)) {
      boolean hit = line.startsWith(String.format("%016x", rip));
      out.println((hit ? "=> " : "   ") + line);
    }
  }

  private static void registers(ErrorLog log, PrintStream out) {
    out.println("guest registers, as far as the log tells");
    for (int n = 0; n < GENERAL_REGISTERS; n++) {
      OptionalLong value = log.guest(n);
      String text = value.isEmpty() ? "?" : String.format("%016x", value.getAsLong());
      out.printf("%-4s %-16s%s", Disassembler.register(n, 8), text, n % 4 == 3 ? "\n" : "  ");
    }
  }
}
