// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.lang.foreign.MemorySegment;
import nestor.vcpu.Mem;

/**
 * Memory for generated code, seen through two views: one that is written, one that is executed.
 *
 * <p>The first page holds the stubs. Behind it code grows in two parts: what runs, and, apart from
 * it, what seldom runs. When a part is full everything is given up at once: translating again is
 * cheap, and nothing has to be kept about ages and neighbours.
 */
final class CodeCache implements AutoCloseable {
  static final long BYTES = 128L << 20;
  private static final long STUBS = 4096;
  private static final long COLD = BYTES / 2;

  /** Room that must be left in each part before a block is translated. */
  private static final long RESERVE = 1 << 16;

  private final int file;
  private final long writable;
  private final long executable;

  private long hot = STUBS;
  private long cold = COLD;
  private long stubs;

  CodeCache() {
    file = Native.memoryFile("nestor-code", BYTES);
    writable = Native.map(file, BYTES, false);
    executable = Native.map(file, BYTES, true);
  }

  /** {@return host address of the next hot code} */
  long hotAddress() {
    return executable + hot;
  }

  /** {@return host address of the next cold code} */
  long coldAddress() {
    return executable + cold;
  }

  /** {@return host address of the next stub} */
  long stubAddress() {
    return executable + stubs;
  }

  /** Adds a stub. */
  MemorySegment addStub(Emitter code) {
    long address = stubAddress();
    Mem.copyIn(code.bytes(), 0, writable + stubs, code.size());
    stubs += align(code.size());
    if (stubs > STUBS) {
      throw new IllegalStateException("the stubs are larger than their page");
    }
    return MemorySegment.ofAddress(address);
  }

  private static long align(long bytes) {
    return (bytes + 15) & -16;
  }

  boolean isFull() {
    return hot + RESERVE > COLD || cold + RESERVE > BYTES;
  }

  /** Adds a block's code, which was made for the addresses that come next. */
  void add(Emitter hotCode, Emitter coldCode) {
    Mem.copyIn(hotCode.bytes(), 0, writable + hot, hotCode.size());
    Mem.copyIn(coldCode.bytes(), 0, writable + cold, coldCode.size());
    hot += align(hotCode.size());
    cold += coldCode.size();
  }

  /** Lets the jump whose displacement lies at {@code place} lead to {@code target}. */
  void patchJump(long place, long target) {
    Mem.putInt(place - executable + writable, (int) (target - (place + 4)));
  }

  /** Replaces an eight-byte constant. */
  void patchConstant(long place, long value) {
    Mem.putLong(place - executable + writable, value);
  }

  /** {@return a copy of code} */
  static byte[] copy(long address, int bytes) {
    byte[] code = new byte[bytes];
    Mem.copyOut(address, code, 0, bytes);
    return code;
  }

  /** Gives up all blocks; stubs stay. */
  void clear() {
    hot = STUBS;
    cold = COLD;
  }

  /** {@return bytes of code in both parts} */
  long used() {
    return hot - STUBS + cold - COLD;
  }

  @Override
  public void close() {
    Native.unmap(executable, BYTES);
    Native.unmap(writable, BYTES);
    Native.close(file);
  }
}
