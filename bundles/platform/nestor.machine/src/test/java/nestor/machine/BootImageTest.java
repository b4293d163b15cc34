// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import nestor.api.boot.LoadSegment;
import nestor.vcpu.CodeListener;
import nestor.vcpu.PhysicalMemory;
import nestor.vcpu.Vcpu;
import org.junit.jupiter.api.Test;

class BootImageTest {
  private static final int RAM = 1 << 20;

  private final MemorySegment ram = Arena.ofAuto().allocate(RAM);
  private final List<Long> written = new ArrayList<>();

  @Test
  void clearsMemoryFarBehindTheDataOfASegment() {
    ram.fill((byte) 0x55);
    byte[] data = new byte[0x1_0001];
    java.util.Arrays.fill(data, (byte) 7);
    LoadSegment bss = new LoadSegment("bss", 0x1000, MemorySegment.ofArray(data), 0x5_0000);

    new BootImage(List.of(bss), null).load(new Ram());

    assertThat(at(0xFFF)).isEqualTo(0x55);
    assertThat(at(0x1000)).isEqualTo(7);
    assertThat(at(0x1_1000)).isEqualTo(7);
    assertThat(at(0x1_1001)).isZero();
    assertThat(at(0x5_0FFF)).isZero();
    assertThat(at(0x5_1000)).isEqualTo(0x55);
    assertThat(written).hasSize(0x50);
  }

  private int at(long gpa) {
    return ram.get(ValueLayout.JAVA_BYTE, gpa);
  }

  /** RAM alone. */
  private final class Ram implements PhysicalMemory {
    @Override
    public long ramBase() {
      return ram.address();
    }

    @Override
    public boolean isRam(long gpa) {
      return gpa < RAM;
    }

    @Override
    public long a20Mask() {
      return -1;
    }

    @Override
    public long load(Vcpu v, long gpa, int size) {
      return -1;
    }

    @Override
    public void store(Vcpu v, long gpa, int size, long value) {}

    @Override
    public int in(Vcpu v, int port, int size) {
      return -1;
    }

    @Override
    public void out(Vcpu v, int port, int size, int value) {}

    @Override
    public boolean isWriteWatched(long gpa) {
      return false;
    }

    @Override
    public boolean watchCode(long gpa, int length) {
      return false;
    }

    @Override
    public void addCodeListener(CodeListener listener) {}

    @Override
    public void removeCodeListener(CodeListener listener) {}

    @Override
    public void written(long gpa, int length) {
      written.add(gpa);
    }
  }
}
