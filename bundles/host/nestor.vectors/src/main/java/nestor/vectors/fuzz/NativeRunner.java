// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import nestor.isa.Assembler;
import nestor.vectors.Layout;

/**
 * Runs programs on the host's CPU, in a process of its own: {@code runner.asm}, assembled by
 * Nestor. Belongs to one thread.
 */
final class NativeRunner implements Runner {
  /** Programs that one batch may have. */
  static final int SLOTS = 256;

  private static final int SLOT = 0x8000;
  private static final int CODE = 0x100;
  private static final int IMAGE = 0x800;
  private static final int IMAGE_BYTES = 0xB00;
  private static final int WINDOW = 0x2000;
  private static final int OUT = 0x4000;
  private static final int OUT_IMAGE = 0x4100;
  private static final int OUT_WINDOW = 0x6000;
  private static final long LIMIT_SECONDS = 20;

  /** Order of general registers in the kernel's signal frame: R8-R15, then these. */
  private static final int[] FRAME_ORDER = {8, 9, 10, 11, 12, 13, 14, 15, 7, 6, 5, 3, 2, 0, 1, 4};

  private static final int FRAME_RIP = 16;
  private static final int FRAME_RFLAGS = 17;
  private static final int FRAME_ERROR = 19;
  private static final int FRAME_TRAP = 20;
  private static final int FRAME_CR2 = 22;
  private static final long RF = 1 << 16;

  private final Path folder;
  private final MappedByteBuffer slots;
  private Process process;
  private DataInputStream answers;
  private OutputStream counts;
  private HostCpu host;

  NativeRunner() throws IOException {
    folder = Files.createTempDirectory("nestor-fuzz-");
    try (FileChannel file =
        FileChannel.open(
            folder.resolve("slots"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      slots = file.map(FileChannel.MapMode.READ_WRITE, 0, (long) SLOTS * SLOT);
    }
    slots.order(ByteOrder.LITTLE_ENDIAN);
    start();
  }

  private static byte[] assemble() throws IOException {
    try (InputStream in = NativeRunner.class.getResourceAsStream("runner.asm")) {
      String source = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return Assembler.assemble(source, "runner.asm", Elf.START).bytes();
    }
  }

  private void start() throws IOException {
    // One at a time: a process that is forked while another thread writes its program would keep
    // that file open, and the system runs no file that somebody may write.
    synchronized (NativeRunner.class) {
      Path program = folder.resolve("runner");
      if (!Files.exists(program)) {
        Files.write(program, Elf.program(assemble()));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
      }
      process = launch(program);
    }
    greet();
  }

  private Process launch(Path program) throws IOException {
    return new ProcessBuilder(program.toString(), folder.resolve("slots").toString())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private void greet() throws IOException {
    answers = new DataInputStream(process.getInputStream());
    counts = process.getOutputStream();
    byte[] greeting = new byte[64];
    try {
      answers.readFully(greeting);
    } catch (EOFException e) {
      throw new IOException("the native runner ends at once", e);
    }
    host = new HostCpu(ByteBuffer.wrap(greeting));
  }

  HostCpu host() {
    return host;
  }

  @Override
  public int batch() {
    return SLOTS;
  }

  @Override
  public void run(List<Trial> trials) throws IOException {
    for (int n = 0; n < trials.size(); n++) {
      fill(n * SLOT, trials.get(n));
    }
    byte[] count = new byte[8];
    ByteBuffer.wrap(count).order(ByteOrder.LITTLE_ENDIAN).putLong(trials.size());
    boolean ended = send(count);
    if (!ended && trials.size() > 1) {
      for (Trial trial : trials) {
        run(List.of(trial));
      }
      return;
    }
    for (int n = 0; n < trials.size(); n++) {
      trials.get(n).expected = ended ? result(n * SLOT) : null;
    }
  }

  /** {@return whether an answer came; if not, the runner starts anew} */
  private boolean send(byte[] count) throws IOException {
    try {
      counts.write(count);
      counts.flush();
      CompletableFuture<Boolean> answer = CompletableFuture.supplyAsync(this::answered);
      if (answer.get(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        return true;
      }
    } catch (IOException | TimeoutException | ExecutionException e) {
      // below: it died or hangs
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    process.destroyForcibly();
    start();
    return false;
  }

  private boolean answered() {
    try {
      answers.readFully(new byte[8]);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private void fill(int at, Trial trial) {
    CpuSnapshot in = trial.before;
    for (int n = 0; n < 16; n++) {
      slots.putLong(at + 8 * n, in.gpr[n]);
    }
    slots.putLong(at + 0x80, in.rflags);
    slots.putLong(at + 0x88, Layout.START);
    slots.putLong(at + 0x90, trial.code.length + 1L);
    slots.putLong(at + 0x98, in.fsBase);
    slots.putLong(at + 0xA0, in.gsBase);
    slots.put(at + CODE, trial.code);
    slots.put(at + CODE + trial.code.length, (byte) 0xF4);
    in.toXsave(slots.slice(at + IMAGE, IMAGE_BYTES), host);
    slots.put(at + WINDOW, in.window);
  }

  private CpuSnapshot result(int at) {
    CpuSnapshot out = new CpuSnapshot();
    for (int n = 0; n < 16; n++) {
      out.gpr[FRAME_ORDER[n]] = frame(at, n);
    }
    out.rip = frame(at, FRAME_RIP);
    out.rflags = frame(at, FRAME_RFLAGS) & ~RF;
    out.exception = (int) frame(at, FRAME_TRAP);
    out.errorCode = frame(at, FRAME_ERROR);
    out.cr2 = frame(at, FRAME_CR2);
    out.fsBase = slots.getLong(at + 0x40C0);
    out.gsBase = slots.getLong(at + 0x40C8);
    out.fromXsave(slots.slice(at + OUT_IMAGE, IMAGE_BYTES), host);
    slots.get(at + OUT_WINDOW, out.window);
    return out;
  }

  private long frame(int at, int n) {
    return slots.getLong(at + OUT + 8 * n);
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    Files.deleteIfExists(folder.resolve("runner"));
    Files.deleteIfExists(folder.resolve("slots"));
    Files.deleteIfExists(folder);
  }
}
