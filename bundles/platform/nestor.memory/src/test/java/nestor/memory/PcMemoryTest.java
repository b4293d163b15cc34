// SPDX-License-Identifier: Apache-2.0
package nestor.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import nestor.api.device.DmaPort;
import nestor.api.device.MmioDevice;
import nestor.api.device.PortDevice;
import nestor.vcpu.CodeListener;
import nestor.vcpu.Mem;
import nestor.vcpu.PhysicalMemoryControl.Kind;
import nestor.vcpu.PhysicalMemoryControl.Region;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PcMemoryTest {
  private static final long MIB = 1 << 20;
  private static final long FOUR_GIB = 1L << 32;

  private final PcMemory memory = new PcMemory(8 * MIB, 6 * MIB);
  private final List<String> told = new ArrayList<>();

  @AfterEach
  void close() {
    memory.close();
  }

  private void mapMmio(String name, MmioDevice device, long offset, long gpa, long length) {
    memory.map(name, device, offset, gpa, length);
  }

  private void mapPorts(String name, PortDevice device, int offset, int port, int count) {
    memory.map(name, device, offset, port, count);
  }

  @Test
  void ramHasAGapForTheDisplayAndContinuesAboveFourGib() {
    assertThat(memory.isRam(0x9_F000)).isTrue();
    assertThat(memory.isRam(0xA_0000)).isFalse();
    assertThat(memory.isRam(0xB_F000)).isFalse();
    assertThat(memory.isRam(0xC_0000)).isTrue();
    assertThat(memory.isRam(6 * MIB - 1)).isTrue();
    assertThat(memory.isRam(6 * MIB)).isFalse();
    assertThat(memory.isRam(FOUR_GIB)).isTrue();
    assertThat(memory.isRam(FOUR_GIB + 2 * MIB - 1)).isTrue();
    assertThat(memory.isRam(FOUR_GIB + 2 * MIB)).isFalse();
    assertThat(memory.isRam(-4096)).isFalse();
    assertThat(memory.regions())
        .containsExactly(
            new Region(Kind.RAM, 0, 0xA_0000, "ram"),
            new Region(Kind.RAM, 0xC_0000, 6 * MIB - 0xC_0000, "ram"),
            new Region(Kind.RAM, FOUR_GIB, 2 * MIB, "ram"));
  }

  @Test
  void ramKeepsWhatIsStoredAtOneHostAddressForEachGuestAddress() {
    memory.store(null, FOUR_GIB + 8, 8, 0x1122334455667788L);

    assertThat(memory.load(null, FOUR_GIB + 10, 2)).isEqualTo(0x5566);
    assertThat(Mem.getLong(memory.ramBase() + FOUR_GIB + 8)).isEqualTo(0x1122334455667788L);
    assertThat(memory.load(null, 8, 8)).isZero();
  }

  @Test
  void nothingReadsAsOnesAndIsCountedByName() {
    assertThat(memory.load(null, 0xB_8000, 2)).isEqualTo(0xFFFF);
    memory.store(null, 0xB_8000, 8, 1);
    assertThat(memory.load(null, 0xFED0_0001L, 4)).isEqualTo(0xFFFF_FFFFL);
    assertThat(memory.load(null, 1L << 45, 8)).isEqualTo(-1);
    memory.out(null, 0x80, 1, 0x55);
    memory.out(null, 0x80, 1, 0x56);
    assertThat(memory.in(null, 0x3DA, 1)).isEqualTo(0xFF);
    assertThat(memory.in(null, 0x1234, 4)).isEqualTo(-1);

    assertThat(memory.unmodelled())
        .containsEntry("vga.memory", 2L)
        .containsEntry("hpet", 1L)
        .containsEntry("memory.above4g", 1L)
        .containsEntry("post", 2L)
        .containsEntry("vga", 1L)
        .containsEntry("ports.other", 1L);
  }

  @Test
  void windowsGetAlignedAccessesWholeAndOthersInPieces() {
    Recorder device = new Recorder(1);
    mapMmio("d", device, 0x100, 0xFE00_0000L, 0x20);

    assertThat(memory.load(null, 0xFE00_0008L, 8)).isEqualTo(0x0F0E_0D0C_0B0A_0908L);
    assertThat(memory.load(null, 0xFE00_0001L, 4)).isEqualTo(0x0403_0201L);
    assertThat(memory.load(null, 0xFE00_0002L, 8)).isEqualTo(0x0908_0706_0504_0302L);
    memory.store(null, 0xFE00_0006L, 4, 0xAABBCCDDL);

    assertThat(device.calls)
        .containsExactly(
            "load 264 8",
            "load 257 1",
            "load 258 2",
            "load 260 1",
            "load 258 2",
            "load 260 4",
            "load 264 2",
            "store 262 2 ccdd",
            "store 264 2 aabb");
  }

  @Test
  void anAccessThatLeavesItsWindowIsSplitAtTheEdge() {
    Recorder device = new Recorder(1);
    mapMmio("d", device, 0, 0xFE00_0000L, 6);

    assertThat(memory.load(null, 0xFE00_0000L, 8)).isEqualTo(0xFFFF_0504_0302_0100L);
    assertThat(device.calls).containsExactly("load 0 4", "load 4 2");
  }

  @Test
  void theSmallestWindowAndTheSmallestPortRangeWin() {
    Recorder large = new Recorder(4);
    Recorder small = new Recorder(4);
    mapMmio("small", small, 0, 0xFE00_1000L, 0x1000);
    mapMmio("large", large, 0, 0xFE00_0000L, 0x10000);
    mapPorts("small", small, 0, 0xCF8, 4);
    mapPorts("large", large, 0, 0xC00, 0x400);

    for (long gpa : new long[] {0xFE00_0000L, 0xFE00_1000L, 0xFE00_2000L, 0xFE00_1FFCL}) {
      memory.load(null, gpa, 4);
    }
    memory.in(null, 0xCF8, 4);
    memory.in(null, 0xCFC, 4);

    assertThat(small.calls).containsExactly("load 0 4", "load 4092 4", "read 0 4");
    assertThat(large.calls).containsExactly("load 0 4", "load 8192 4", "read 252 4");
  }

  @Test
  void portsWiderThanTheDeviceAreSplitIntoBytes() {
    Recorder narrow = new Recorder(1);
    Recorder wide = new Recorder(4);
    mapPorts("narrow", narrow, 0, 0x40, 4);
    mapPorts("wide", wide, 8, 0xCF8, 8);

    assertThat(memory.in(null, 0x41, 2)).isEqualTo(0x0201);
    assertThat(memory.in(null, 0x43, 2)).isEqualTo(0xFF03);
    memory.out(null, 0x40, 4, 0xDDCCBBAA);
    assertThat(memory.in(null, 0xCFC, 4)).isEqualTo(0x0F0E0D0C);
    memory.out(null, 0xCFF, 1, 0x1FF);

    assertThat(narrow.calls)
        .containsExactly(
            "read 1 1",
            "read 2 1",
            "read 3 1",
            "write 0 1 aa",
            "write 1 1 bb",
            "write 2 1 cc",
            "write 3 1 dd");
    assertThat(wide.calls).containsExactly("read 12 4", "write 15 1 ff");
  }

  @Test
  void aDeviceThatLeftFloats() {
    Recorder device = new Recorder(1);
    mapMmio("d", device, 0, 0xFE00_0000L, 0x1000);
    mapPorts("d", device, 0, 0x2F8, 8);
    memory.load(null, 0xFE00_0000L, 4);

    memory.unmap(device);

    assertThat(memory.load(null, 0xFE00_0000L, 4)).isEqualTo(0xFFFF_FFFFL);
    assertThat(memory.in(null, 0x2F8, 1)).isEqualTo(0xFF);
    assertThat(device.calls).hasSize(1);
    assertThat(memory.unmodelled()).containsEntry("com2", 1L);
  }

  @Test
  void writesToWatchedGranulesAreToldOnceAndWidened() {
    memory.addCodeListener((gpa, length) -> told.add(Long.toHexString(gpa) + "+" + length));
    memory.watchCode(0x1_0070, 0x20); // granules 40h and 80h
    assertThat(memory.isWriteWatched(0x1_0FFF)).isTrue();
    assertThat(memory.isWriteWatched(0x1_1000)).isFalse();

    memory.store(null, 0x1_0038, 8, 1);
    assertThat(told).isEmpty();
    memory.store(null, 0x1_007C, 8, 1);
    memory.store(null, 0x1_0044, 1, 1);

    assertThat(told).containsExactly("10040+128");
    assertThat(memory.isWriteWatched(0x1_0000)).isFalse();
  }

  @Test
  void aPageThatIsOftenWrittenBesideItsCodeIsReleasedIfAllListenersAgree() {
    boolean[] agrees = {false};
    memory.addCodeListener(
        new CodeListener() {
          @Override
          public void codeWritten(long gpa, int length) {
            told.add("written");
          }

          @Override
          public boolean release(long gpaPage) {
            told.add(Long.toHexString(gpaPage));
            return agrees[0];
          }
        });
    memory.watchCode(0x1_0040, 8);

    store(32);
    assertThat(told).containsExactly("10000");
    assertThat(memory.isWriteWatched(0x1_0000)).isTrue();
    agrees[0] = true;
    store(63);
    assertThat(told).hasSize(1);
    store(1);

    assertThat(told).containsExactly("10000", "10000");
    assertThat(memory.isWriteWatched(0x1_0000)).isFalse();
  }

  private void store(int times) {
    for (int n = 0; n < times; n++) {
      memory.store(null, 0x1_0800, 8, n);
    }
  }

  @Test
  void onlyTheGranulesWrittenLoseTheirWatch() {
    memory.addCodeListener((gpa, length) -> told.add(Long.toHexString(gpa) + "+" + length));
    memory.watchCode(0x1_0000, 4096);
    memory.watchCode(0x1_1000, 1);

    memory.written(0x1_0FFF, 2);
    memory.written(0x1_0FC0, 64);

    assertThat(told).containsExactly("10fc0+64", "11000+64");
    assertThat(memory.isWriteWatched(0x1_0000)).isTrue();
    assertThat(memory.isWriteWatched(0x1_1000)).isFalse();
  }

  @Test
  void busMastersReachRamWindowsAndNothing() {
    Recorder device = new Recorder(1);
    mapMmio("d", device, 0, 6 * MIB, 0x1000);
    memory.addCodeListener((gpa, length) -> told.add(Long.toHexString(gpa) + "+" + length));
    memory.watchCode(6 * MIB - 4, 4);
    List<String> messages = new ArrayList<>();
    DmaPort dma =
        memory.dma((address, data) -> messages.add(Long.toHexString(address) + " " + data));
    byte[] bytes = {1, 2, 3, 4, 5, 6, 7};

    dma.write(6 * MIB - 4, bytes, 0, 7);
    byte[] back = new byte[8];
    dma.read(6 * MIB - 4, back, 0, 7);
    dma.write(0xFEE0_1000L, new byte[] {0x31, 0, 0, 0}, 0, 4);
    byte[] nothing = new byte[3];
    dma.read(0xA_0001, nothing, 0, 3);

    assertThat(back).containsExactly(1, 2, 3, 4, 0, 1, 2, 0);
    assertThat(device.calls)
        .containsExactly("store 0 2 605", "store 2 1 7", "load 0 2", "load 2 1");
    assertThat(told).containsExactly("5fffc0+64");
    assertThat(messages).containsExactly("fee01000 49");
    assertThat(nothing).containsExactly(-1, -1, -1);
  }

  @Test
  void theDirtyLogHasEachPageWrittenOnce() {
    memory.store(null, 0x5000, 8, 1);
    List<Long> pages = new ArrayList<>();
    assertThatThrownBy(() -> memory.drainDirtyLog(pages::add))
        .isInstanceOf(IllegalStateException.class);

    memory.startDirtyLog();
    assertThat(memory.isWriteWatched(0x7000)).isTrue();
    memory.store(null, FOUR_GIB + 0x1008, 8, 1);
    memory.store(null, 0x7000, 8, 1);
    memory.dma((address, data) -> {}).write(0x7FFF, new byte[4], 0, 4);
    assertThat(memory.isWriteWatched(0x7000)).isFalse();
    memory.drainDirtyLog(pages::add);
    assertThat(pages).containsExactly(0x7000L, 0x8000L, FOUR_GIB + 0x1000);
    assertThat(memory.isWriteWatched(0x7000)).isTrue();
    pages.clear();
    memory.drainDirtyLog(pages::add);
    assertThat(pages).isEmpty();

    memory.stopDirtyLog();
    assertThat(memory.isWriteWatched(0x7000)).isFalse();
  }

  @Test
  void gateA20IsAMask() {
    assertThat(memory.a20Mask()).isEqualTo(-1);

    memory.setA20(false);

    assertThat(0x10_0000 & memory.a20Mask()).isZero();
  }

  @Test
  void hostsWithoutMmapUseASparseFile() {
    try (HostMemory file = HostMemory.sparseFile(64 * MIB)) {
      assertThat(Mem.getLong(file.address + 64 * MIB - 8)).isZero();
      Mem.putLong(file.address + 64 * MIB - 8, 5);
      assertThat(Mem.getLong(file.address + 64 * MIB - 8)).isEqualTo(5);
    }
  }

  @Test
  void impossibleSizesAreRefused() {
    assertThatThrownBy(() -> new PcMemory(4097, MIB)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new PcMemory(MIB, FOUR_GIB + 4096))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
