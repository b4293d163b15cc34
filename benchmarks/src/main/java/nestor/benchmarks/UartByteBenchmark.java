// SPDX-License-Identifier: Apache-2.0
package nestor.benchmarks;

import java.util.concurrent.TimeUnit;
import nestor.device.uart16550.Uart16550;
import nestor.testkit.Configs;
import nestor.testkit.DeviceBench;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What does the serial port take for a byte that a polling driver sends or receives? */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class UartByteBenchmark {
  private static final int DATA = 0;
  private static final int LINE_STATUS = 5;
  private static final int MODEM_CONTROL = 4;
  private static final int LOOP = 0x10;

  private Uart16550 uart;

  /** A port in loopback, so that what is sent comes back. */
  @Setup
  public void setUp() {
    uart = new DeviceBench().attach(new Uart16550(Configs.of(Uart16550.Config.class)));
    uart.write(MODEM_CONTROL, 1, LOOP);
  }

  /** Status, send, status, receive. */
  @Benchmark
  public int roundTrip() {
    int status = uart.read(LINE_STATUS, 1);
    uart.write(DATA, 1, status);
    return uart.read(LINE_STATUS, 1) + uart.read(DATA, 1);
  }
}
