// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * The translation context of a guest: its tag in the TLB, and the tables that turn guest-physical
 * into physical addresses. The vendor fills it in before {@link Mmu#enterWorld}.
 */
public final class SecondLevel {
  /** Kinds of tables. */
  public enum Kind {
    /** Guest-physical addresses are physical. */
    NONE,
    /** Extended page tables (SDM vol. 3C, "The Extended Page Table Mechanism (EPT)"). */
    EPT,
    /** Nested page tables (APM vol. 2, "Nested Paging"). */
    NPT
  }

  /** Kind of tables. */
  public Kind kind = Kind.NONE;

  /** VPID or ASID; 0 in root mode. */
  public int tag;

  /** Physical address of the top table. */
  public long root;

  /** Levels of the walk. */
  public int levels;

  /** Whether A and D bits are kept, and guest paging structures are accessed as by writes. */
  public boolean accessedDirty;

  /** For nested page tables: bit 63 of an entry forbids fetches. */
  public boolean noExecute;

  /** Whether user and supervisor fetches have rights of their own. */
  public boolean modeBasedExecute;

  /** Whether first writes go to {@link ExitGate#logWrite}. */
  public boolean logsWrites;

  /** Takes over another's components. */
  public void copy(SecondLevel other) {
    kind = other.kind;
    tag = other.tag;
    root = other.root;
    levels = other.levels;
    accessedDirty = other.accessedDirty;
    noExecute = other.noExecute;
    modeBasedExecute = other.modeBasedExecute;
    logsWrites = other.logsWrites;
  }

  /** No second level, tag 0: root mode. */
  public void clear() {
    kind = Kind.NONE;
    tag = 0;
    root = 0;
    levels = 0;
    accessedDirty = false;
    noExecute = false;
    modeBasedExecute = false;
    logsWrites = false;
  }
}
