// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import nestor.api.virt.Breakpoint;
import nestor.api.virt.ControlField;
import nestor.api.virt.VmEvent;
import nestor.vcpu.CodeListener;
import nestor.vcpu.PhysicalMemory;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Breakpoints on exits and on writes of fields. Fields that lie in memory, as those of a VMCB do,
 * are watched there: each structure from its first entry on, and a hit is a change of the field by
 * software, not by the processor.
 */
final class VmBreakpoints implements CodeListener {

  /** One that is set. */
  private static final class Entry {
    final int number;
    final VmEvent.Kind kind;
    final String name;
    long hits;

    Entry(int number, VmEvent.Kind kind, String name) {
      this.number = number;
      this.kind = kind;
      this.name = name;
    }

    Breakpoint view() {
      return new Breakpoint(number, kind, name, hits);
    }
  }

  /** A field of one structure in memory. */
  private static final class Watch {
    final Entry entry;
    final long address;
    final int bytes;
    long last;

    Watch(Entry entry, long address, int bytes, long last) {
      this.entry = entry;
      this.address = address;
      this.bytes = bytes;
      this.last = last;
    }
  }

  private final PhysicalMemory memory;
  private final Supplier<Vcpu> running;
  private final BiConsumer<Vcpu, String> hold;
  private final List<Entry> entries = new ArrayList<>();
  private final List<Watch> watches = new ArrayList<>();
  private int next = 1;

  /**
   * None yet.
   *
   * @param running gives the vCPU that executes, or null
   * @param hold holds the machine at the next boundary of a vCPU
   */
  VmBreakpoints(PhysicalMemory memory, Supplier<Vcpu> running, BiConsumer<Vcpu, String> hold) {
    this.memory = memory;
    this.running = running;
    this.hold = hold;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Sets one; on a field also in the structures that vCPUs hold now. At a safepoint. */
  Breakpoint set(VmEvent.Kind kind, String name, Vcpu[] vcpus) {
    if (entries.isEmpty()) {
      memory.addCodeListener(this);
    }
    Entry entry = new Entry(next++, kind, name);
    entries.add(entry);
    for (Vcpu v : vcpus) {
      if (v.virtualization != null && v.virtualization.controlStructure() >= 0) {
        watch(entry, v, v.virtualization.controlStructure());
      }
    }
    return entry.view();
  }

  boolean remove(int number) {
    boolean removed = entries.removeIf(entry -> entry.number == number);
    watches.removeIf(watch -> watch.entry.number == number);
    if (removed && entries.isEmpty()) {
      memory.removeCodeListener(this);
    }
    return removed;
  }

  List<Breakpoint> list() {
    return entries.stream().map(Entry::view).toList();
  }

  /** {@return a name as it is compared: case and the sign between words do not matter} */
  static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replace(' ', '-').replace('_', '-');
  }

  private void hit(Entry entry, Vcpu v, String what) {
    entry.hits++;
    hold.accept(
        v,
        String.format(
            "breakpoint %d: %s, vCPU %d, rip 0x%x",
            entry.number, what, v.index, State.get(v.state, State.RIP)));
  }

  void exited(Vcpu v, String name) {
    for (Entry entry : entries) {
      if (entry.kind == VmEvent.Kind.EXIT && entry.name.equals(name)) {
        hit(entry, v, "exit " + name);
      }
    }
  }

  void written(Vcpu v, String field, long value) {
    for (Entry entry : entries) {
      if (entry.kind == VmEvent.Kind.WRITE && entry.name.equals(field)) {
        hit(entry, v, "write of " + field + ": 0x" + Long.toHexString(value));
      }
    }
  }

  /** A structure is used: from now on its fields are watched. */
  void entered(Vcpu v, long structure) {
    for (Entry entry : entries) {
      watch(entry, v, structure);
    }
  }

  private void watch(Entry entry, Vcpu v, long structure) {
    if (entry.kind != VmEvent.Kind.WRITE) {
      return;
    }
    for (ControlField field : v.virtualization.layout()) {
      long address = structure + field.offset();
      if (field.name().equals(entry.name)
          && field.offset() >= 0
          && memory.isRam(address)
          && watches.stream().noneMatch(w -> w.entry == entry && w.address == address)) {
        long value = memory.load(null, address, field.bytes());
        watches.add(new Watch(entry, address, field.bytes(), value));
        memory.watchCode(address, field.bytes());
      }
    }
  }

  @Override
  public void codeWritten(long gpa, int length) {
    Vcpu v = running.get();
    // While a guest is in force only the processor writes its structure: the exit does.
    boolean software = v != null && !v.intercepts.guest;
    for (Watch watch : watches) {
      if (watch.address + watch.bytes <= gpa || watch.address >= gpa + length) {
        continue;
      }
      long value = memory.load(null, watch.address, watch.bytes);
      if (value != watch.last && software) {
        hit(watch.entry, v, "write of " + watch.entry.name + ": 0x" + Long.toHexString(value));
      }
      watch.last = value;
      memory.watchCode(watch.address, watch.bytes);
    }
  }
}
