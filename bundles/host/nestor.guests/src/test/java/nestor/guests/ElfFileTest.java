// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ElfFileTest {
  @Test
  void aProgramTellsItsLoaderAndWhatItNeeds() throws GuestException {
    ElfFile program = ElfFile.read(TinyElf.of(null, "libb.so.1", "liba.so.2"));

    assertThat(program.interpreter()).isEqualTo("/lib64/ld-test.so.2");
    assertThat(program.needed()).containsExactly("libb.so.1", "liba.so.2");
    assertThat(program.soname()).isNull();
  }

  @Test
  void aLibraryTellsItsName() throws GuestException {
    ElfFile library = ElfFile.read(TinyElf.of("liba.so.2"));

    assertThat(library.soname()).isEqualTo("liba.so.2");
    assertThat(library.interpreter()).isNull();
    assertThat(library.needed()).isEmpty();
  }

  @Test
  void scriptsAndFilesOfOtherMachinesAreNotTaken() {
    byte[] narrow = TinyElf.of("liba.so.2");
    narrow[4] = 1; // 32-bit

    assertThat(ElfFile.isElf(TinyElf.of("liba.so.2"))).isTrue();
    assertThat(ElfFile.isElf(narrow)).isFalse();
    assertThat(ElfFile.isElf(TinyDeb.ascii("#!/bin/sh"))).isFalse();
    assertThat(ElfFile.isElf(new byte[100])).isFalse();
  }

  @Test
  void aFileThatIsCutOffOrPointsNowhereIsDamaged() {
    byte[] whole = TinyElf.of(null, "liba.so.2");
    byte[] astray = whole.clone();
    astray[64 + 16 + 2] = 0x7F; // the address of what is loaded

    for (byte[] damaged : new byte[][] {Arrays.copyOf(whole, 100), astray}) {
      assertThatThrownBy(() -> ElfFile.read(damaged))
          .isInstanceOf(GuestException.class)
          .hasMessageContaining("damaged");
    }
  }
}
