// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.isa.Family;
import nestor.isa.Mnemonic;
import nestor.testkit.CapturedIo;
import nestor.vectors.Machine;
import nestor.vectors.Parts;
import nestor.vectors.TestParts;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class FuzzCommandTest {
  private final Parts parts = TestParts.all();
  private final CapturedIo io = new CapturedIo(Path.of("."), Path.of("../../.."));

  private int run(String... args) throws Exception {
    List<String> all = new ArrayList<>(Arrays.asList(args));
    all.add("--threads");
    all.add("2");
    return new FuzzCommand(parts.memory(), parts.mmu(), parts.cpu(), parts.apic(), parts.engines())
        .run(all, io);
  }

  private static void assumeHost() throws Exception {
    String unavailable = HostCpu.unavailable();
    assumeTrue(unavailable == null, unavailable);
  }

  @Test
  void randomProgramsEndOnTheHostAsOnTheInterpreter() throws Exception {
    assumeHost();

    int code = run("--programs", "2000", "--seed", "11", "--feature", "-AVX512F");

    assertThat(code).as(io.output()).isEqualTo(Command.OK);
    assertThat(io.output()).endsWith("\n2000 programs, 0 differences\n");
  }

  @Test
  @Tag("long")
  void aMillionRandomProgramsEndOnTheHostAsOnTheInterpreter() throws Exception {
    assumeHost();

    int code = run("--programs", "1000000", "--seed", "12", "--feature", "-AVX512F");

    assertThat(code).as(io.output()).isEqualTo(Command.OK);
  }

  @Test
  void anEngineAgreesWithItself() throws Exception {
    int code = run("--programs", "500", "--against", "interpreter");

    assertThat(code).as(io.output()).isEqualTo(Command.OK);
    assertThat(io.output()).startsWith("seed 1, from program 0\n");
  }

  @Test
  void aCpuModelThatIsNotTheHostsDiffersInASmallestProgram() throws Exception {
    assumeHost();

    int code =
        run("--programs", "2000", "--model", "intel", "--rows", "SHLD,ADD", "--failures", "1");

    assumeTrue(!io.output().contains("2000 programs, 0 differences"), "this host's CPU lacks AMD");
    assertThat(code).isEqualTo(Command.BAD_INPUT);
    assertThat(io.output()).contains(" shld ").doesNotContain(" add ");
  }

  @Test
  void theSameSeedMakesTheSameProgram() throws Exception {
    assertThat(program(5).code()).isEqualTo(program(5).code());
    assertThat(program(5).code()).isNotEqualTo(program(6).code());
  }

  @Test
  void theShrinkerLeavesWhatMakesItFail() throws Exception {
    Program long1 = program(3);
    Mnemonic wanted = long1.units.getLast().row().mnemonic;
    Shrinker shrinker =
        new Shrinker(
            trial -> trial.program.units.stream().anyMatch(unit -> unit.row().mnemonic == wanted));

    Trial smallest = shrinker.shrink(new Trial(long1, CpuSnapshot.defaults()));

    assertThat(long1.units.size()).isGreaterThan(1);
    assertThat(smallest.program.units).hasSize(1);
    assertThat(smallest.program.units.getFirst().row().mnemonic).isEqualTo(wanted);
  }

  private Program program(long seed) throws Exception {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    try (Machine machine = new Machine(parts.with("interpreter"), "max", List.of())) {
      FuzzRows rows = new FuzzRows(machine, null, null);
      CpuSnapshot before = StateMaker.make(random);
      return new ProgramMaker(rows, true, random, before).make();
    }
  }

  @Test
  void undefinedFlagsDoNotReachRegistersUnlessAskedFor() throws Exception {
    try (Machine machine = new Machine(parts.with("interpreter"), "max", List.of())) {
      FuzzRows rows = new FuzzRows(machine, null, null);
      for (int seed = 0; seed < 300; seed++) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        CpuSnapshot before = StateMaker.make(random);
        Program program = new ProgramMaker(rows, false, random, before).make();
        assertThat(program.usesUndefinedFlags()).as("seed %d", seed).isFalse();
      }
      assertThat(rows.families()).contains(Family.ALU, Family.X87, Family.BRANCHES);
    }
  }

  @Test
  void wrongWordsAreNamed() {
    assertThatThrownBy(() -> run("--programms", "3"))
        .isInstanceOf(CommandException.class)
        .hasMessage("unknown option --programms; did you mean --programs?");
    assertThatThrownBy(() -> run("--programs", "many"))
        .hasMessage("--programs takes a number from 0 on, not many");
    assertThatThrownBy(() -> run("--against", "nobody"))
        .hasMessage("unknown engine nobody; known: interpreter");
  }
}
