// SPDX-License-Identifier: Apache-2.0
package nestor.example.dice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import nestor.testkit.Configs;
import nestor.testkit.DeviceBench;
import org.junit.jupiter.api.Test;

class DiceTest {
  private final DeviceBench bench = new DeviceBench();

  private Dice attached(int sides) {
    return bench.attach(new Dice(Configs.of(Dice.Config.class, "sides", sides)));
  }

  private static List<Integer> throwTimes(Dice dice, int times) {
    List<Integer> seen = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      seen.add(dice.read(0, 1));
    }
    return seen;
  }

  @Test
  void showsEverySideAndNothingElse() {
    assertThat(throwTimes(attached(6), 200)).contains(1, 2, 3, 4, 5, 6).allMatch(n -> n < 7);
  }

  @Test
  void countsItsThrowsUntilWrittenTo() {
    Dice dice = attached(6);

    throwTimes(dice, 258);
    assertThat(dice.read(1, 1)).isEqualTo(2);

    dice.write(1, 1, 0xAB);
    assertThat(dice.read(1, 1)).isZero();
  }

  @Test
  void goesOnWhereItWasAfterAHotSwap() {
    Dice undisturbed = attached(6);
    List<Integer> expected = throwTimes(undisturbed, 20).subList(10, 20);
    Dice before = attached(6);
    throwTimes(before, 10);
    Dice after = attached(6);

    bench.handOver(before, after);

    assertThat(throwTimes(after, 10)).isEqualTo(expected);
    assertThat(after.read(1, 1)).isEqualTo(20);
  }

  @Test
  void throwsTheSameAgainAfterAReset() {
    Dice dice = attached(20);
    List<Integer> first = throwTimes(dice, 10);

    dice.reset();

    assertThat(throwTimes(dice, 10)).isEqualTo(first);
  }

  @Test
  void refusesADieWithOneSide() {
    assertThatThrownBy(() -> attached(1)).hasMessage("sides must be 2 to 255: 1");
  }
}
