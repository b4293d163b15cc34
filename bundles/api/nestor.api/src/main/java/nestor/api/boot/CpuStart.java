// SPDX-License-Identifier: Apache-2.0
package nestor.api.boot;

/**
 * The first vCPU's state at the kernel's first instruction. Registers not named here are as after a
 * reset, and RFLAGS is 2.
 *
 * <ul>
 *   <li>{@code REAL16}: as after a reset, every segment base is its selector times 16.
 *   <li>{@code PROTECTED32}: CR0 is PE and ET; CS is flat 32-bit code, the others flat data, limits
 *       4 GiB.
 *   <li>{@code LONG64}: CR0 is PG, PE and ET; CR4 is PAE; EFER is LME and LMA; CS is 64-bit code,
 *       the others flat data.
 * </ul>
 *
 * @param cs selector of CS
 * @param ds selector of DS, ES, SS, FS and GS
 * @param cr3 root of the page tables, zero outside {@code LONG64}
 * @param gdtGpa base of GDTR, whose descriptors agree with {@code cs} and {@code ds}; zero, with a
 *     limit of FFFFh, in real mode
 */
public record CpuStart(
    Mode mode,
    int cs,
    int ds,
    long rip,
    long rsp,
    long rax,
    long rbx,
    long rcx,
    long rdx,
    long rsi,
    long rdi,
    long rbp,
    long cr3,
    long gdtGpa,
    int gdtLimit) {

  /** The mode that the vCPU is in. */
  public enum Mode {
    REAL16,
    PROTECTED32,
    LONG64
  }
}
