// SPDX-License-Identifier: Apache-2.0
package nestor.benchmarks;

import java.util.concurrent.TimeUnit;
import nestor.vcpu.GuestMemory;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What does a load take that hits the fast table, only the TLB, or neither, so that it walks? */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MemoryMissBenchmark {
  private GuestCpu large;
  private GuestCpu small;
  private long at;

  /** Makes one vCPU whose TLB holds everything, and one whose TLB holds little. */
  @Setup
  public void setUp() {
    large = new GuestCpu(1 << 16);
    small = new GuestCpu(64);
    for (long page = 0; page < GuestCpu.MAPPED; page += 4096) {
      GuestMemory.load64(large.v, page);
    }
  }

  /** Ends both. */
  @TearDown
  public void tearDown() {
    large.close();
    small.close();
  }

  private long nextPage() {
    at = at + 4096 & GuestCpu.MAPPED - 1;
    return at;
  }

  /** The same page again and again. */
  @Benchmark
  public long fastTableHit() {
    at = at + 8 & 4095;
    return GuestMemory.load64(large.v, at);
  }

  /** Many more pages than the fast table has entries, all in the TLB. */
  @Benchmark
  public long fastTableFill() {
    return GuestMemory.load64(large.v, nextPage());
  }

  /** Many more pages than the TLB has entries. */
  @Benchmark
  public long walkOfFourLevels() {
    return GuestMemory.load64(small.v, nextPage());
  }
}
