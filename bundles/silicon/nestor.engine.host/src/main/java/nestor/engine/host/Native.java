// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The host's functions that the engine needs, and the call into generated code. */
final class Native {
  private static final Linker LINKER = Linker.nativeLinker();

  private static final int READ_WRITE = 3;
  private static final int READ_EXECUTE = 5;
  private static final int SHARED = 1;
  private static final int PRIVATE_ANONYMOUS = 0x22;

  @SuppressWarnings("restricted")
  private static final MethodHandle RUN =
      LINKER.downcallHandle(
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));

  private Native() {}

  /** Calls code with two arguments, as a function of the System V ABI. */
  static long call(MemorySegment code, long first, long second) {
    try {
      return (long) RUN.invokeExact(code, first, second);
    } catch (Throwable e) {
      throw new IllegalStateException("generated code cannot be called", e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor);
  }

  /** {@return a file descriptor of anonymous memory of that size} */
  static int memoryFile(String name, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle create =
          function(
              "memfd_create",
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
      MethodHandle truncate =
          function(
              "ftruncate",
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
      int file = (int) create.invokeExact(arena.allocateFrom(name), 1); // close on exec
      if (file < 0 || (int) truncate.invokeExact(file, bytes) != 0) {
        throw new IllegalStateException("no anonymous memory file");
      }
      return file;
    } catch (IllegalStateException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("no anonymous memory file: " + e.getMessage(), e);
    }
  }

  /** {@return the address of memory that is zero and costs nothing until it is touched} */
  static long mapZeroes(long bytes) {
    return map(-1, bytes, READ_WRITE, PRIVATE_ANONYMOUS);
  }

  /** {@return the address of a view of a file, which may be executed or else written} */
  static long map(int file, long bytes, boolean execute) {
    return map(file, bytes, execute ? READ_EXECUTE : READ_WRITE, SHARED);
  }

  private static long map(int file, long bytes, int protection, int flags) {
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
    try {
      long address = (long) mmap.invokeExact(0L, bytes, protection, flags, file, 0L);
      if (address == -1) {
        throw new IllegalStateException(
            protection == READ_EXECUTE
                ? "the host grants no executable memory"
                : "the host grants no memory");
      }
      return address;
    } catch (IllegalStateException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("mmap cannot be called", e);
    }
  }

  /** Ends a view. */
  static void unmap(long address, long bytes) {
    MethodHandle munmap =
        function(
            "munmap",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    try {
      int result = (int) munmap.invokeExact(address, bytes);
      if (result != 0) {
        throw new IllegalStateException("munmap refused generated code");
      }
    } catch (IllegalStateException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("munmap cannot be called", e);
    }
  }

  /** Closes a file descriptor. */
  static void close(int file) {
    MethodHandle close =
        function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    try {
      int result = (int) close.invokeExact(file);
      if (result != 0) {
        throw new IllegalStateException("close refused a file of generated code");
      }
    } catch (IllegalStateException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("close cannot be called", e);
    }
  }
}
