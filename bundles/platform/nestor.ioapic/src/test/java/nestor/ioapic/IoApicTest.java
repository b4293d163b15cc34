// SPDX-License-Identifier: Apache-2.0
package nestor.ioapic;

import static org.assertj.core.api.Assertions.assertThat;

import nestor.api.device.Wire;
import nestor.testkit.Configs;
import nestor.testkit.DeviceBench;
import org.junit.jupiter.api.Test;

class IoApicTest {
  private static final long LEVEL = 1 << 15;
  private static final long REMOTE_IRR = 1 << 14;
  private static final long MASKED = 1 << 16;

  private final DeviceBench bench = new DeviceBench();
  private final IoApic ioapic = bench.attach(new IoApic(Configs.of(IoApic.Config.class)));

  private long read(int register) {
    ioapic.store(0, 4, register);
    return ioapic.load(0x10, 4);
  }

  private void write(int register, long value) {
    ioapic.store(0, 4, register);
    ioapic.store(0x10, 4, value);
  }

  private int messages() {
    return bench.memory().messages().size();
  }

  @Test
  void hasTwentyFourMaskedEntriesAndAnIdThatTheArbitrationIdFollows() {
    write(0, 0xFFFF_FFFFL);
    write(1, 0);

    assertThat(read(0)).isEqualTo(0x0F00_0000L);
    assertThat(read(2)).isEqualTo(0x0F00_0000L);
    assertThat(read(1)).isEqualTo(0x0017_0020L);
    assertThat(read(0x10 + 2 * 23)).isEqualTo(MASKED);
  }

  @Test
  void sendsAnEdgeOnceToTheDestinationOfTheEntry() {
    write(0x13, 0x0500_0000);
    write(0x12, 0x831); // logical, fixed, vector 31h

    Wire line = bench.wire("gsi1");
    line.set(true);
    line.set(false);

    assertThat(bench.memory().messages()).hasSize(1);
    assertThat(bench.memory().messages().get(0).address()).isEqualTo(0xFEE0_5004L);
    assertThat(bench.memory().messages().get(0).data()).isEqualTo(0x31);
  }

  @Test
  void losesAnEdgeWhileMasked() {
    write(0x12, MASKED | 0x31);
    bench.wire("gsi1").set(true);

    write(0x12, 0x31);

    assertThat(messages()).isZero();
  }

  @Test
  void holdsALevelInterruptBackUntilItsEndAndSendsItAgainIfStillAsserted() {
    write(0x18, LEVEL | 0x40);
    Wire line = bench.wire("gsi4");
    line.set(true);
    assertThat(read(0x18)).isEqualTo(LEVEL | REMOTE_IRR | 0x40);
    assertThat(messages()).isEqualTo(1);

    ioapic.endOfInterrupt(0x41);
    assertThat(messages()).isEqualTo(1);
    ioapic.endOfInterrupt(0x40);
    assertThat(messages()).isEqualTo(2);
    line.set(false);
    ioapic.store(0x40, 4, 0x40); // the EOI register does the same

    assertThat(messages()).isEqualTo(2);
    assertThat(read(0x18)).isEqualTo(LEVEL | 0x40);
  }

  @Test
  void sendsAWaitingLevelWhenItIsUnmasked() {
    write(0x18, MASKED | LEVEL | 0x40);
    bench.wire("gsi4").set(true);
    assertThat(messages()).isZero();

    write(0x18, LEVEL | 0x40);

    assertThat(messages()).isEqualTo(1);
  }

  @Test
  void forgetsRemoteIrrWhenAnEntryBecomesEdgeTriggered() {
    write(0x18, LEVEL | 0x40);
    bench.wire("gsi4").set(true);

    write(0x18, 0x40);

    assertThat(read(0x18)).isEqualTo(0x40);
  }
}
