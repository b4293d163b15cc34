// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import java.util.Map;
import nestor.api.machine.Translation;
import nestor.vcpu.FastTable;
import nestor.vcpu.GuestFault;
import nestor.vcpu.Mem;
import nestor.vcpu.Mmu;
import nestor.vcpu.SecondLevel;
import nestor.vcpu.State;
import nestor.vcpu.TlbPolicy;
import nestor.vcpu.Vcpu;

/** The MMU of one vCPU: translation and the slow path of every access. */
final class GuestMmu implements Mmu {
  private static final int PAGE = 4096;

  private final Vcpu v;
  private final long state;
  private final Translator translator;
  private final DataBreakpoints breakpoints;
  private final WalkExplanation explanation;

  GuestMmu(Vcpu v, int entries, int physicalBits) {
    this.v = v;
    this.state = v.state;
    this.breakpoints = new DataBreakpoints(v);
    this.translator = new Translator(v, entries, physicalBits, breakpoints);
    this.explanation = new WalkExplanation(v, translator);
  }

  /** {@return what is behind, for tests} */
  Translator translator() {
    return translator;
  }

  /** {@return whether an access touches two pages} */
  private static boolean crosses(long linear, int size) {
    return ((int) linear & PAGE - 1) + size > PAGE;
  }

  @Override
  public long load(long linear, int size) {
    int view = FastTable.view(state);
    long value;
    if (crosses(linear, size)) {
      value = loadCrossing(linear, size, Rights.READ, view);
    } else {
      long gpa = translator.translate(linear, Rights.READ, view);
      checkAlignment(linear, size, view);
      value = read(linear, gpa, size);
    }
    if (breakpoints.enabled) {
      breakpoints.check(linear, size, false);
    }
    return value;
  }

  @Override
  public long loadForWrite(long linear, int size) {
    int view = FastTable.view(state);
    long value;
    if (crosses(linear, size)) {
      value = loadCrossing(linear, size, Rights.WRITE, view);
    } else {
      long gpa = translator.translate(linear, Rights.WRITE, view);
      checkAlignment(linear, size, view);
      value = read(linear, gpa, size);
    }
    if (breakpoints.enabled) {
      breakpoints.check(linear, size, false);
    }
    return value;
  }

  @Override
  public void store(long linear, int size, long value) {
    int view = FastTable.view(state);
    if (crosses(linear, size)) {
      storeCrossing(linear, size, value, view);
    } else {
      long gpa = translator.translate(linear, Rights.WRITE, view);
      checkAlignment(linear, size, view);
      write(linear, gpa, size, value);
    }
    if (breakpoints.enabled) {
      breakpoints.check(linear, size, true);
    }
  }

  /** Bases of descriptor tables may be wider than the paging mode: they are canonical or #GP(0). */
  private void checkSystem(long linear, int size) {
    if (State.longMode(state)
        && !(State.isCanonical(state, linear) && State.isCanonical(state, linear + size - 1))) {
      throw v.protection();
    }
  }

  @Override
  public long loadSystem(long linear, int size) {
    checkSystem(linear, size);
    if (crosses(linear, size)) {
      return loadCrossing(linear, size, Rights.READ, FastTable.SUPERVISOR);
    }
    long gpa = translator.translate(linear, Rights.READ, FastTable.SUPERVISOR);
    return read(linear, gpa, size);
  }

  @Override
  public void storeSystem(long linear, int size, long value) {
    checkSystem(linear, size);
    if (crosses(linear, size)) {
      storeCrossing(linear, size, value, FastTable.SUPERVISOR);
    } else {
      long gpa = translator.translate(linear, Rights.WRITE, FastTable.SUPERVISOR);
      write(linear, gpa, size, value);
    }
  }

  /** {@return whether the hypervisor's hardware answers in this page instead of memory} */
  private boolean isGuestApic(long gpa) {
    return gpa >>> 12 == v.intercepts.apicPage >>> 12;
  }

  private long read(long linear, long gpa, int size) {
    return isGuestApic(gpa)
        ? v.virtualization.loadApicPage(linear, gpa, size, Rights.READ)
        : v.memory.load(v, gpa, size);
  }

  private void write(long linear, long gpa, int size, long value) {
    if (isGuestApic(gpa)) {
      v.virtualization.storeApicPage(linear, gpa, size, value);
    } else {
      v.memory.store(v, gpa, size, value);
    }
  }

  /**
   * #AC (SDM vol. 3A, "Alignment Check Exception"): after page faults, before the access.
   *
   * <p>Unspecified: whether operands of more than 8 bytes are checked. We do not.
   */
  private void checkAlignment(long linear, int size, int view) {
    if (view == FastTable.USER_ALIGNED && (linear & size - 1) != 0) {
      throw v.fault(GuestFault.AC, 0);
    }
  }

  /** {@return the first address of the page after the one that holds {@code linear}} */
  private long nextPage(long linear, int view) {
    long next = (linear & -PAGE) + PAGE;
    // Code outside 64-bit mode makes 32-bit addresses; the CPU's own accesses obey the mode alone.
    boolean wide = State.mode64(state) || view == FastTable.SUPERVISOR && State.longMode(state);
    return wide ? next : next & 0xFFFF_FFFFL;
  }

  private long loadCrossing(long linear, int size, int access, int view) {
    long first = translator.translate(linear, access, view);
    long second = translator.translate(nextPage(linear, view), access, view);
    checkAlignment(linear, size, view);
    int head = PAGE - ((int) linear & PAGE - 1);
    return loadPieces(first, head) | loadPieces(second, size - head) << 8 * head;
  }

  private void storeCrossing(long linear, int size, long value, int view) {
    long first = translator.translate(linear, Rights.WRITE, view);
    long second = translator.translate(nextPage(linear, view), Rights.WRITE, view);
    checkAlignment(linear, size, view);
    int head = PAGE - ((int) linear & PAGE - 1);
    storePieces(first, head, value);
    storePieces(second, size - head, value >>> 8 * head);
  }

  private static int piece(long gpa, int left) {
    return (int) Math.min(Math.min(8, Integer.highestOneBit(left)), Long.lowestOneBit(gpa | 8));
  }

  private long loadPieces(long gpa, int count) {
    long value = 0;
    for (int done = 0; done < count; ) {
      int size = piece(gpa + done, count - done);
      value |= read(0, gpa + done, size) << 8 * done;
      done += size;
    }
    return value;
  }

  private void storePieces(long gpa, int count, long value) {
    for (int done = 0; done < count; ) {
      int size = piece(gpa + done, count - done);
      write(0, gpa + done, size, value >>> 8 * done);
      done += size;
    }
  }

  @Override
  public void loadBytes(long linear, long target, int count) {
    if (count <= 0) {
      return;
    }
    int view = FastTable.view(state);
    int head = Math.min(count, PAGE - ((int) linear & PAGE - 1));
    long first = translator.translate(linear, Rights.READ, view);
    long second =
        head < count ? translator.translate(nextPage(linear, view), Rights.READ, view) : 0;
    copyOut(first, target, head);
    if (head < count) {
      copyOut(second, target + head, count - head);
    }
    if (breakpoints.enabled) {
      breakpoints.check(linear, count, false);
    }
  }

  @Override
  public void storeBytes(long linear, long source, int count) {
    if (count <= 0) {
      return;
    }
    int view = FastTable.view(state);
    int head = Math.min(count, PAGE - ((int) linear & PAGE - 1));
    long first = translator.translate(linear, Rights.WRITE, view);
    long second =
        head < count ? translator.translate(nextPage(linear, view), Rights.WRITE, view) : 0;
    copyIn(source, first, head);
    if (head < count) {
      copyIn(source + head, second, count - head);
    }
    if (breakpoints.enabled) {
      breakpoints.check(linear, count, true);
    }
  }

  private void copyOut(long gpa, long target, int count) {
    if (translator.isPlainRam(gpa)) {
      Mem.copy(v.memory.ramBase() + gpa, target, count);
      return;
    }
    for (int done = 0; done < count; ) {
      int size = piece(gpa + done, count - done);
      Mem.put(target + done, size, read(0, gpa + done, size));
      done += size;
    }
  }

  private void copyIn(long source, long gpa, int count) {
    if (translator.isPlainRam(gpa)) {
      v.memory.storeBytes(gpa, source, count);
      return;
    }
    for (int done = 0; done < count; ) {
      int size = piece(gpa + done, count - done);
      write(0, gpa + done, size, Mem.get(source + done, size));
      done += size;
    }
  }

  @Override
  public void checkWrite(long linear, int size) {
    int view = FastTable.view(state);
    translator.translate(linear, Rights.WRITE, view);
    long page = linear;
    for (long end = (linear & PAGE - 1) + size; end > PAGE; end -= PAGE) {
      page = nextPage(page, view);
      translator.translate(page, Rights.WRITE, view);
    }
  }

  @Override
  public long fetch(long linear) {
    long entry = FastTable.entry(Mem.getLong(state + State.FAST_TABLE), linear);
    long known = FastTable.fetch(Mem.getLong(entry + FastTable.FETCH), linear);
    if (known >= 0) {
      return known;
    }
    long gpa = translator.translate(linear, Rights.FETCH, FastTable.view(state));
    if (isGuestApic(gpa)) {
      v.virtualization.loadApicPage(linear, gpa, 1, Rights.FETCH);
    }
    return gpa;
  }

  @Override
  public void modeChanged() {
    translator.modeChanged();
  }

  @Override
  public void addressSpaceChanged(boolean keep) {
    translator.addressSpaceChanged(keep);
  }

  @Override
  public boolean loadPdptes() {
    return translator.loadPdptes();
  }

  @Override
  public void invalidatePage(long linear) {
    translator.invalidatePage(linear);
  }

  @Override
  public void invalidatePcid(int type, int pcid, long linear) {
    translator.invalidatePcid(type, pcid, linear);
  }

  @Override
  public void flushAll() {
    translator.flushAll();
  }

  @Override
  public void enterWorld(SecondLevel world) {
    translator.enterWorld(world);
  }

  @Override
  public void setPdptes(long[] values) {
    System.arraycopy(values, 0, translator.pdptes, 0, values.length);
  }

  @Override
  public long[] pdptes() {
    return translator.pdptes;
  }

  @Override
  public long guestPhysical(long gpa, boolean write) {
    return translator.guestPhysical(gpa, write);
  }

  @Override
  public void invalidateTag(int tag, boolean keepGlobal) {
    translator.invalidateTag(tag, keepGlobal);
  }

  @Override
  public void invalidateTagPage(int tag, long linear) {
    translator.invalidateTagPage(tag, linear);
  }

  @Override
  public void invalidateSecondLevel(long root) {
    translator.invalidateSecondLevel(root);
  }

  @Override
  public void usePolicy(TlbPolicy policy) {
    translator.usePolicy(policy);
  }

  @Override
  public void watchWrites(long gpaPage) {
    translator.watchWrites(gpaPage);
  }

  @Override
  public Translation explain(long linear, boolean write, boolean fetch, boolean user) {
    return explanation.explain(linear, write, fetch, user);
  }

  @Override
  public Translation explainGuestPhysical(SecondLevel world, long guestPhysical) {
    return explanation.secondLevel(world, guestPhysical);
  }

  @Override
  public long peek(long linear) {
    return explanation.peek(linear);
  }

  @Override
  public Map<String, Long> counters() {
    return translator.counters();
  }
}
