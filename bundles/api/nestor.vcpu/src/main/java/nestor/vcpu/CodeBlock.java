// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * A run of guest code of which an engine keeps something, as {@link CodeBlocks} knows it. It lies
 * in one physical page, but for the end of an instruction that crosses into another.
 *
 * @param <B> the engine's own type
 */
public abstract class CodeBlock<B extends CodeBlock<B>> {
  /** Guest-physical address of the first byte. */
  public final long gpa;

  /** Physical page of the part beyond the page end, for an instruction that crosses it, or -1. */
  public long secondPage = -1;

  /** False once its bytes have changed. */
  public boolean valid = true;

  /** Next block that starts in the same granule. */
  public B next;

  /** Next block that crosses into the same second page. */
  B nextCrossing;

  /** A block at a guest-physical address. */
  protected CodeBlock(long gpa) {
    this.gpa = gpa;
  }

  /** {@return the number of bytes, those in the second page included} */
  public abstract int bytes();
}
