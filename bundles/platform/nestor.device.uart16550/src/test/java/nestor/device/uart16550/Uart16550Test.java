// SPDX-License-Identifier: Apache-2.0
package nestor.device.uart16550;

import static org.assertj.core.api.Assertions.assertThat;

import nestor.testkit.Configs;
import nestor.testkit.DeviceBench;
import org.junit.jupiter.api.Test;

class Uart16550Test {
  private static final int DATA = 0;
  private static final int IER = 1;
  private static final int IIR = 2;
  private static final int LCR = 3;
  private static final int MCR = 4;
  private static final int LSR = 5;
  private static final int MSR = 6;

  private final DeviceBench bench = new DeviceBench();
  private final Uart16550 uart = bench.attach(port("instant"));

  private static Uart16550 port(String baud) {
    return new Uart16550(Configs.of(Uart16550.Config.class, "baud", baud));
  }

  private boolean interrupts() {
    return bench.wire(DeviceBench.IRQ).isHigh();
  }

  @Test
  void looksLikeA16550AToADriverThatProbesFifoAndScratch() {
    uart.write(IIR, 1, 1);
    uart.write(7, 1, 0xA5);

    assertThat(uart.read(IIR, 1)).isEqualTo(0xC1);
    assertThat(uart.read(7, 1)).isEqualTo(0xA5);
    assertThat(uart.read(LSR, 1)).isEqualTo(0x60);
  }

  @Test
  void keepsTheDivisorApartFromDataAndInterruptEnable() {
    uart.write(IER, 1, 1);
    uart.write(LCR, 1, 0x83);
    uart.write(DATA, 1, 0x34);
    uart.write(IER, 1, 0x12);

    assertThat(uart.read(DATA, 1)).isEqualTo(0x34);
    assertThat(uart.read(IER, 1)).isEqualTo(0x12);
    uart.write(LCR, 1, 3);
    assertThat(uart.read(IER, 1)).isEqualTo(1);
    assertThat(bench.console().sent()).isEmpty();
  }

  @Test
  void givesOneFallAndRiseOfTheLineForEveryByteSent() {
    int[] rises = {0};
    bench.wire(DeviceBench.IRQ).listen(high -> rises[0] += high ? 1 : 0);
    uart.write(MCR, 1, 8);
    uart.write(IER, 1, 2);

    for (char c : "abc".toCharArray()) {
      assertThat(interrupts()).isTrue();
      assertThat(uart.read(IIR, 1) & 15).isEqualTo(2);
      assertThat(interrupts()).isFalse();
      uart.write(DATA, 1, c);
    }

    assertThat(bench.console().sent()).isEqualTo("abc");
    assertThat(rises[0]).isEqualTo(4);
  }

  @Test
  void reportsInputAtTheTriggerLevelOrAfterFourSilentCharacters() {
    uart.write(IIR, 1, 0x81); // FIFO, trigger at eight
    uart.write(MCR, 1, 8);
    uart.write(IER, 1, 1);

    bench.console().feed("1234567");
    assertThat(interrupts()).isFalse();
    bench.console().feed("8");
    assertThat(uart.read(IIR, 1)).isEqualTo(0xC4);
    uart.read(DATA, 1);
    assertThat(interrupts()).isFalse();
    bench.advanceNanos(100_000_000);

    assertThat(uart.read(IIR, 1)).isEqualTo(0xCC);
  }

  @Test
  void takesNoMoreFromOutsideThanItHasRoomForAndLosesNothing() {
    uart.write(IIR, 1, 1);
    bench.console().feed("0123456789abcdefghijklmnop");

    StringBuilder got = new StringBuilder();
    while ((uart.read(LSR, 1) & 1) != 0) {
      got.append((char) uart.read(DATA, 1));
    }

    assertThat(got.toString()).isEqualTo("0123456789abcdefghijklmnop");
  }

  @Test
  void loopsDataAndModemLinesBackWithoutSending() {
    uart.write(MCR, 1, 0x1F);
    uart.write(DATA, 1, 'x');

    assertThat(uart.read(LSR, 1) & 1).isEqualTo(1);
    assertThat(uart.read(DATA, 1)).isEqualTo('x');
    assertThat(uart.read(MSR, 1) & 0xF0).isEqualTo(0xF0);
    assertThat(bench.console().sent()).isEmpty();
  }

  @Test
  void takesTheTimeOfTheWireWhenAskedTo() {
    Uart16550 exact = bench.attach(port("exact"));
    exact.write(LCR, 1, 0x83);
    exact.write(DATA, 1, 1); // 115200 baud
    exact.write(IER, 1, 0);
    exact.write(LCR, 1, 3);
    exact.write(IIR, 1, 1);
    exact.write(DATA, 1, 'a');
    exact.write(DATA, 1, 'b');

    bench.advanceNanos(86_000); // ten bits take 86.8 us
    assertThat(bench.console().sent()).isEmpty();
    bench.advanceNanos(1_000);
    assertThat(bench.console().sent()).isEqualTo("a");
    bench.advanceNanos(87_000);

    assertThat(bench.console().sent()).isEqualTo("ab");
    assertThat(exact.read(LSR, 1) & 0x60).isEqualTo(0x60);
  }

  @Test
  void handsOverFifoAndInterruptStateToItsSuccessor() {
    uart.write(IIR, 1, 1);
    uart.write(MCR, 1, 8);
    uart.write(IER, 1, 3);
    bench.console().feed("hi");
    Uart16550 after = bench.attach(port("instant"));

    bench.handOver(uart, after);

    assertThat(after.read(IIR, 1) & 15).isEqualTo(4);
    assertThat((char) after.read(DATA, 1)).isEqualTo('h');
    assertThat((char) after.read(DATA, 1)).isEqualTo('i');
    assertThat(after.read(IIR, 1) & 15).isEqualTo(2);
  }
}
