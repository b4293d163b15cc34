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
}
