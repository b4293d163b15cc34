// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import nestor.vcpu.CodeListing;
import nestor.vcpu.Rendezvous;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CheckerTest {
  private static final int RBX = 3;
  private static final int RDI = 7;

  private EngineLab lab;

  @BeforeEach
  void start() {
    Hosts.assumeUsable();
    lab = new EngineLab();
    lab.gpr(RBX, 5);
    lab.gpr(RDI, EngineLab.DATA);
    lab.code(
        0x48, 0x83, 0xC3, 0x01, // add rbx, 1
        0x48, 0x89, 0x1F, // mov [rdi], rbx
        0x48, 0x83, 0x07, 0x10, // add qword [rdi], 16
        0xEB, 0xF3); // to the start
  }

  private long counter(String name) {
    return lab.engine.counters().get(name);
  }

  private boolean spoil(byte[] old, byte[] by) {
    lab.set(State.RIP, EngineLab.L1_CODE);
    CodeListing listing = lab.engine.listing();
    return Spoiled.replace(lab.engine.cache(), listing.hostAddress, listing.host.length, old, by);
  }

  @Test
  void rightCodeRunsAndLeavesWhatItWouldLeaveUnchecked() {
    lab.run(400);

    assertThat(lab.gpr(RBX)).isEqualTo(105);
    assertThat(lab.at(EngineLab.DATA, 8)).isEqualTo(121);
    assertThat(lab.get(State.BUDGET)).isZero();
    assertThat(counter("checked")).isGreaterThan(90);
    assertThat(counter("unchecked")).isZero();
  }

  @Test
  void aWrongRegisterIsFoundAndShown() {
    lab.run(400);
    byte[] right = {0x48, (byte) 0x83, (byte) 0xC3, 1}; // guest RBX is host RBX
    byte[] wrong = {0x48, (byte) 0x83, (byte) 0xC3, 2};
    assertThat(spoil(right, wrong)).isTrue();

    assertThatThrownBy(() -> lab.run(400))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("rbx is 6b, expected 6a")
        .hasMessageContaining("add rbx, ")
        .hasMessageContaining("host code");
  }

  @Test
  void aWrongByteInMemoryIsFound() {
    lab.run(400);
    byte[] right = {0x48, (byte) 0x83, 0x00, 0x10}; // ADD qword [RAX], 16
    byte[] wrong = {0x48, (byte) 0x83, 0x00, 0x50};
    assertThat(spoil(right, wrong)).isTrue();

    assertThatThrownBy(() -> lab.run(400))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the byte at physical address 200000 is wrong");
  }

  @Test
  void nothingIsComparedWhileOtherVcpusRunBeside() {
    lab.v.rendezvous = new Beside();

    lab.run(400);

    assertThat(lab.gpr(RBX)).isEqualTo(105);
    assertThat(counter("checked")).isZero();
    assertThat(counter("unchecked")).isPositive();
  }

  /** Others run, and never want anything. */
  private static final class Beside implements Rendezvous {
    @Override
    public boolean isForeign(Vcpu v) {
      return false;
    }

    @Override
    public void post(Vcpu v, int pending) {}

    @Override
    public void pass(Vcpu v) {}

    @Override
    public void spin() {}

    @Override
    public void exclusively(Runnable work) {
      work.run();
    }

    @Override
    public void lockBoard() {}

    @Override
    public void unlockBoard() {}
  }

  @Test
  void memoryThatTranslatedCodeLeavesToJavaIsNotAnError() {
    lab.gpr(RDI, 0x3000_0000L); // no RAM
    lab.run(8);

    assertThat(lab.gpr(RBX)).isEqualTo(7);
  }
}
