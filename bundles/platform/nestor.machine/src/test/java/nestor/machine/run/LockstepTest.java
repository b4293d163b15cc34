// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import nestor.api.command.Command;
import nestor.api.command.CommandIo;
import nestor.testkit.CapturedIo;
import org.junit.jupiter.api.Test;

class LockstepTest {
  private static final long FAULT = 7_654_321;

  private final CapturedIo io = new CapturedIo(Path.of("."), Path.of("."));
  private long fault = FAULT;
  private long shortest = 1;
  private int made;

  /** Machines that part at one tick, if they are let go on over it for long enough at a time. */
  private final class Scripted implements Twins {
    private long now;
    private long looked;
    private boolean parted;

    @Override
    public void show(CommandIo to) {}

    @Override
    public boolean advance(long ticks) {
      parted |= now < fault && fault <= now + ticks && ticks >= shortest;
      now += ticks;
      return now < 10_000_000;
    }

    @Override
    public boolean differs() {
      looked = now;
      return parted;
    }

    @Override
    public long ticks() {
      return looked;
    }

    @Override
    public String summary() {
      return "that was all";
    }

    @Override
    public List<String> translations() {
      return List.of("code at " + now);
    }

    @Override
    public List<String> trace(int count) {
      return List.of("trace of " + count + " at " + now);
    }

    @Override
    public String difference() {
      return "parted is " + parted + " at " + now + "\n";
    }

    @Override
    public void close() {}
  }

  private int run() throws Exception {
    Twins.Maker maker =
        () -> {
          made++;
          return new Scripted();
        };
    return new Lockstep(maker, 1_000_000, OptionalLong.empty(), io).run();
  }

  @Test
  void equalMachinesEndTheirRunOnce() throws Exception {
    fault = Long.MAX_VALUE;

    assertThat(run()).isEqualTo(Command.OK);
    assertThat(io.output()).isEqualTo("no difference in 10 comparisons: that was all\n");
    assertThat(made).isEqualTo(1);
  }

  @Test
  void theFirstDifferenceIsFoundToTheInstruction() throws Exception {
    assertThat(run()).isEqualTo(1);
    assertThat(io.output())
        .contains("difference after tick 7,000,000, at tick 8,000,000 at the latest")
        .contains("the machines part between tick 7,654,320 and 7,654,321\n")
        .contains("parted is true at 7654321\ncode at 7654320\n")
        .contains("trace of 1 at 7654320");
  }

  @Test
  void aDifferenceThatNeedsWholeBlocksIsFoundToTheShortestRunThatShowsIt() throws Exception {
    shortest = 6;

    assertThat(run()).isEqualTo(1);
    assertThat(io.output())
        .containsPattern("the machines part between tick 7,654,31[3-9] and 7,654,32[1-9]\n")
        .contains("parted is true")
        .contains("trace of 8 at");
  }
}
