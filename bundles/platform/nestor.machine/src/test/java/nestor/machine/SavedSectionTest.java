// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Consumer;
import nestor.api.state.SectionId;
import nestor.api.state.Snapshottable;
import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;
import org.junit.jupiter.api.Test;

class SavedSectionTest {

  private record Part(SectionId section, Consumer<StateWriter> writes, Consumer<StateReader> reads)
      implements Snapshottable {
    @Override
    public void save(StateWriter out) {
      writes.accept(out);
    }

    @Override
    public void restore(int version, StateReader in) {
      assertThat(version).isEqualTo(1);
      reads.accept(in);
    }
  }

  private static Part part(
      String name, int version, Consumer<StateWriter> w, Consumer<StateReader> r) {
    return new Part(new SectionId(name, version), w, r);
  }

  @Test
  void handsEveryKindOfFieldOverAndIsNotChangedAfterwards() {
    byte[] bytes = {1, 2};
    SavedSection saved =
        SavedSection.of(
            part(
                "p",
                1,
                out -> {
                  out.putLong("l", -5);
                  out.putBoolean("b", true);
                  out.putBytes("y", bytes);
                  out.putLongs("n", 7, 8);
                  out.putString("s", "text");
                },
                in -> {}));
    bytes[0] = 9;

    boolean[] read = new boolean[1];
    saved.restoreTo(
        part(
            "p",
            2,
            out -> {},
            in -> {
              assertThat(in.getLong("l")).isEqualTo(-5);
              assertThat(in.getBoolean("b")).isTrue();
              assertThat(in.getBytes("y")).containsExactly(1, 2);
              assertThat(in.getLongs("n")).containsExactly(7, 8);
              assertThat(in.getString("s")).isEqualTo("text");
              assertThat(in.has("l")).isTrue();
              assertThat(in.has("x")).isFalse();
              assertThatThrownBy(() -> in.getLong("x")).hasMessage("p has no field x");
              assertThatThrownBy(() -> in.getLong("s")).hasMessage("p.s is a String");
              read[0] = true;
            }));
    assertThat(read[0]).isTrue();
  }

  @Test
  void refusesAnotherKindAndAnOlderPart() {
    SavedSection saved = SavedSection.of(part("p", 2, out -> {}, in -> {}));

    assertThat(saved.refusal(part("p", 3, out -> {}, in -> {}))).isNull();
    assertThat(saved.refusal(part("q", 2, out -> {}, in -> {})))
        .isEqualTo("its state is of the kind q, not p");
    assertThat(saved.refusal(part("p", 1, out -> {}, in -> {})))
        .isEqualTo("it knows version 1 of p, not 2");
  }

  @Test
  void aFieldWrittenTwiceIsAMistakeOfItsOwner() {
    Part twice =
        part(
            "p",
            1,
            out -> {
              out.putLong("f", 1);
              out.putLong("f", 2);
            },
            in -> {});

    assertThatThrownBy(() -> SavedSection.of(twice)).hasMessage("p writes its field f twice");
  }
}
