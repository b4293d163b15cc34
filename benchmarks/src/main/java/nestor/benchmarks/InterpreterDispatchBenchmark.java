// SPDX-License-Identifier: Apache-2.0
package nestor.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does the interpreter take for an instruction of a small loop, and for one in a long block?
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(jvmArgsAppend = {"-XX:CompileCommand=quiet", "-XX:CompileCommand=dontinline,*Handlers::*"})
public class InterpreterDispatchBenchmark {
  private static final int INSTRUCTIONS = 100_000;

  private GuestCpu loop;
  private GuestCpu block;

  /** Makes both guests. */
  @Setup
  public void setUp() {
    // add rax,rcx; xor rdx,rax; inc rcx; jmp back
    loop = new GuestCpu(4096, 0x48, 0x01, 0xC8, 0x48, 0x31, 0xC2, 0x48, 0xFF, 0xC1, 0xEB, 0xF5);
    int[] code = new int[24 * 3 + 2];
    for (int n = 0; n < 24; n++) {
      code[3 * n] = 0x48;
      code[3 * n + 1] = n % 2 == 0 ? 0x01 : 0x31;
      code[3 * n + 2] = 0xC0 + n % 8; // add or xor of rax into a register
      code[3 * n + 2] = code[3 * n + 2] == 0xC4 ? 0xC1 : code[3 * n + 2]; // but not into rsp
    }
    code[code.length - 2] = 0xEB;
    code[code.length - 1] = 0x100 - code.length;
    block = new GuestCpu(4096, code);
  }

  /** Ends both. */
  @TearDown
  public void tearDown() {
    loop.close();
    block.close();
  }

  /** Four instructions, one of them a jump. */
  @Benchmark
  @OperationsPerInvocation(INSTRUCTIONS)
  public void smallLoop() {
    loop.run(INSTRUCTIONS);
  }

  /** Twenty-five instructions, one of them a jump. */
  @Benchmark
  @OperationsPerInvocation(INSTRUCTIONS)
  public void longBlock() {
    block.run(INSTRUCTIONS);
  }
}
