// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/** An engine that keeps decoded or translated code. */
public interface CodeListener {

  /**
   * Watched bytes were written: drop what was made from them. Called inside the writing
   * instruction, which must see its own change at the next instruction.
   */
  void codeWritten(long gpa, int length);
}
