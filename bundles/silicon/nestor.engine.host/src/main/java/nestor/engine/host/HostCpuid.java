// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import nestor.vcpu.Mem;

/** Executes CPUID and XGETBV on the host's CPU, by a few bytes of code of our own. */
final class HostCpuid {
  private static final int PAGE = 4096;

  /**
   * {@code long cpuid(long result, long leaf + subleaf << 32)}: EAX, EBX, ECX, EDX go to {@code
   * result}.
   */
  private static final byte[] CPUID = {
    0x53, // push rbx
    (byte) 0x89,
    (byte) 0xF0, // mov eax, esi
    0x48,
    (byte) 0x89,
    (byte) 0xF1, // mov rcx, rsi
    0x48,
    (byte) 0xC1,
    (byte) 0xE9,
    0x20, // shr rcx, 32
    0x0F,
    (byte) 0xA2, // cpuid
    (byte) 0x89,
    0x07, // mov [rdi], eax
    (byte) 0x89,
    0x5F,
    0x04, // mov [rdi + 4], ebx
    (byte) 0x89,
    0x4F,
    0x08, // mov [rdi + 8], ecx
    (byte) 0x89,
    0x57,
    0x0C, // mov [rdi + 12], edx
    0x5B, // pop rbx
    (byte) 0xC3, // ret
  };

  /** {@code long xgetbv(long, long)}: XCR0. */
  private static final byte[] XGETBV = {
    0x31,
    (byte) 0xC9, // xor ecx, ecx
    0x0F,
    0x01,
    (byte) 0xD0, // xgetbv
    0x48,
    (byte) 0xC1,
    (byte) 0xE2,
    0x20, // shl rdx, 32
    0x48,
    0x09,
    (byte) 0xD0, // or rax, rdx
    (byte) 0xC3, // ret
  };

  private static final int SECOND = 64;

  private final Map<Long, int[]> known = new HashMap<>();
  private final int file = Native.memoryFile("nestor-cpuid", PAGE);
  private final long writable = Native.map(file, PAGE, false);
  private final long executable = Native.map(file, PAGE, true);

  HostCpuid() {
    Mem.copyIn(CPUID, 0, writable, CPUID.length);
    Mem.copyIn(XGETBV, 0, writable + SECOND, XGETBV.length);
  }

  /** {@return EAX, EBX, ECX and EDX; zeros for a leaf that the CPU does not have} */
  int[] leaf(int leaf, int subleaf) {
    if (leaf != (leaf & 0x8000_0000)
        && Integer.compareUnsigned(leaf, execute(leaf & 0x8000_0000, 0)[0]) > 0) {
      return new int[4];
    }
    return execute(leaf, subleaf);
  }

  /** In a virtual machine each CPUID is a VM exit. */
  private int[] execute(int leaf, int subleaf) {
    long key = leaf & 0xFFFF_FFFFL | (long) subleaf << 32;
    return known.computeIfAbsent(key, this::execute);
  }

  private int[] execute(long leaf) {
    try (Arena arena = Arena.ofConfined()) {
      long result = arena.allocate(16).address();
      Native.call(MemorySegment.ofAddress(executable), result, leaf);
      int[] registers = new int[4];
      for (int n = 0; n < 4; n++) {
        registers[n] = Mem.getInt(result + 4L * n);
      }
      return registers;
    }
  }

  /** {@return XCR0, for a CPU and a system that have it} */
  long xcr0() {
    return Native.call(MemorySegment.ofAddress(executable + SECOND), 0, 0);
  }

  void close() {
    Native.unmap(executable, PAGE);
    Native.unmap(writable, PAGE);
    Native.close(file);
  }
}
