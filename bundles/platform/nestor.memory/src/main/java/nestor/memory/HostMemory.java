// SPDX-License-Identifier: Apache-2.0
package nestor.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * Zeroed host memory that costs nothing until it is touched.
 *
 * <p>With the system's {@code mmap} where its constants are known, so that holes stay holes and
 * nothing is written to disk; elsewhere a sparse temporary file.
 */
final class HostMemory implements AutoCloseable {
  private static final int READ_WRITE = 3;
  private static final int PRIVATE = 2;
  private static final int LINUX_ANONYMOUS_NO_RESERVE = 0x20 | 0x4000;
  private static final int LINUX_HUGE_PAGES = 14;
  private static final int MAC_ANONYMOUS_NO_RESERVE = 0x1000 | 0x40;

  /** Host address of the first byte; page aligned. */
  final long address;

  private final long length;
  private final Arena arena;

  private HostMemory(long address, long length, Arena arena) {
    this.address = address;
    this.length = length;
    this.arena = arena;
  }

  /** {@return {@code length} bytes of zeroes} */
  static HostMemory reserve(long length) {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    if (os.contains("linux")) {
      HostMemory memory = map(length, PRIVATE | LINUX_ANONYMOUS_NO_RESERVE);
      adviseHugePages(memory.address, length);
      return memory;
    }
    if (os.contains("mac")) {
      return map(length, PRIVATE | MAC_ANONYMOUS_NO_RESERVE);
    }
    return sparseFile(length);
  }

  private static HostMemory map(long length, int flags) {
    MethodHandle mmap =
        function(
            "mmap",
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG));
    long address;
    try {
      address = (long) mmap.invokeExact(0L, length, READ_WRITE, flags, -1, 0L);
    } catch (Throwable e) {
      throw new IllegalStateException("mmap cannot be called", e);
    }
    if (address == -1) {
      throw new IllegalStateException("the host cannot map " + length + " bytes for guest memory");
    }
    return new HostMemory(address, length, null);
  }

  /**
   * Asks for pages of 2 MiB, so that a guest's first touch of its memory costs one fault of the
   * host for 512 pages, and fewer misses of the host's TLB. A host that has none refuses, which
   * changes nothing.
   */
  private static void adviseHugePages(long address, long length) {
    MethodHandle madvise =
        function(
            "madvise",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT));
    try {
      int refused = (int) madvise.invokeExact(address, length, LINUX_HUGE_PAGES);
      assert refused <= 0;
    } catch (Throwable e) {
      throw new IllegalStateException("madvise cannot be called", e);
    }
  }

  /** A sparse temporary file: for hosts whose mmap constants are not known, such as Windows. */
  static HostMemory sparseFile(long length) {
    Arena arena = Arena.ofShared();
    try {
      Path file = Files.createTempFile("nestor", ".ram");
      try (FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.SPARSE,
              StandardOpenOption.DELETE_ON_CLOSE)) {
        MemorySegment segment = channel.map(FileChannel.MapMode.READ_WRITE, 0, length, arena);
        return new HostMemory(segment.address(), length, arena);
      }
    } catch (IOException e) {
      arena.close();
      throw new UncheckedIOException("no temporary file for guest memory", e);
    }
  }

  @Override
  public void close() {
    if (arena != null) {
      arena.close();
      return;
    }
    MethodHandle munmap =
        function(
            "munmap",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    int result;
    try {
      result = (int) munmap.invokeExact(address, length);
    } catch (Throwable e) {
      throw new IllegalStateException("munmap cannot be called", e);
    }
    if (result != 0) {
      throw new IllegalStateException("munmap refused guest memory");
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    SymbolLookup library = linker.defaultLookup();
    return linker.downcallHandle(library.findOrThrow(name), descriptor);
  }
}
