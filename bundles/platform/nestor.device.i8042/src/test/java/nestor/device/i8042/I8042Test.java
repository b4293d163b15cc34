// SPDX-License-Identifier: Apache-2.0
package nestor.device.i8042;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import nestor.testkit.Configs;
import nestor.testkit.DeviceBench;
import org.junit.jupiter.api.Test;

class I8042Test {
  private static final int DATA = 0;
  private static final int COMMAND = 1;

  private final DeviceBench bench = new DeviceBench();
  private I8042 device = attached(false);

  @Test
  void linuxFlushesReadsAndWritesTheCommandByteAndTestsItself() {
    assertThat(device.read(COMMAND, 1) & 1).isZero();

    device.write(COMMAND, 1, 0x20);
    int control = answers().getFirst();
    device.write(COMMAND, 1, 0x60);
    device.write(DATA, 1, (control | 0x10) & ~0x01);
    device.write(COMMAND, 1, 0x20);

    assertThat(answers()).containsExactly((control | 0x10) & ~0x01);

    device.write(COMMAND, 1, 0xAA);

    assertThat(answers()).containsExactly(0x55);

    device.write(COMMAND, 1, 0xAB);

    assertThat(answers()).containsExactly(0x00);
  }

  @Test
  void withoutAMouseTheLoopComesBackAsKeyboardDataAndTheAuxTestFails() {
    device.write(COMMAND, 1, 0xD3);
    device.write(DATA, 1, 0x5A);

    assertThat(device.read(COMMAND, 1) & 0x21).isEqualTo(0x01);
    assertThat(answers()).containsExactly(0x5A);

    device.write(COMMAND, 1, 0xA9);

    assertThat(answers()).containsExactly(0x01);
  }

  @Test
  void withAMouseTheLoopIsMarkedAndInterruptsOnLine12() {
    bench.detach(device);
    device = attached(true);
    device.write(COMMAND, 1, 0x60);
    device.write(DATA, 1, 0x46);
    device.write(COMMAND, 1, 0xD3);
    device.write(DATA, 1, 0xA5);

    assertThat(device.read(COMMAND, 1) & 0x21).isEqualTo(0x21);
    assertThat(bench.wires().isHigh("isa12")).isTrue();
    assertThat(answers()).containsExactly(0xA5);
    assertThat(bench.wires().isHigh("isa12")).isFalse();

    device.write(COMMAND, 1, 0xD4);
    device.write(DATA, 1, 0xFF);

    assertThat(answers()).containsExactly(0xFA, 0xAA, 0x00);
  }

  @Test
  void theAuxDisableBitFollowsItsCommands() {
    device.write(COMMAND, 1, 0xA8);
    device.write(COMMAND, 1, 0x20);

    assertThat(answers().getFirst() & 0x20).isZero();

    device.write(COMMAND, 1, 0xA7);
    device.write(COMMAND, 1, 0x20);

    assertThat(answers().getFirst() & 0x20).isEqualTo(0x20);
  }

  @Test
  void theKeyboardAnswersWhatADriverAsksAtProbe() {
    assertThat(keyboard(0xFF)).containsExactly(0xFA, 0xAA);
    assertThat(keyboard(0xF2)).containsExactly(0xFA, 0xAB, 0x41);
    assertThat(keyboard(0xED)).containsExactly(0xFA);
    assertThat(keyboard(0x00)).containsExactly(0xFA);
    assertThat(keyboard(0xF0)).containsExactly(0xFA);
    assertThat(keyboard(0x00)).containsExactly(0xFA, 0x02);
    assertThat(keyboard(0xF3)).containsExactly(0xFA);
    assertThat(keyboard(0x00)).containsExactly(0xFA);
    assertThat(keyboard(0xF4)).containsExactly(0xFA);
    assertThat(keyboard(0xEE)).containsExactly(0xEE);
    assertThat(keyboard(0xE1)).containsExactly(0xFE);
  }

  @Test
  void withoutTranslationTheIdentityIsThatOfSet2() {
    device.write(COMMAND, 1, 0x60);
    device.write(DATA, 1, 0x05);

    assertThat(keyboard(0xF2)).containsExactly(0xFA, 0xAB, 0x83);
  }

  @Test
  void everyByteFromTheKeyboardIsAnEdgeOnLine1() {
    keyboard(0xF2);

    assertThat(bench.wires().rises("isa1")).hasSize(3);
    assertThat(bench.wires().isHigh("isa1")).isFalse();
  }

  @Test
  void aDisabledKeyboardKeepsItsAnswer() {
    device.write(DATA, 1, 0xF2);
    device.read(DATA, 1);
    device.write(COMMAND, 1, 0xAD);
    device.read(DATA, 1);

    assertThat(device.read(COMMAND, 1) & 1).isZero();

    device.write(COMMAND, 1, 0xAE);

    assertThat(answers()).containsExactly(0x41);
  }

  @Test
  void theOutputPortGatesA20AndThePulseResets() {
    device.write(COMMAND, 1, 0xD1);
    device.write(DATA, 1, 0xDD);

    assertThat(bench.wires().isHigh("a20")).isFalse();

    device.write(COMMAND, 1, 0xD1);
    device.write(DATA, 1, 0xDF);
    device.write(COMMAND, 1, 0xD0);

    assertThat(bench.wires().isHigh("a20")).isTrue();
    assertThat(answers().getFirst() & 0x03).isEqualTo(0x03);
    assertThat(bench.machine().resets()).isEmpty();

    device.write(COMMAND, 1, 0xFE);

    assertThat(bench.machine().resets()).containsExactly("8042 reset pulse");
  }

  @Test
  void keepsWaitingBytesAcrossAHotSwap() {
    device.write(DATA, 1, 0xF2);
    I8042 before = device;
    device = attached(false);

    bench.handOver(before, device);

    assertThat(answers()).containsExactly(0xFA, 0xAB, 0x41);
  }

  private I8042 attached(boolean mouse) {
    return bench.attach(new I8042(Configs.of(I8042.Config.class, "mouse", mouse)));
  }

  private List<Integer> keyboard(int value) {
    device.write(DATA, 1, value);
    return answers();
  }

  private List<Integer> answers() {
    List<Integer> bytes = new ArrayList<>();
    while ((device.read(COMMAND, 1) & 1) != 0) {
      bytes.add(device.read(DATA, 1));
    }
    return bytes;
  }
}
