// SPDX-License-Identifier: Apache-2.0
package nestor.pic;

import static org.assertj.core.api.Assertions.assertThat;

import nestor.api.device.Wire;
import nestor.testkit.Configs;
import nestor.testkit.DeviceBench;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PicTest {
  private final DeviceBench bench = new DeviceBench();
  private final Wire[] lines = new Wire[16];
  private Pic pic;

  @BeforeEach
  void initialiseAsLinuxDoes() {
    pic = bench.attach(new Pic(Configs.of(Pic.Config.class)));
    for (int i = 0; i < 16; i++) {
      lines[i] = bench.wire("isa" + i);
    }
    initialise(0x01);
  }

  @Test
  void deliversTheVectorOfARisenLineOnce() {
    lines[4].set(true);

    assertThat(intr()).isTrue();
    assertThat(pic.acknowledge()).isEqualTo(0x34);
    assertThat(intr()).isFalse();

    eoiMaster();

    assertThat(intr()).isFalse();
    assertThat(pic.read(0, 1)).isZero();
  }

  @Test
  void aPulseIsRememberedWhileMasked() {
    pic.write(1, 1, 0xFF);
    lines[1].pulse();

    assertThat(intr()).isFalse();

    pic.write(1, 1, 0xFD);

    assertThat(pic.acknowledge()).isEqualTo(0x31);
  }

  @Test
  void aHigherLevelInterruptsALowerOneButNotTheReverse() {
    lines[3].set(true);
    pic.acknowledge();
    lines[5].set(true);

    assertThat(intr()).isFalse();

    lines[1].set(true);

    assertThat(pic.acknowledge()).isEqualTo(0x31);
    assertThat(inService(0)).isEqualTo(0x0A);

    eoiMaster();
    eoiMaster();

    assertThat(pic.acknowledge()).isEqualTo(0x35);
  }

  @Test
  void slaveInterruptsArriveThroughTheCascadeOneAfterTheOther() {
    lines[8].set(true);
    lines[12].set(true);

    assertThat(pic.acknowledge()).isEqualTo(0x38);
    assertThat(intr()).isFalse();

    pic.write(2, 1, 0x20);
    eoiMaster();

    assertThat(intr()).isTrue();
    assertThat(pic.acknowledge()).isEqualTo(0x3C);
    assertThat(inService(0)).isEqualTo(0x04);
    assertThat(inService(2)).isEqualTo(0x10);
  }

  @Test
  void aLevelTriggeredLineInterruptsAgainUntilItFalls() {
    pic.write(5, 1, 0xFF);
    lines[11].set(true);

    assertThat(pic.read(5, 1)).isEqualTo(0xDE);
    for (int i = 0; i < 3; i++) {
      assertThat(pic.acknowledge()).isEqualTo(0x3B);
      pic.write(2, 1, 0x20);
      eoiMaster();
    }

    lines[11].set(false);

    assertThat(intr()).isFalse();
  }

  @Test
  void anAcknowledgeWithoutRequestGivesTheDefaultIr7AndLeavesNothingInService() {
    assertThat(pic.acknowledge()).isEqualTo(0x37);
    assertThat(inService(0)).isZero();
  }

  @Test
  void aPollOfTheSlaveTakesItsRequestAwayFromTheMaster() {
    lines[9].set(true);
    pic.write(2, 1, 0x0C);

    assertThat(pic.read(2, 1)).isEqualTo(0x81);
    assertThat(intr()).isFalse();
    assertThat(inService(2)).isEqualTo(0x02);
  }

  @Test
  void maskingTheSlaveBeforeTheAcknowledgeTakesTheRequestBack() {
    lines[9].set(true);
    pic.write(3, 1, 0xFF);

    assertThat(intr()).isFalse();

    pic.write(3, 1, 0);

    assertThat(pic.acknowledge()).isEqualTo(0x39);
  }

  @Test
  void automaticEndOfInterruptLeavesNothingInServiceAndCanRotate() {
    initialise(0x03);
    pic.write(0, 1, 0x80);
    lines[0].set(true);
    lines[1].set(true);

    assertThat(pic.acknowledge()).isEqualTo(0x30);
    assertThat(inService(0)).isZero();

    lines[0].pulse();
    lines[0].set(false);
    lines[0].set(true);

    assertThat(pic.acknowledge()).isEqualTo(0x31);
    assertThat(pic.acknowledge()).isEqualTo(0x30);
  }

  @Test
  void rotationOnEndOfInterruptMakesTheEndedLevelTheLowest() {
    lines[0].set(true);
    pic.acknowledge();
    pic.write(0, 1, 0xA0);
    lines[0].set(false);
    lines[0].set(true);
    lines[7].set(true);

    assertThat(pic.acknowledge()).isEqualTo(0x37);
    assertThat(inService(0)).isEqualTo(0x80);
  }

  @Test
  void specialMaskModeLetsLowerLevelsThroughAMaskedServiceRoutine() {
    lines[1].set(true);
    pic.acknowledge();
    lines[6].set(true);
    pic.write(1, 1, 0x02);

    assertThat(intr()).isFalse();

    pic.write(0, 1, 0x68);

    assertThat(pic.acknowledge()).isEqualTo(0x36);

    eoiMaster();

    assertThat(inService(0)).isEqualTo(0x02);
  }

  @Test
  void specialFullyNestedModeLetsTheSlaveInterruptItself() {
    lines[12].set(true);
    pic.acknowledge();
    lines[8].set(true);

    assertThat(intr()).isFalse();

    initialise(0x11);
    lines[12].set(false);
    lines[12].set(true);
    lines[8].set(false);
    pic.acknowledge();
    lines[8].set(true);

    assertThat(pic.acknowledge()).isEqualTo(0x38);
  }

  @Test
  void linuxProbesTheMaskRegister() {
    pic.write(3, 1, 0xFF);
    pic.write(1, 1, 0xFB);

    assertThat(pic.read(1, 1)).isEqualTo(0xFB);
  }

  @Test
  void keepsServiceAndRequestsAcrossAHotSwap() {
    lines[3].set(true);
    pic.acknowledge();
    lines[1].set(true);
    Pic after = bench.attach(new Pic(Configs.of(Pic.Config.class)));

    bench.handOver(pic, after);
    pic = after;

    assertThat(inService(0)).isEqualTo(0x08);
    assertThat(pic.acknowledge()).isEqualTo(0x31);
    eoiMaster();
    eoiMaster();
    assertThat(intr()).isFalse();
  }

  private void initialise(int icw4) {
    for (int chip = 0; chip < 2; chip++) {
      pic.write(2 * chip, 1, 0x11);
      pic.write(2 * chip + 1, 1, 0x30 + 8 * chip);
      pic.write(2 * chip + 1, 1, chip == 0 ? 0x04 : 0x02);
      pic.write(2 * chip + 1, 1, chip == 0 ? icw4 : 0x01);
    }
  }

  private void eoiMaster() {
    pic.write(0, 1, 0x20);
  }

  private int inService(int offset) {
    pic.write(offset, 1, 0x0B);
    int isr = pic.read(offset, 1);
    pic.write(offset, 1, 0x0A);
    return isr;
  }

  private boolean intr() {
    return bench.wires().isHigh("intr");
  }
}
