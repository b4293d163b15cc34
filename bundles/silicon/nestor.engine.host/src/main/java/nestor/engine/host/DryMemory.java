// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.util.Map;
import nestor.api.machine.Translation;
import nestor.vcpu.FastTable;
import nestor.vcpu.Mem;
import nestor.vcpu.Mmu;
import nestor.vcpu.SecondLevel;
import nestor.vcpu.TlbPolicy;

/**
 * Memory as translated code sees it: what the fast table holds, and nothing else. Every write is
 * noted. What would need Java ends the run with {@link Stop}, without any effect.
 */
final class DryMemory implements Mmu {
  /** Something that translated code leaves to Java. */
  static final class Stop extends RuntimeException {
    private static final long serialVersionUID = 1;

    Stop() {
      super(null, null, false, false);
    }
  }

  private static final Stop STOP = new Stop();
  private static final int PAGE = 4096;

  final WriteLog log = new WriteLog();
  private long table;
  private int step;

  /** From now on accesses are those of instruction {@code number}, through a fast table. */
  void begin(int number, long fastTable) {
    step = number;
    table = fastTable;
  }

  private long host(long linear, int size, int tag) {
    long entry = FastTable.entry(table, linear);
    boolean within = (linear & PAGE - 1) + size <= PAGE;
    if (!within || Mem.getLong(entry + tag) != (linear & FastTable.PAGE)) {
      throw STOP;
    }
    return FastTable.host(entry, linear);
  }

  private long writable(long linear, int size) {
    long host = host(linear, size, FastTable.WRITE);
    if (!log.hasRoom(size)) {
      throw STOP;
    }
    return host;
  }

  @Override
  public long load(long linear, int size) {
    return Mem.get(host(linear, size, FastTable.READ), size);
  }

  @Override
  public long loadForWrite(long linear, int size) {
    return Mem.get(writable(linear, size), size);
  }

  @Override
  public void store(long linear, int size, long value) {
    long host = writable(linear, size);
    log.note(step, host, size);
    Mem.put(host, size, value);
    log.done();
  }

  @Override
  public void loadBytes(long linear, long target, int count) {
    Mem.copy(host(linear, count, FastTable.READ), target, count);
  }

  @Override
  public void storeBytes(long linear, long source, int count) {
    long host = writable(linear, count);
    log.note(step, host, count);
    Mem.copy(source, host, count);
    log.done();
  }

  @Override
  public void checkWrite(long linear, int size) {
    writable(linear, size);
  }

  @Override
  public long loadSystem(long linear, int size) {
    throw STOP;
  }

  @Override
  public void storeSystem(long linear, int size, long value) {
    throw STOP;
  }

  @Override
  public long fetch(long linear) {
    throw STOP;
  }

  @Override
  public void modeChanged() {
    throw STOP;
  }

  @Override
  public void addressSpaceChanged(boolean keep) {
    throw STOP;
  }

  @Override
  public boolean loadPdptes() {
    throw STOP;
  }

  @Override
  public void invalidatePage(long linear) {
    throw STOP;
  }

  @Override
  public void invalidatePcid(int type, int pcid, long linear) {
    throw STOP;
  }

  @Override
  public void flushAll() {
    throw STOP;
  }

  @Override
  public void enterWorld(SecondLevel world) {
    throw STOP;
  }

  @Override
  public void setPdptes(long[] values) {
    throw STOP;
  }

  @Override
  public long[] pdptes() {
    throw STOP;
  }

  @Override
  public long guestPhysical(long gpa, boolean write) {
    throw STOP;
  }

  @Override
  public void invalidateTag(int tag, boolean keepGlobal) {
    throw STOP;
  }

  @Override
  public void invalidateTagPage(int tag, long linear) {
    throw STOP;
  }

  @Override
  public void invalidateSecondLevel(long root) {
    throw STOP;
  }

  @Override
  public void usePolicy(TlbPolicy policy) {
    throw STOP;
  }

  @Override
  public void watchWrites(long gpaPage) {
    throw STOP;
  }

  @Override
  public Translation explain(long linear, boolean write, boolean fetch, boolean user) {
    throw STOP;
  }

  @Override
  public Translation explainGuestPhysical(SecondLevel world, long guestPhysical) {
    throw STOP;
  }

  @Override
  public long peek(long linear) {
    throw STOP;
  }

  @Override
  public Map<String, Long> counters() {
    throw STOP;
  }
}
