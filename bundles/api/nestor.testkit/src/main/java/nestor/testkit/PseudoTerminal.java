// SPDX-License-Identifier: Apache-2.0
package nestor.testkit;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The person's end of a terminal of 100 columns and 40 lines, by the host's C library. For Linux.
 */
@SuppressWarnings("restricted") // it calls the C library
public final class PseudoTerminal implements AutoCloseable {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle OPENPTY =
      function("openpty", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle READ =
      function("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle WRITE =
      function("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle CLOSE = function("close", JAVA_INT, JAVA_INT);

  private final int near;
  private final int far;
  private final Path device;
  private final StringBuilder screen = new StringBuilder();

  /** Opens a terminal. */
  public PseudoTerminal() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(JAVA_INT, 2);
      MemorySegment name = arena.allocate(256);
      MemorySegment size =
          arena.allocateFrom(JAVA_SHORT, (short) 40, (short) 100, (short) 0, (short) 0);
      int failed = (int) OPENPTY.invokeExact(ends, ends.asSlice(4), name, MemorySegment.NULL, size);
      if (failed != 0) {
        throw new IllegalStateException("openpty failed");
      }
      near = ends.get(JAVA_INT, 0);
      far = ends.get(JAVA_INT, 4);
      device = Path.of(name.getString(0));
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    Thread.ofPlatform().daemon().name("terminal").start(this::readAll);
  }

  private static MethodHandle function(
      String name, MemoryLayout result, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, arguments));
  }

  /** {@return the other end, for a process's standard streams} */
  public Path device() {
    return device;
  }

  /** Starts a process whose three standard streams are this terminal. */
  public Process start(ProcessBuilder builder) throws IOException {
    return builder
        .redirectInput(device.toFile())
        .redirectOutput(device.toFile())
        .redirectError(device.toFile())
        .start();
  }

  private void readAll() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(4096);
      while (true) {
        long count = (long) READ.invokeExact(near, buffer, 4096L);
        if (count <= 0) {
          return;
        }
        byte[] bytes = buffer.asSlice(0, count).toArray(JAVA_BYTE);
        synchronized (screen) {
          screen.append(new String(bytes, StandardCharsets.UTF_8));
          screen.notifyAll();
        }
      }
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Types a text. */
  public void type(String text) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      MemorySegment buffer = arena.allocate(bytes.length);
      MemorySegment.copy(bytes, 0, buffer, JAVA_BYTE, 0, bytes.length);
      long written = (long) WRITE.invokeExact(near, buffer, (long) bytes.length);
      if (written != bytes.length) {
        throw new IllegalStateException("wrote " + written + " of " + bytes.length);
      }
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * {@return what came since the last call up to this text, once it appears}
   *
   * @throws AssertionError if it does not in time
   */
  public String awaitText(String text, long millis) throws InterruptedException {
    long giveUp = System.currentTimeMillis() + millis;
    synchronized (screen) {
      int at = screen.indexOf(text);
      while (at < 0) {
        long left = giveUp - System.currentTimeMillis();
        if (left <= 0) {
          throw new AssertionError("'" + text + "' did not appear; what did: " + screen);
        }
        screen.wait(left);
        at = screen.indexOf(text);
      }
      String seen = screen.substring(0, at + text.length());
      screen.delete(0, at + text.length());
      return seen;
    }
  }

  @Override
  public void close() {
    try {
      int first = (int) CLOSE.invokeExact(far);
      int second = (int) CLOSE.invokeExact(near);
      if (first != 0 || second != 0) {
        throw new IllegalStateException("close failed");
      }
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
