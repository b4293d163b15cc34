// SPDX-License-Identifier: Apache-2.0
package nestor.benchmarks;

import java.util.concurrent.TimeUnit;
import nestor.isa.DecodeResult;
import nestor.isa.Decoder;
import nestor.isa.Insn;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** How long does the decoder take for an instruction, as compilers write them? */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DecoderSpeedBenchmark {
  private static final int INSTRUCTIONS = 10;

  private static final int[] CODE = {
    0x55, // push rbp
    0x48, 0x89, 0xE5, // mov rbp,rsp
    0x48, 0x8B, 0x44, 0x24, 0x18, // mov rax,[rsp+24]
    0x48, 0x85, 0xC0, // test rax,rax
    0x0F, 0x84, 0x10, 0x00, 0x00, 0x00, // jz +16
    0x65, 0x48, 0x8B, 0x04, 0x25, 0x28, 0x00, 0x00, 0x00, // mov rax,gs:[40]
    0xC5, 0xF5, 0xFE, 0x06, // vpaddd ymm0,ymm1,[rsi]
    0xF3, 0x0F, 0x10, 0x47, 0x04, // movss xmm0,[rdi+4]
    0x5D, // pop rbp
    0xC3, // ret
  };

  private final Decoder decoder = new Decoder();
  private final Insn insn = new Insn();
  private final byte[] bytes = new byte[CODE.length + Decoder.MAX_LENGTH];

  /** Puts the code where the decoder reads it. */
  public DecoderSpeedBenchmark() {
    for (int n = 0; n < CODE.length; n++) {
      bytes[n] = (byte) CODE[n];
    }
  }

  /** Ten instructions. */
  @Benchmark
  @OperationsPerInvocation(INSTRUCTIONS)
  public int function() {
    int at = 0;
    for (int n = 0; n < INSTRUCTIONS; n++) {
      DecodeResult result = decoder.decode(bytes, at, bytes.length, 64, true, insn);
      if (result != DecodeResult.OK) {
        throw new IllegalStateException(result + " at " + at);
      }
      at += insn.length;
    }
    return at;
  }
}
