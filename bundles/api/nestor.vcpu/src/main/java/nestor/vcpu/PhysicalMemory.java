// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * The physical address space of a machine: RAM, MMIO windows, I/O ports, and who watches RAM.
 *
 * <p>RAM is one host mapping: physical address {@code gpa} lies at {@code ramBase() + gpa}, holes
 * included, so one subtraction turns host addresses back. Called on vCPU threads.
 */
public interface PhysicalMemory {

  /** {@return host address of guest-physical address 0} */
  long ramBase();

  /** {@return whether the whole page holds RAM} */
  boolean isRam(long gpa);

  /** {@return mask that gate A20 puts on every physical address: all ones, or without bit 20} */
  long a20Mask();

  /** {@return 1, 2, 4 or 8 bytes of RAM or MMIO, which stay inside one page} */
  long load(Vcpu v, long gpa, int size);

  /**
   * Stores 1, 2, 4 or 8 bytes to RAM or MMIO, which stay inside one page. Code watches are told.
   */
  void store(Vcpu v, long gpa, int size, long value);

  /** {@return a value read from an I/O port} */
  int in(Vcpu v, int port, int size);

  /** Writes to an I/O port. */
  void out(Vcpu v, int port, int size, int value);

  /** {@return whether writes to this page need the slow path: it holds watched bytes} */
  boolean isWriteWatched(long gpa);

  /**
   * Watches bytes that were decoded as code. Write tags of the page are dropped from all vCPUs.
   *
   * @param gpa first byte; the range stays inside one page
   * @return whether other vCPUs may have run meanwhile: then the watch may have ended again
   */
  boolean watchCode(long gpa, int length);

  /** Registers an engine to hear of writes to watched bytes. */
  void addCodeListener(CodeListener listener);

  /** Removes it. */
  void removeCodeListener(CodeListener listener);

  /** Tells of bytes written by host address, after the write, if their page is watched. */
  void written(long gpa, int length);

  /** Stores bytes from a host address to RAM, inside one page. Code watches are told. */
  default void storeBytes(long gpa, long source, int count) {
    Mem.copy(source, ramBase() + gpa, count);
    written(gpa, count);
  }
}
