// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MachineClockTest {
  private static final long SEED = 31;

  private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);

  /** An armed timer as the simplest model knows it. */
  private record Armed(int id, long tick, int order) {}

  /** Random arming, moving, cancelling and waiting, against a list that is sorted each time. */
  @Test
  void timersExpireInTheOrderOfTheirDeadlinesThenOfTheirArming() {
    MachineClock clock = new MachineClock(1_000_000_000L, 0);
    List<Integer> expired = new ArrayList<>();
    List<Integer> expected = new ArrayList<>();
    List<ClockTimer> timers = new ArrayList<>();
    List<Armed> model = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int id = i;
      timers.add(clock.newTimer("t" + i, () -> expired.add(id)));
    }

    for (int step = 0; step < 20_000; step++) {
      int id = random.nextInt(timers.size());
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          long deadline = clock.nanos() + random.nextInt(-5, 50);
          timers.get(id).arm(deadline);
          model.removeIf(a -> a.id == id);
          model.add(new Armed(id, deadline, step));
        }
        case 2 -> {
          timers.get(id).cancel();
          model.removeIf(a -> a.id == id);
        }
        default -> {
          clock.advanceTo(clock.ticks() + random.nextInt(20));
          clock.expire();
          model.stream()
              .filter(a -> a.tick <= clock.ticks())
              .sorted(Comparator.comparingLong(Armed::tick).thenComparingInt(Armed::order))
              .forEach(a -> expected.add(a.id));
          model.removeIf(a -> a.tick <= clock.ticks());
        }
      }
      long next = model.stream().mapToLong(Armed::tick).min().orElse(Long.MAX_VALUE);
      assertThat(clock.nextTick()).as("seed %d, step %d", SEED, step).isEqualTo(next);
      assertThat(timers.get(id).isArmed()).isEqualTo(model.stream().anyMatch(a -> a.id == id));
    }
    assertThat(expired).as("seed %d", SEED).isEqualTo(expected).hasSizeGreaterThan(1000);
  }

  @Test
  void aTimerThatRearmsItselfInThePastExpiresOnceForEachTime() {
    MachineClock clock = new MachineClock(1_000_000_000L, 0);
    List<Long> at = new ArrayList<>();
    ClockTimer[] timer = new ClockTimer[1];
    timer[0] =
        clock.newTimer(
            "periodic",
            () -> {
              at.add(clock.nanos());
              if (at.size() < 5) {
                timer[0].arm(10L * at.size());
              }
            });
    timer[0].arm(0);

    clock.advanceTo(25);
    clock.expire();

    assertThat(at).containsExactly(25L, 25L, 25L);
    assertThat(clock.nextTick()).isEqualTo(30);
  }

  /** A deadline is the first tick at or past it, and reading the time there gives no less. */
  @ParameterizedTest
  @ValueSource(longs = {1, 999, 3_579_545, 1_000_000_000L, 2_400_000_000L, 8_999_999_999L})
  void ticksAndNanosecondsAreExactRationals(long hertz) {
    MachineClock clock = new MachineClock(hertz, 0);
    for (int i = 0; i < 10_000; i++) {
      long nanos = random.nextLong(1L << random.nextInt(1, 60));
      long tick = clock.toTicks(nanos);
      if (tick == Long.MAX_VALUE) {
        continue;
      }
      assertThat(Math.multiplyHigh(tick, 1_000_000_000L)).isNotNegative();
      assertThat(
              java.math.BigInteger.valueOf(tick)
                  .multiply(java.math.BigInteger.valueOf(1_000_000_000L)))
          .as("%d Hz, %d ns", hertz, nanos)
          .isGreaterThanOrEqualTo(
              java.math.BigInteger.valueOf(nanos).multiply(java.math.BigInteger.valueOf(hertz)));
      assertThat(clock.toTicks(clock.toNanos(tick))).isLessThanOrEqualTo(tick);
    }
  }

  @Test
  void refusesAClockThatCannotBe() {
    assertThatThrownBy(() -> new MachineClock(0, 0)).hasMessageContaining("1 to 9000000000 Hz");
    assertThatThrownBy(() -> new MachineClock(9_000_000_001L, 0))
        .hasMessageContaining("9000000001");
  }
}
