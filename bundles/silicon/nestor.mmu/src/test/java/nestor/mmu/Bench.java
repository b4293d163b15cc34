// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import nestor.vcpu.CodeListener;
import nestor.vcpu.FastTable;
import nestor.vcpu.Mem;
import nestor.vcpu.PhysicalMemory;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** A vCPU with an MMU over a few MiB of RAM, and what a test wants to set and see. */
final class Bench implements PhysicalMemory {
  static final long RAM = 4 << 20;

  final Vcpu v;
  final GuestMmu mmu;
  final List<Long> stores = new ArrayList<>();
  final List<Long> writtenTold = new ArrayList<>();
  long watchedPage = -1;

  private final Arena arena = Arena.ofAuto();
  private final long ram = arena.allocate(RAM, 4096).address();

  Bench(int entries, int physicalBits) {
    v = new Vcpu(0, arena.allocate(State.BYTES, 64).address());
    v.memory = this;
    mmu = new GuestMmu(v, entries, physicalBits);
    v.mmu = mmu;
    set(State.CODE_SIZE, 32);
    set(State.CANONICAL_SHIFT, 16);
  }

  void set(int field, long value) {
    Mem.putLong(v.state + field, value);
  }

  long get(int field) {
    return Mem.getLong(v.state + field);
  }

  /** Long mode with the given additions, tables at {@code cr3}. */
  void longMode(long cr0, long cr4, long efer, long cr3) {
    set(State.CR3, cr3);
    set(State.CR4, PagingMode.CR4_PAE | cr4);
    set(State.EFER, PagingMode.EFER_LMA | 0x100 | efer);
    set(State.CR0, PagingMode.CR0_PG | 1 | cr0);
    set(State.CODE_SIZE, 64);
    mmu.modeChanged();
  }

  void privilege(int cpl, boolean ac) {
    set(State.CPL, cpl);
    set(State.RFLAGS, ac ? 0x4_0002 : 2);
    FastTable.select(v.state);
  }

  long at(long gpa) {
    return isRam(gpa) ? Mem.getLong(ram + gpa) : -1;
  }

  void put(long gpa, long value) {
    Mem.putLong(ram + gpa, value);
  }

  void putInt(long gpa, int value) {
    Mem.putInt(ram + gpa, value);
  }

  @Override
  public long ramBase() {
    return ram;
  }

  @Override
  public boolean isRam(long gpa) {
    return gpa >= 0 && gpa < RAM;
  }

  @Override
  public long a20Mask() {
    return -1;
  }

  @Override
  public long load(Vcpu vcpu, long gpa, int size) {
    return isRam(gpa) ? Mem.get(ram + gpa, size) : -1L >>> 64 - 8 * size;
  }

  @Override
  public void store(Vcpu vcpu, long gpa, int size, long value) {
    stores.add(gpa);
    if (isRam(gpa)) {
      Mem.put(ram + gpa, size, value);
    }
  }

  @Override
  public int in(Vcpu vcpu, int port, int size) {
    return -1;
  }

  @Override
  public void out(Vcpu vcpu, int port, int size, int value) {}

  @Override
  public boolean isWriteWatched(long gpa) {
    return (gpa & -4096L) == watchedPage;
  }

  @Override
  public boolean watchCode(long gpa, int length) {
    watchedPage = gpa & -4096L;
    mmu.watchWrites(watchedPage);
    return false;
  }

  @Override
  public void addCodeListener(CodeListener listener) {}

  @Override
  public void removeCodeListener(CodeListener listener) {}

  @Override
  public void written(long gpa, int length) {
    writtenTold.add(gpa);
  }
}
