// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LeashTest {
  private final Leash leash = new Leash();
  private int told;

  @Test
  void limitsUntilItIsTakenAndTellsOnce() {
    assertThat(leash.isOn()).isFalse();
    assertThat(leash.limit(7)).isEqualTo(7);

    leash.put(5, () -> told++);
    assertThat(leash.limit(7)).isEqualTo(5);
    assertThat(leash.limit(3)).isEqualTo(3);
    assertThat(leash.isReached(4)).isFalse();
    assertThat(leash.isReached(5)).isTrue();
    assertThat(told).isZero();

    leash.take();
    leash.take();
    assertThat(told).isEqualTo(1);
    assertThat(leash.isOn()).isFalse();
    assertThat(leash.isReached(Long.MAX_VALUE - 1)).isFalse();
  }

  @Test
  void aNewOneTellsWhoeverWaitedForTheOld() {
    leash.put(5, () -> told++);
    leash.put(9, () -> told += 10);

    assertThat(told).isEqualTo(1);
    assertThat(leash.limit(20)).isEqualTo(9);
  }
}
