// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * Segment registers: their numbers, and the attribute word of their hidden part.
 *
 * <p>Attributes have the layout of VMX access rights (SDM vol. 3C, "Guest Register State"): bits
 * 3:0 type, 4 S, 6:5 DPL, 7 P, 12 AVL, 13 L, 14 D/B, 15 G, 16 unusable. Limits are kept in bytes,
 * already scaled.
 */
public final class Segment {
  private Segment() {}

  /** Extra segment. */
  public static final int ES = 0;

  /** Code segment. */
  public static final int CS = 1;

  /** Stack segment. */
  public static final int SS = 2;

  /** Data segment. */
  public static final int DS = 3;

  /** F segment. */
  public static final int FS = 4;

  /** G segment. */
  public static final int GS = 5;

  /** Local descriptor table register. */
  public static final int LDTR = 6;

  /** Task register. */
  public static final int TR = 7;

  /** Attribute: S, a code or data segment. */
  public static final int S = 1 << 4;

  /** Attribute: present. */
  public static final int PRESENT = 1 << 7;

  /** Attribute: 64-bit code. */
  public static final int LONG = 1 << 13;

  /** Attribute: default size 32 bits. */
  public static final int BIG = 1 << 14;

  /** Attribute: granularity. */
  public static final int GRANULAR = 1 << 15;

  /** Attribute: loaded with a null selector. */
  public static final int UNUSABLE = 1 << 16;

  /** Attributes of the 32-bit code segment that SYSCALL and SYSENTER load, without its DPL. */
  public static final int FLAT_CODE32 = 0xC09B;

  /** Attributes of the 64-bit code segment that SYSCALL and SYSENTER load, without its DPL. */
  public static final int FLAT_CODE64 = 0xA09B;

  /** Attributes of the stack segment that SYSCALL and SYSENTER load, without its DPL. */
  public static final int FLAT_DATA = 0xC093;

  /** Type bit of code and data segments: accessed. */
  public static final int ACCESSED = 1;

  /** Type bit: data writable, code readable. */
  public static final int WRITABLE_OR_READABLE = 2;

  /** Type bit: data expands down, code conforming. */
  public static final int EXPAND_DOWN_OR_CONFORMING = 4;

  /** Type bit: code. */
  public static final int CODE = 8;
}
