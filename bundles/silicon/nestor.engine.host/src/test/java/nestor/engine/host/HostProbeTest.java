// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import nestor.isa.Mnemonic;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HostProbeTest {
  private final AtomicReference<HostProbe> running = new AtomicReference<>();
  private int spoiled;

  @BeforeEach
  void onAHostThatTheEngineIsFor() {
    Hosts.assumeUsable();
  }

  private List<Mnemonic> probe(byte[] old, byte[] by) {
    boolean[] differs = new boolean[Mnemonic.values().length];
    try (HostProbe probe = new HostProbe(block -> spoil(block, old, by))) {
      running.set(probe);
      probe.into(differs);
    }
    List<Mnemonic> found = new ArrayList<>();
    for (Mnemonic m : Mnemonic.values()) {
      if (differs[m.ordinal()]) {
        found.add(m);
      }
    }
    return found;
  }

  private void spoil(HostBlock block, byte[] old, byte[] by) {
    if (old.length > 0
        && Spoiled.replace(running.get().cache(), block.entry, block.hotBytes, old, by)) {
      spoiled++;
    }
  }

  @Test
  void anInstructionThatTheHostDoesOtherwiseIsFoundAndNoOther() {
    List<Mnemonic> before = probe(new byte[0], new byte[0]);
    byte[] rol = {(byte) 0xC1, (byte) 0xC3, 3}; // ROL EBX, 3
    byte[] ror = {(byte) 0xC1, (byte) 0xCB, 3};

    List<Mnemonic> after = probe(rol, ror);

    assertThat(spoiled).isPositive();
    assertThat(before).doesNotContain(Mnemonic.ROL);
    assertThat(after).contains(Mnemonic.ROL);
    assertThat(after).filteredOn(m -> m != Mnemonic.ROL).isEqualTo(before);
  }

  @Test
  void theProbeOfTheProcessIsWhatTheTranslatorGoesBy() {
    HostProbe.run();

    List<Mnemonic> found = probe(new byte[0], new byte[0]);

    assertThat(HostProbe.count()).isEqualTo(found.size());
    assertThat(found).allMatch(HostProbe::differs);
  }
}
