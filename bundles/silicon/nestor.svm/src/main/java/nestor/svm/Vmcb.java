// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import nestor.vcpu.PhysicalMemory;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** A VMCB in memory, or the host-save area, which has the same layout here. */
class Vmcb {
  /** No VMCB. */
  static final long NONE = -1;

  private static final VmcbField[] ALL = VmcbField.values();
  private static final int SELECTOR = 0;
  private static final int ATTRIBUTES = 1;
  private static final int LIMIT = 2;
  private static final int BASE = 3;

  final Vcpu v;

  /** Physical address. */
  long address = NONE;

  Vmcb(Vcpu v) {
    this.v = v;
  }

  long get(VmcbField field) {
    return load(field);
  }

  void put(VmcbField field, long value) {
    PhysicalMemory memory = v.memory;
    memory.store(null, address + field.offset, field.bytes, value);
  }

  /** {@return a field as it is in memory} */
  final long load(VmcbField field) {
    return v.memory.load(null, address + field.offset, field.bytes);
  }

  static long canonical(long address, int shift) {
    return address << shift >> shift;
  }

  final void putByte(int offset, long value) {
    v.memory.store(null, address + offset, 1, value);
  }

  /** {@return a field of a segment: the fields of the six and of LDTR and TR stand in rows of 4} */
  private static VmcbField of(int segment, int part) {
    return ALL[VmcbField.ES_SELECTOR.ordinal() + 4 * segment + part];
  }

  /** Writes a segment register. Attributes are bits 55:52 and 47:40 of the descriptor. */
  final void putSegment(int n) {
    int attributes = State.attributes(v.state, n);
    int packed = attributes & 0xFF | attributes >>> 4 & 0xF00;
    if ((attributes & Segment.UNUSABLE) != 0) {
      packed &= ~Segment.PRESENT;
    }
    put(of(n, SELECTOR), State.selector(v.state, n));
    put(of(n, ATTRIBUTES), packed);
    put(of(n, LIMIT), State.limit(v.state, n));
    put(of(n, BASE), State.base(v.state, n));
  }

  /**
   * Loads a segment register. A segment that is not present was loaded with a null selector.
   *
   * @param shift bits that a canonical address loses on the left: bases are made canonical
   */
  final void loadSegment(int n, int shift) {
    int packed = (int) get(of(n, ATTRIBUTES));
    int attributes = packed & 0xFF | (packed & 0xF00) << 4;
    boolean mayBeNull = n != Segment.CS && n != Segment.TR;
    if ((packed & Segment.PRESENT) == 0 && mayBeNull) {
      attributes |= Segment.UNUSABLE;
    }
    State.setSegment(
        v.state,
        n,
        (int) get(of(n, SELECTOR)),
        canonical(get(of(n, BASE)), shift),
        get(of(n, LIMIT)),
        attributes);
  }
}
