// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import nestor.api.device.Device;
import nestor.api.device.DmaPort;
import nestor.api.device.MmioDevice;
import nestor.api.device.PortDevice;

/**
 * What the owner of a physical address space may do with it: the machine. All methods but {@link
 * #unmodelled} and {@link #regions} are called at safepoints or before the vCPUs run.
 */
public interface PhysicalMemoryControl extends PhysicalMemory, AutoCloseable {

  /** Registers the MMU of a vCPU: its fast tables hold host addresses of this RAM. */
  void addMmu(Mmu mmu);

  /** Removes it. */
  void removeMmu(Mmu mmu);

  /** From now on vCPUs run on several threads, which meet there; before any of them runs. */
  void useRendezvous(Rendezvous rendezvous);

  /**
   * Lets a device answer in a range of guest-physical addresses. Where ranges of devices overlap,
   * the smallest wins; RAM wins over all.
   *
   * @param name for people, such as the device's name in the profile
   * @param offset what the device calls the first byte of the range
   */
  void map(String name, MmioDevice device, long offset, long gpa, long length);

  /**
   * Lets a device answer on I/O ports. Where ranges overlap, the smallest wins.
   *
   * @param offset what the device calls the first port of the range
   */
  void map(String name, PortDevice device, int offset, int port, int count);

  /** Takes all ranges of a device away: they float, as if nothing was there. */
  void unmap(Device device);

  /** Opens or closes gate A20; all MMUs are flushed if that changes it. */
  void setA20(boolean open);

  /**
   * {@return access for bus masters, without an IOMMU}
   *
   * @param messages takes the writes into the interrupt address range
   */
  DmaPort dma(MessageSink messages);

  /**
   * Starts to note which pages of RAM are written, whoever writes: for snapshots, migration and
   * displays. At first no page is dirty.
   */
  void startDirtyLog();

  /** Gives the addresses of the dirty pages in ascending order, and makes them clean again. */
  void drainDirtyLog(LongConsumer gpa);

  /** Ends the log. */
  void stopDirtyLog();

  /** {@return accesses that nothing answered, counted by the name of the region} */
  Map<String, Long> unmodelled();

  /** {@return RAM and all ranges of devices, by address} */
  List<Region> regions();

  /** Gives the RAM back to the host. Nothing may run on it any more. */
  @Override
  void close();

  /** Receives message-signalled interrupts. */
  interface MessageSink {

    /** A 32-bit write into FEE00000h-FEEFFFFFh (SDM vol. 3A, "Message Signalled Interrupts"). */
    void message(long address, int data);
  }

  /** A kind of {@link Region}. */
  enum Kind {
    /** RAM. */
    RAM,
    /** A window of a device in memory space. */
    MMIO,
    /** A range of I/O ports. */
    PORTS
  }

  /** A range that something answers in. */
  record Region(Kind kind, long base, long length, String name) {}
}
