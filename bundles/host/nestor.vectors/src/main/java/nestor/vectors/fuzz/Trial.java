// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.util.List;

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

  /** Makes one of code that is no program of ours. */
  Trial(byte[] code, CpuSnapshot before) {
    program = new Program(List.of());
    this.before = before;
    this.code = code;
  }
}
