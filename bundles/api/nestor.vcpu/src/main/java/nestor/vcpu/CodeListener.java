// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/** An engine that keeps decoded or translated code. */
public interface CodeListener {

  /**
   * Watched bytes were written: drop what was made from them. Called inside the writing
   * instruction, which must see its own change at the next instruction. The range is widened to
   * whole granules of 64 bytes, whose watch has ended: drop everything that overlaps it.
   */
  void codeWritten(long gpa, int length);

  /**
   * A page with watched bytes is written again and again beside them, which costs: it is likely to
   * hold data now. Nothing has changed in the watched bytes.
   *
   * @return whether the listener has dropped all that it made from the page, so that it need not be
   *     watched for it any more
   */
  default boolean release(long gpaPage) {
    return false;
  }
}
