// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

import java.util.Map;
import nestor.api.machine.Translation;

/**
 * Address translation of one vCPU: page walks, the architectural TLB, and the accesses that the
 * fast tables cannot serve. Called on the vCPU's thread.
 *
 * <p>Linear addresses have passed the segment and canonical checks. In legacy modes they are below
 * 4 GiB and an access that crosses 4 GiB wraps. Faults are thrown as {@link GuestFault}; no byte
 * has then been written. Devices may be called for MMIO.
 */
public interface Mmu {

  /** {@return {@code size} bytes (1, 2, 4 or 8) read as data at the privilege in force} */
  long load(long linear, int size);

  /** {@return bytes read with the checks of a write: for read-modify-write instructions} */
  long loadForWrite(long linear, int size);

  /** Writes {@code size} bytes at the privilege in force. */
  void store(long linear, int size, long value);

  /** Reads up to 4096 bytes to a host address, all or nothing. */
  void loadBytes(long linear, long target, int count);

  /** Writes up to 4096 bytes from a host address, all or nothing. */
  void storeBytes(long linear, long source, int count);

  /** Checks that {@code size} bytes could be written, and faults if not. Sets A and D bits. */
  void checkWrite(long linear, int size);

  /** {@return bytes read as an implicit supervisor access: descriptor tables, TSS} */
  long loadSystem(long linear, int size);

  /** Writes as an implicit supervisor access. */
  void storeSystem(long linear, int size, long value);

  /**
   * Translates for an instruction fetch.
   *
   * @return the guest-physical address of {@code linear}
   */
  long fetch(long linear);

  /** CR0, CR4, EFER or PKRU changed: drops or re-keys what depended on them. */
  void modeChanged();

  /**
   * CR3 was loaded.
   *
   * @param keep whether the TLB entries of the new PCID stay (CR4.PCIDE and bit 63 of the operand)
   */
  void addressSpaceChanged(boolean keep);

  /** Loads the four PDPTEs of PAE paging from CR3. False if one has a reserved bit set: #GP(0). */
  boolean loadPdptes();

  /** INVLPG: drops the translations of a page in the current address space. */
  void invalidatePage(long linear);

  /**
   * INVPCID (SDM vol. 2, "INVPCID").
   *
   * @param type 0 address, 1 PCID, 2 all with globals, 3 all without globals
   */
  void invalidatePcid(int type, int pcid, long linear);

  /** Drops everything. */
  void flushAll();

  /**
   * A VM entry or exit: from now on addresses belong to this world. The control registers are those
   * of the new world already. Nothing is flushed.
   */
  void enterWorld(SecondLevel world);

  /** Loads the four PDPTE registers with given values: at VM entry. */
  void setPdptes(long[] values);

  /** {@return the PDPTE registers} */
  long[] pdptes();

  /**
   * {@return physical address of a guest-physical one that a register of the guest names} Faults as
   * an access by the guest does: {@link ExitGate#secondLevelFault}.
   */
  long guestPhysical(long gpa, boolean write);

  /** Drops the linear and combined mappings of a tag, or of all tags for -1. */
  void invalidateTag(int tag, boolean keepGlobal);

  /** Drops the mappings of one page of a tag. */
  void invalidateTagPage(int tag, long linear);

  /** Drops all that came from second-level tables at a root, or from all of them for -1. */
  void invalidateSecondLevel(long root);

  /** A strategy of the TLB: the worlds' tags are used, or not. */
  void usePolicy(TlbPolicy policy);

  /** Argument of {@link #watchWrites} for all pages. */
  long ALL_PAGES = -1;

  /**
   * Takes the write tags of a physical page, or of {@link #ALL_PAGES}, out of all fast tables: it
   * now holds watched bytes, or its next write must be noted.
   */
  void watchWrites(long gpaPage);

  /** {@return every level of the walk of an address, without side effects} */
  Translation explain(long linear, boolean write, boolean fetch, boolean user);

  /**
   * {@return every level of the walk of a guest-physical address through second-level tables,
   * without side effects; the world need not be the current one}
   */
  Translation explainGuestPhysical(SecondLevel world, long guestPhysical);

  /** Guest-physical address without side effects, or -1: for debuggers. */
  long peek(long linear);

  /** {@return counters by name, such as {@code walks} and {@code flushes}} */
  Map<String, Long> counters();
}
