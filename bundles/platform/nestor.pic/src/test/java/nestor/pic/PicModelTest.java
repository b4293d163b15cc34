// SPDX-License-Identifier: Apache-2.0
package nestor.pic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import nestor.api.device.Wire;
import nestor.testkit.Configs;
import nestor.testkit.DeviceBench;
import org.junit.jupiter.api.Test;

/** Random traffic, compared with a model that keeps priorities as a list and requests as sets. */
class PicModelTest {

  @Test
  void agreesWithASimpleModelOnRandomSequences() {
    for (int seed = 0; seed < 200; seed++) {
      run(seed);
    }
  }

  private static void run(int seed) {
    Random random = new Random(seed);
    DeviceBench bench = new DeviceBench();
    Pic pic = bench.attach(new Pic(Configs.of(Pic.Config.class)));
    Wire[] wires = new Wire[16];
    for (int i = 0; i < 16; i++) {
      wires[i] = bench.wire("isa" + i);
    }
    for (int chip = 0; chip < 2; chip++) {
      pic.write(2 * chip, 1, 0x11);
      pic.write(2 * chip + 1, 1, 0x20 + 8 * chip);
      pic.write(2 * chip + 1, 1, chip == 0 ? 0x04 : 0x02);
      pic.write(2 * chip + 1, 1, 0x01);
    }
    pic.write(4, 1, 0x30);
    pic.write(5, 1, 0x0C);
    Model master = new Model(0x30);
    Model slave = new Model(0x0C);
    for (int step = 0; step < 400; step++) {
      String where = "seed " + seed + " step " + step;
      int chip = random.nextInt(2);
      Model model = chip == 0 ? master : slave;
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          int line = random.nextInt(16);
          boolean high = random.nextBoolean();
          if (line != 2) {
            wires[line].set(high);
            (line < 8 ? master : slave).line(line & 7, high);
          }
        }
        case 3, 4 -> {
          if (bench.wires().isHigh("intr")) {
            int level = master.take();
            int expected = 0x20 + level;
            if (level == 2) {
              expected = 0x28 + slave.take();
              master.cascade(false);
            }
            assertThat(pic.acknowledge()).as(where).isEqualTo(expected);
          }
        }
        case 5 -> {
          int mask = random.nextInt(65536) & 0xFF & (random.nextInt() >>> 16);
          pic.write(2 * chip + 1, 1, mask);
          model.mask(mask);
        }
        case 6 -> {
          boolean rotates = random.nextInt(4) == 0;
          pic.write(2 * chip, 1, rotates ? 0xA0 : 0x20);
          model.endFirst(rotates);
        }
        default -> {
          int level = random.nextInt(8);
          boolean rotates = random.nextBoolean();
          pic.write(2 * chip, 1, (rotates ? 0xE0 : 0x60) | level);
          model.end(level, rotates);
        }
      }
      master.cascade(slave.best() >= 0);
      assertThat(bench.wires().isHigh("intr")).as(where).isEqualTo(master.best() >= 0);
      assertThat(pic.read(0, 1)).as(where).isEqualTo(bits(master.requested));
      assertThat(pic.read(2, 1)).as(where).isEqualTo(bits(slave.requested));
    }
  }

  private static int bits(Set<Integer> levels) {
    return levels.stream().mapToInt(level -> 1 << level).sum();
  }

  private static final class Model {
    final TreeSet<Integer> requested = new TreeSet<>();
    private final TreeSet<Integer> served = new TreeSet<>();
    private final TreeSet<Integer> high = new TreeSet<>();
    private final List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5, 6, 7));
    private final int levelTriggered;
    private int mask;

    Model(int levelTriggered) {
      this.levelTriggered = levelTriggered;
    }

    void line(int level, boolean now) {
      boolean rose = now && !high.contains(level);
      set(high, level, now);
      if (isLevel(level)) {
        set(requested, level, now);
      } else if (rose) {
        requested.add(level);
      }
    }

    void cascade(boolean now) {
      line(2, now);
      if (!now) {
        requested.remove(2);
      }
    }

    void mask(int newMask) {
      mask = newMask;
    }

    int best() {
      for (int level : order) {
        if (served.contains(level)) {
          return -1;
        }
        if (requested.contains(level) && (mask & (1 << level)) == 0) {
          return level;
        }
      }
      return -1;
    }

    int take() {
      int level = best();
      if (!isLevel(level)) {
        requested.remove(level);
      }
      served.add(level);
      return level;
    }

    void endFirst(boolean rotates) {
      for (int level : List.copyOf(order)) {
        if (served.contains(level)) {
          end(level, rotates);
          return;
        }
      }
    }

    void end(int level, boolean rotates) {
      served.remove(level);
      while (rotates && order.getLast() != level) {
        order.add(order.removeFirst());
      }
    }

    private boolean isLevel(int level) {
      return (levelTriggered & (1 << level)) != 0;
    }

    private static void set(Set<Integer> set, int level, boolean now) {
      if (now) {
        set.add(level);
      } else {
        set.remove(level);
      }
    }
  }
}
