// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

/** One run of a program from one state. */
final class Trial {
  final Program program;
  final CpuSnapshot before;
  final byte[] code;

  /** What the side that is held to be right made of it. */
  CpuSnapshot expected;

  Trial(Program program, CpuSnapshot before) {
    this.program = program;
    this.before = before;
    code = program.code();
  }
}
