// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class FigureTest {
  private static final List<Figure> FIGURES =
      List.of(
          Figure.of("kernel.sieve", "CPU-us/iteration", 123456, 61728, 1.5),
          Figure.of("boot.process", "CPU-s", 20, Double.NaN, Double.NaN));

  @Test
  void aFigureIsOneJsonObjectALineWithNullForWhatIsAbsent() {
    assertThat(Report.json(FIGURES).lines())
        .containsExactly(
            "{\"name\": \"kernel.sieve\", \"unit\": \"CPU-us/iteration\", \"nestor\": 1.235E+5,"
                + " \"qemu\": 6.173E+4, \"native\": 1.5, \"ratio\": 2}",
            "{\"name\": \"boot.process\", \"unit\": \"CPU-s\", \"nestor\": 20, \"qemu\": null,"
                + " \"native\": null, \"ratio\": null}");
  }

  @Test
  void theTableShowsADashForWhatIsAbsent() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Report.print(FIGURES, new PrintStream(bytes, true, StandardCharsets.UTF_8));

    assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
        .element(2)
        .asString()
        .matches("boot.process  CPU-s +20 +- +- +-");
  }

  @Test
  void furtherFiguresAreMembersAndColumns() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Figure figure = Figure.of("exits.cpuid", "CPU-us/exit", 4, 8, Double.NaN).with("rate", 25);

    Report.print(List.of(figure), new PrintStream(bytes, true, StandardCharsets.UTF_8));

    assertThat(Report.json(List.of(figure))).endsWith("\"ratio\": 0.5, \"rate\": 25}\n");
    assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
        .first()
        .asString()
        .endsWith("RATIO       RATE");
  }

  @Test
  void theMedianOfAnEvenNumberLiesBetween() {
    assertThat(Medians.of(List.of(9.0, 1.0, 3.0, 2.0))).isEqualTo(2.5);
    assertThat(Medians.of(List.of(9.0, 1.0, 3.0))).isEqualTo(3);
    assertThat(Medians.geometric(List.of(1.0, 4.0))).isEqualTo(2);
  }
}
