// SPDX-License-Identifier: Apache-2.0
package nestor.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import nestor.api.device.Device;
import nestor.api.device.DmaPort;
import nestor.api.device.MmioDevice;
import nestor.api.device.PortDevice;
import nestor.vcpu.CodeListener;
import nestor.vcpu.Mem;
import nestor.vcpu.Mmu;
import nestor.vcpu.PhysicalMemoryControl;
import nestor.vcpu.Rendezvous;
import nestor.vcpu.Vcpu;

/**
 * The physical address space of a PC: RAM from 0 with a gap at A0000h-BFFFFh for the display, a
 * hole for devices below 4 GiB, and the rest of RAM above.
 *
 * <p>C0000h-FFFFFh is RAM, as after a firmware that has shadowed itself: start tables lie there.
 */
final class PcMemory implements PhysicalMemoryControl {
  private static final long FOUR_GIB = 1L << 32;
  private static final long DISPLAY = 0xA_0000;
  private static final int DISPLAY_SHIFT = 17;
  private static final long A20 = 1 << 20;

  private final HostMemory host;
  private final long base;
  private final long lowTop;
  private final long highTop;
  private final List<Mmu> mmus = new ArrayList<>();
  private final KnownRegionTable known = new KnownRegionTable();
  private final PortSpace ports = new PortSpace(known);
  private final MmioSpace mmio = new MmioSpace(known);
  private final CodeWatch watch;
  private final long end;
  private Rendezvous rendezvous;
  private DirtyLog dirty;
  private long a20Mask = -1;

  PcMemory(long ramBytes, long lowMemoryTop) {
    if (ramBytes <= 0 || (ramBytes & 4095) != 0) {
      throw new IllegalArgumentException("RAM is not a multiple of 4096 bytes: " + ramBytes);
    }
    if (lowMemoryTop <= 0 || lowMemoryTop > FOUR_GIB || (lowMemoryTop & 4095) != 0) {
      throw new IllegalArgumentException("low memory cannot end at " + lowMemoryTop);
    }
    lowTop = Math.min(ramBytes, lowMemoryTop);
    highTop = ramBytes > lowTop ? FOUR_GIB + ramBytes - lowTop : FOUR_GIB;
    end = highTop > FOUR_GIB ? highTop : lowTop;
    host = HostMemory.reserve(end);
    base = host.address;
    watch = new CodeWatch(end, mmus);
  }

  @Override
  public long ramBase() {
    return base;
  }

  @Override
  public boolean isRam(long gpa) {
    return gpa < FOUR_GIB
        ? gpa < lowTop && gpa - DISPLAY >>> DISPLAY_SHIFT != 0 && gpa >= 0
        : gpa < highTop;
  }

  @Override
  public long a20Mask() {
    return a20Mask;
  }

  @Override
  public long load(Vcpu v, long gpa, int size) {
    if (isLocalApic(v, gpa)) {
      return v.apic.load((int) gpa & 4095, size);
    }
    return isRam(gpa) ? Mem.get(base + gpa, size) : loadDevice(gpa, size);
  }

  private long loadDevice(long gpa, int size) {
    if (rendezvous == null) {
      return mmio.load(gpa, size);
    }
    rendezvous.lockBoard();
    try {
      return mmio.load(gpa, size);
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public void store(Vcpu v, long gpa, int size, long value) {
    if (isLocalApic(v, gpa)) {
      v.apic.store((int) gpa & 4095, size, value);
    } else if (!isRam(gpa)) {
      storeDevice(gpa, size, value);
    } else if (!isWriteWatched(gpa)) {
      Mem.put(base + gpa, size, value);
    } else if (rendezvous == null) {
      putWatched(gpa, size, value);
    } else if (!putBeside(gpa, size, value)) {
      rendezvous.exclusively(() -> putWatched(gpa, size, value));
    }
  }

  private void putWatched(long gpa, int size, long value) {
    Mem.put(base + gpa, size, value);
    tell(gpa, size);
  }

  /**
   * Stores to a page of code, but not into the code: nobody may begin to watch the bytes meanwhile.
   * False, and nothing is stored, if they are watched.
   */
  private boolean putBeside(long gpa, int size, long value) {
    if (dirty != null && !dirty.isDirty(gpa)) {
      return false;
    }
    boolean tired;
    watch.lock();
    try {
      if (watch.covers(gpa, size)) {
        return false;
      }
      Mem.put(base + gpa, size, value);
      tired = watch.isTired(gpa);
    } finally {
      watch.unlock();
    }
    if (tired) {
      rendezvous.exclusively(() -> watch.release(gpa & -4096L));
    }
    return true;
  }

  private void storeDevice(long gpa, int size, long value) {
    if (rendezvous == null) {
      mmio.store(gpa, size, value);
      return;
    }
    rendezvous.lockBoard();
    try {
      mmio.store(gpa, size, value);
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public void storeBytes(long gpa, long source, int count) {
    if (!isWriteWatched(gpa)) {
      Mem.copy(source, base + gpa, count);
    } else {
      change(gpa, count, () -> Mem.copy(source, base + gpa, count));
    }
  }

  /** Does something that changes bytes of RAM, and tells of it. */
  void change(long gpa, int length, Runnable work) {
    if (rendezvous == null) {
      work.run();
      tell(gpa, length);
    } else {
      rendezvous.exclusively(
          () -> {
            work.run();
            tell(gpa, length);
          });
    }
  }

  /** Each vCPU has its own APIC at the same address, in front of all else. */
  private static boolean isLocalApic(Vcpu v, long gpa) {
    return v != null && v.apic != null && (gpa & -4096L) == v.apic.page();
  }

  @Override
  public int in(Vcpu v, int port, int size) {
    if (rendezvous == null) {
      return ports.in(port, size);
    }
    rendezvous.lockBoard();
    try {
      return ports.in(port, size);
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public void out(Vcpu v, int port, int size, int value) {
    if (rendezvous == null) {
      ports.out(port, size, value);
      return;
    }
    rendezvous.lockBoard();
    try {
      ports.out(port, size, value);
    } finally {
      rendezvous.unlockBoard();
    }
  }

  @Override
  public boolean isWriteWatched(long gpa) {
    return watch.isWatched(gpa) || dirty != null && !dirty.isDirty(gpa);
  }

  @Override
  public boolean watchCode(long gpa, int length) {
    return watch.watch(gpa, length);
  }

  @Override
  public void addCodeListener(CodeListener listener) {
    watch.add(listener);
  }

  @Override
  public void removeCodeListener(CodeListener listener) {
    watch.remove(listener);
  }

  @Override
  public void written(long gpa, int length) {
    if (rendezvous == null) {
      tell(gpa, length);
    } else {
      rendezvous.exclusively(() -> tell(gpa, length));
    }
  }

  private void tell(long gpa, int length) {
    if (dirty != null) {
      dirty.written(gpa, length);
    }
    watch.written(gpa, length);
  }

  @Override
  public void startDirtyLog() {
    dirty = new DirtyLog(end);
    mmus.forEach(mmu -> mmu.watchWrites(Mmu.ALL_PAGES));
  }

  @Override
  public void drainDirtyLog(LongConsumer gpa) {
    if (dirty == null) {
      throw new IllegalStateException("no dirty log is kept");
    }
    dirty.drain(gpa);
    mmus.forEach(mmu -> mmu.watchWrites(Mmu.ALL_PAGES));
  }

  @Override
  public void stopDirtyLog() {
    dirty = null;
  }

  @Override
  public void addMmu(Mmu mmu) {
    mmus.add(mmu);
  }

  @Override
  public void removeMmu(Mmu mmu) {
    mmus.remove(mmu);
  }

  @Override
  public void useRendezvous(Rendezvous where) {
    rendezvous = where;
    watch.useRendezvous(where);
  }

  @Override
  public void map(String name, MmioDevice device, long offset, long gpa, long length) {
    mmio.map(name, device, offset, gpa, length);
  }

  @Override
  public void map(String name, PortDevice device, int offset, int port, int count) {
    ports.map(name, device, offset, port, count);
  }

  @Override
  public void unmap(Device device) {
    ports.unmap(device);
    mmio.unmap(device);
  }

  @Override
  public void setA20(boolean open) {
    long mask = open ? -1 : ~A20;
    if (mask != a20Mask) {
      if (rendezvous == null) {
        setA20Mask(mask);
      } else {
        rendezvous.exclusively(() -> setA20Mask(mask));
      }
    }
  }

  private void setA20Mask(long mask) {
    a20Mask = mask;
    mmus.forEach(Mmu::flushAll);
  }

  @Override
  public DmaPort dma(MessageSink messages) {
    return new BusMaster(this, messages);
  }

  @Override
  public Map<String, Long> unmodelled() {
    return known.counts();
  }

  @Override
  public List<Region> regions() {
    List<Region> result = new ArrayList<>();
    result.add(new Region(Kind.RAM, 0, Math.min(lowTop, DISPLAY), "ram"));
    long afterDisplay = DISPLAY + (1 << DISPLAY_SHIFT);
    if (lowTop > afterDisplay) {
      result.add(new Region(Kind.RAM, afterDisplay, lowTop - afterDisplay, "ram"));
    }
    if (highTop > FOUR_GIB) {
      result.add(new Region(Kind.RAM, FOUR_GIB, highTop - FOUR_GIB, "ram"));
    }
    mmio.describe(result);
    ports.describe(result);
    return result;
  }

  @Override
  public void close() {
    host.close();
  }
}
