// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the JVM wrote down when it met a fault: {@code hs_err_pidN.log}. */
final class ErrorLog {
  private static final Pattern REGISTER =
      Pattern.compile("\\b(R[A-Z0-9]{1,2}) *= *0x([0-9a-f]{1,16})");
  private static final Pattern STACK =
      Pattern.compile("^0x([0-9a-f]{16}): +([0-9a-f]{16})(?: ([0-9a-f]{16}))?");
  private static final Pattern PROCESS = Pattern.compile("pid=([0-9]+)");

  /** Names of the general registers by number, as the log has them. */
  private static final String[] NAMES = {
    "RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI",
    "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"
  };

  private final Map<String, Long> registers = new HashMap<>();
  private final Map<Long, Long> stack = new HashMap<>();
  private String signal;
  private String process;

  ErrorLog(List<String> lines) {
    for (String line : lines) {
      if (line.startsWith("siginfo:") && signal == null) {
        signal = line.substring("siginfo:".length()).strip();
      }
      Matcher found = PROCESS.matcher(line);
      if (process == null && found.find()) {
        process = found.group(1);
      }
      for (Matcher m = REGISTER.matcher(line); m.find(); ) {
        registers.putIfAbsent(m.group(1), Long.parseUnsignedLong(m.group(2), 16));
      }
      Matcher words = STACK.matcher(line);
      if (words.find()) {
        long address = Long.parseUnsignedLong(words.group(1), 16);
        stack.putIfAbsent(address, Long.parseUnsignedLong(words.group(2), 16));
        if (words.group(3) != null) {
          stack.putIfAbsent(address + 8, Long.parseUnsignedLong(words.group(3), 16));
        }
      }
    }
  }

  /** {@return what the system said of the fault, if the log tells} */
  Optional<String> signal() {
    return Optional.ofNullable(signal);
  }

  /** {@return the number of the process, if the log tells} */
  Optional<String> process() {
    return Optional.ofNullable(process);
  }

  /** {@return where the host stood, if the log tells} */
  OptionalLong rip() {
    return of(registers.get("RIP"));
  }

  /** {@return a guest register, if the log tells it: from its host register or from the frame} */
  OptionalLong guest(int register) {
    if (Frame.isPinned(register)) {
      return of(registers.get(NAMES[Frame.host(register)]));
    }
    Long sp = registers.get("RSP");
    return sp == null ? OptionalLong.empty() : of(stack.get(sp + Frame.spill(register)));
  }

  private static OptionalLong of(Long value) {
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
