// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;
import nestor.vcpu.Vcpu;

/**
 * The VMCB in use, with the processor's copy of it (APM vol. 2, "VMCB State Caching"): read at
 * VMRUN but for the groups that are declared clean, in force while the guest runs, and written
 * through.
 *
 * <p>The copy of one VMCB is kept, that of the last VMRUN. A clean bit at another address means
 * nothing. A group that is declared clean though memory differs is entered as it was, as processors
 * may do, and what differs is told.
 */
final class CurrentVmcb extends Vmcb {
  private static final VmcbField[] FIELDS = VmcbField.values();

  private static final CleanGroup[] GROUPS = new CleanGroup[FIELDS.length];

  static {
    for (VmcbField field : FIELDS) {
      GROUPS[field.ordinal()] = CleanGroup.of(field);
    }
  }

  private final long[] copy = new long[FIELDS.length];

  /** Whose copy it is. */
  private long copied = NONE;

  /** Whether the copy is in force: from VMRUN to #VMEXIT. */
  private boolean inForce;

  CurrentVmcb(Vcpu v) {
    super(v);
  }

  @Override
  long get(VmcbField field) {
    return inForce ? copy[field.ordinal()] : load(field);
  }

  @Override
  void put(VmcbField field, long value) {
    super.put(field, value);
    if (copied == address) {
      copy[field.ordinal()] = field.bytes == 8 ? value : value & (1L << 8 * field.bytes) - 1;
    }
  }

  /**
   * VMRUN: makes a VMCB current and reads it.
   *
   * @param honoursClean whether there are clean bits
   * @return the first field that is declared clean and has changed, or null
   */
  VmcbField open(long newAddress, boolean honoursClean) {
    address = newAddress;
    inForce = false;
    int clean = honoursClean && copied == newAddress ? (int) load(VmcbField.CLEAN_BITS) : 0;
    VmcbField stale = null;
    for (int n = 0; n < copy.length; n++) {
      VmcbField field = FIELDS[n];
      long value = load(field);
      CleanGroup group = clean == 0 ? null : GROUPS[n];
      if (group == null || (clean & group.mask()) == 0) {
        copy[n] = value;
      } else if (stale == null && copy[n] != value) {
        stale = field;
      }
    }
    copied = newAddress;
    inForce = true;
    return stale;
  }

  /** #VMEXIT: memory says what is so, but the copy is kept for clean groups. */
  void close() {
    inForce = false;
  }

  /** Reset: there is no VMCB, and no copy. */
  void forget() {
    address = NONE;
    copied = NONE;
    inForce = false;
  }

  void save(StateWriter out) {
    out.putLong("vmcb", address);
    out.putLong("vmcb.copied", copied);
    out.putBoolean("vmcb.inForce", inForce);
    out.putLongs("vmcb.copy", copy);
  }

  void restore(StateReader in) {
    address = in.getLong("vmcb");
    copied = in.getLong("vmcb.copied");
    inForce = in.getBoolean("vmcb.inForce");
    long[] values = in.getLongs("vmcb.copy");
    System.arraycopy(values, 0, copy, 0, Math.min(values.length, copy.length));
  }
}
