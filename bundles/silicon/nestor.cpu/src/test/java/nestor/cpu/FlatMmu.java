// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import nestor.api.machine.Translation;
import nestor.vcpu.Mem;
import nestor.vcpu.Mmu;
import nestor.vcpu.SecondLevel;
import nestor.vcpu.State;
import nestor.vcpu.TlbPolicy;
import nestor.vcpu.Vcpu;

/** Linear is physical; pages can be made absent, and what was asked of the MMU is written down. */
final class FlatMmu implements Mmu {
  private static final int WRITE = 2;
  private static final int USER = 4;

  private final Vcpu v;
  private final long ram;

  /** Pages that are not present. */
  final Set<Long> absent = new HashSet<>();

  /** Calls in order, such as {@code flushAll}. */
  final List<String> calls = new ArrayList<>();

  /** What {@link #loadPdptes} says. */
  boolean pdptesGood = true;

  FlatMmu(Vcpu v, long ram) {
    this.v = v;
    this.ram = ram;
  }

  private long host(long linear, int size, int error) {
    int user = State.cpl(v.state) == 3 ? USER : 0;
    return present(linear, size, error | user);
  }

  private long present(long linear, int size, int error) {
    for (long page : new long[] {linear >>> 12, linear + size - 1 >>> 12}) {
      if (absent.contains(page)) {
        throw v.pageFault(linear, error);
      }
    }
    return ram + (linear & TestMachine.RAM - 1);
  }

  @Override
  public long load(long linear, int size) {
    return Mem.get(host(linear, size, 0), size);
  }

  @Override
  public long loadForWrite(long linear, int size) {
    return Mem.get(host(linear, size, WRITE), size);
  }

  @Override
  public void store(long linear, int size, long value) {
    Mem.put(host(linear, size, WRITE), size, value);
  }

  @Override
  public void loadBytes(long linear, long target, int count) {
    Mem.copy(host(linear, count, 0), target, count);
  }

  @Override
  public void storeBytes(long linear, long source, int count) {
    Mem.copy(source, host(linear, count, WRITE), count);
  }

  @Override
  public void checkWrite(long linear, int size) {
    host(linear, size, WRITE);
  }

  @Override
  public long loadSystem(long linear, int size) {
    return Mem.get(present(linear, size, 0), size);
  }

  @Override
  public void storeSystem(long linear, int size, long value) {
    Mem.put(present(linear, size, WRITE), size, value);
  }

  @Override
  public long fetch(long linear) {
    host(linear, 1, 16);
    return linear;
  }

  @Override
  public void modeChanged() {
    calls.add("modeChanged");
  }

  @Override
  public void addressSpaceChanged(boolean keep) {
    calls.add(keep ? "addressSpaceKept" : "addressSpaceChanged");
  }

  @Override
  public boolean loadPdptes() {
    return pdptesGood;
  }

  @Override
  public void invalidatePage(long linear) {
    calls.add("invalidatePage " + Long.toHexString(linear));
  }

  @Override
  public void invalidatePcid(int type, int pcid, long linear) {
    calls.add("invalidatePcid " + type + " " + pcid);
  }

  @Override
  public void flushAll() {
    calls.add("flushAll");
  }

  @Override
  public void enterWorld(SecondLevel world) {
    calls.add("enterWorld " + world.tag);
  }

  @Override
  public void setPdptes(long[] values) {
    calls.add("setPdptes");
  }

  @Override
  public long[] pdptes() {
    return new long[4];
  }

  @Override
  public long guestPhysical(long gpa, boolean write) {
    return gpa;
  }

  @Override
  public void invalidateTag(int tag, boolean keepGlobal) {
    calls.add("invalidateTag " + tag);
  }

  @Override
  public void invalidateTagPage(int tag, long linear) {
    calls.add("invalidateTagPage " + tag);
  }

  @Override
  public void invalidateSecondLevel(long root) {
    calls.add("invalidateSecondLevel");
  }

  @Override
  public void usePolicy(TlbPolicy policy) {}

  @Override
  public void watchWrites(long gpaPage) {}

  @Override
  public Translation explain(long linear, boolean write, boolean fetch, boolean user) {
    return new Translation(linear, linear, null, List.of());
  }

  @Override
  public Translation explainGuestPhysical(SecondLevel world, long guestPhysical) {
    return new Translation(guestPhysical, guestPhysical, null, List.of());
  }

  @Override
  public long peek(long linear) {
    return linear;
  }

  @Override
  public Map<String, Long> counters() {
    return Map.of();
  }
}
