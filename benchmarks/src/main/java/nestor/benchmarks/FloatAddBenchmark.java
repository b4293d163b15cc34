// SPDX-License-Identifier: Apache-2.0
package nestor.benchmarks;

import java.util.concurrent.TimeUnit;
import nestor.semantics.fp.F64;
import nestor.semantics.fp.FpEnv;
import nestor.semantics.fp.FpFlags;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** How much slower than the host's is an addition of doubles that also tells its flags? */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FloatAddBenchmark {
  private final FpFlags flags = new FpFlags();
  private double a = 1.5;
  private double b = 1e-7;

  /** The host's own. */
  @Benchmark
  public double host() {
    return a + b;
  }

  /** To nearest, as nearly all code rounds. */
  @Benchmark
  public long toNearest() {
    return F64.add(
        Double.doubleToRawLongBits(a), Double.doubleToRawLongBits(b), FpEnv.DEFAULT, flags);
  }

  /** Upwards, for which the host's addition is of no use. */
  @Benchmark
  public long upwards() {
    return F64.add(
        Double.doubleToRawLongBits(a),
        Double.doubleToRawLongBits(b),
        FpEnv.DEFAULT & ~FpEnv.RC | FpEnv.UP,
        flags);
  }
}
