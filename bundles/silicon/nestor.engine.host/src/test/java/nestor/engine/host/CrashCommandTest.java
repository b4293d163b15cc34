// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.testkit.CapturedIo;
import nestor.vcpu.Mem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrashCommandTest {
  /** ADD R11, 1; MOV R10, [RAX]; RET. */
  private static final byte[] HOT = {
    0x49, (byte) 0x83, (byte) 0xC3, 1, 0x4C, (byte) 0x8B, 0x10, (byte) 0xC3
  };

  /** NOP. */
  private static final byte[] COLD = {(byte) 0x90};

  /** INC RCX; MOV RAX, [RBX]. */
  private static final byte[] GUEST = {0x48, (byte) 0xFF, (byte) 0xC1, 0x48, (byte) 0x8B, 0x03};

  @TempDir private Path folder;
  private final Arena arena = Arena.ofAuto();
  private CapturedIo io;
  private HostBlock block;

  @BeforeEach
  void writeAMap() throws Exception {
    io = new CapturedIo(folder, folder);
    block = new HostBlock(0, 0x5000, 0xFFFF_8000_0000_5000L, 64, 2);
    block.code = GUEST;
    block.entry = code(HOT);
    block.hotBytes = HOT.length;
    block.coldEntry = code(COLD);
    block.coldBytes = COLD.length;
    new CodeMap(folder.resolve("code_pid77.map")).add(block, new int[] {0, 4, 0, 0});
  }

  private long code(byte[] bytes) {
    long address = arena.allocate(bytes.length).address();
    Mem.copyIn(bytes, 0, address, bytes.length);
    return address;
  }

  private void log(long rip) throws Exception {
    long sp = 0x7F00_0000_1000L;
    String text =
        """
        #  SIGSEGV (0xb) at pc=0x%1$016x, pid=77, tid=78
        siginfo: si_signo: 11 (SIGSEGV), si_code: 1 (SEGV_MAPERR), si_addr: 0x0000000000000010
        RAX=0x0000000000000010, RBX=0x0000000000000003, RCX=0x0000000000000001
        RSP=0x%2$016x, R10=0x00000000000000aa, R11=0x00000000000000cc
        RIP=0x%1$016x, EFLAGS=0x0000000000010206
        Top of Stack: (sp=0x%2$016x)
        0x%2$016x:   0000000000000001 0000000000000002
        0x%3$016x:   0000000000000999 0000000000000998
        """
            .formatted(rip, sp, sp + Frame.spill(9));
    Files.writeString(folder.resolve("hs_err_pid77.log"), text);
  }

  private int run(String... args) throws Exception {
    return new CrashCommand().run(List.of(args), io);
  }

  @Test
  void aFaultIsTheGuestInstructionItBelongsTo() throws Exception {
    log(block.entry + 4);

    assertThat(run("hs_err_pid77.log")).isEqualTo(Command.OK);
    assertThat(io.output())
        .contains("signal: si_signo: 11 (SIGSEGV)")
        .contains("block ffff800000005000, physical 5000, 64-bit, 2 instructions")
        .contains("guest instruction 1")
        .containsPattern("=> ffff800000005003  488b03 +mov rax, ")
        .containsPattern("   ffff800000005000  48ffc1 +inc rcx")
        .containsPattern("=> [0-9a-f]{16}  4c8b10 +mov r10, ")
        .contains("rax  00000000000000aa  rcx  00000000000000cc")
        .contains("r9   0000000000000999  r10  0000000000000998");
  }

  @Test
  void theBlockMadeLastAtAnAddressCounts() throws Exception {
    Path map = folder.resolve("code_pid77.map");
    String other = Files.readString(map).replace("ffff800000005000", "123000").split("\n", -1)[1];
    Files.writeString(map, other + "\nblock 1 2", StandardOpenOption.APPEND);
    log(block.coldEntry);

    assertThat(run("hs_err_pid77.log", "--map", "code_pid77.map")).isEqualTo(Command.OK);
    assertThat(io.output())
        .contains("block 0000000000123000")
        .contains("in the code that seldom runs");
  }

  @Test
  void aFaultElsewhereIsSaidToBeElsewhere() throws Exception {
    log(0x1234);

    assertThat(run("hs_err_pid77.log")).isEqualTo(1);
    assertThat(io.output()).contains("host rip 0000000000001234 is in no translated block");
  }

  @Test
  void wrongUseIsOneClearError() throws Exception {
    log(block.entry);
    Files.writeString(folder.resolve("other.txt"), "text");

    refuses(Command.USAGE, "which log?");
    refuses(Command.USAGE, "unknown option --mpa; did you mean --map?", "a.log", "--mpa");
    refuses(Command.USAGE, "--map needs a value", "a.log", "--map");
    refuses(Command.USAGE, "one log at a time", "a.log", "b.log");
    refuses(Command.BAD_INPUT, "none.log: cannot be read: ", "none.log");
    refuses(Command.BAD_INPUT, "tells no RIP", "other.txt");
    refuses(
        Command.BAD_INPUT,
        "other.txt: is not a code map",
        "hs_err_pid77.log",
        "--map",
        "other.txt");
  }

  private void refuses(int code, String message, String... args) {
    assertThatThrownBy(() -> run(args))
        .isInstanceOfSatisfying(
            CommandException.class, e -> assertThat(e.exitCode()).isEqualTo(code))
        .hasMessageContaining(message);
  }
}
