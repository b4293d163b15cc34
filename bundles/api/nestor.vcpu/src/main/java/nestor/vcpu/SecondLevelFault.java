// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * What a walk of second-level tables ran into. One object a vCPU, filled anew by each fault, in the
 * words of both vendors: whoever makes the exit out of it translates.
 */
public final class SecondLevelFault {
  /** {@link #access}: read. */
  public static final int READ = 1;

  /** {@link #access}: write. */
  public static final int WRITE = 2;

  /** {@link #access}: instruction fetch. */
  public static final int FETCH = 4;

  /** What was tried, as a set: a walk with A and D bits reads and writes. */
  public int access;

  /** What all entries of the walk together allow, in the same bits; 0 if one was not present. */
  public int allowed;

  /** Whether all entries of the walk were present; for nested page tables. */
  public boolean present;

  /** Whether user-mode linear addresses may be fetched from, where that is told apart. */
  public boolean userExecute;

  /** Whether an entry has reserved bits or an impossible combination. */
  public boolean malformed;

  /** Guest-physical address. */
  public long physical;

  /** Linear address, if {@link #linearValid}. */
  public long linear;

  /** Whether there is a linear address: not while PDPTEs are loaded. */
  public boolean linearValid;

  /** Whether the access was to the page itself, not to a guest paging-structure entry. */
  public boolean finalAccess;

  /** For {@link #finalAccess}: the linear address is of a user page. */
  public boolean userPage;

  /** For {@link #finalAccess}: the guest's tables allow writing. */
  public boolean writablePage;

  /** For {@link #finalAccess}: the guest's tables forbid execution. */
  public boolean noExecutePage;

  /** Whether the access was made at CPL 3. */
  public boolean userAccess;
}
