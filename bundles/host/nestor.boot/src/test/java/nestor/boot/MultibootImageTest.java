// SPDX-License-Identifier: Apache-2.0
package nestor.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.GZIPOutputStream;
import nestor.api.boot.BootData;
import nestor.api.boot.BootException;
import nestor.api.boot.BootKind;
import nestor.api.boot.BootModule;
import nestor.api.boot.BootPlan;
import nestor.api.boot.BootRequest;
import nestor.api.boot.CpuStart;
import nestor.api.boot.LoadSegment;
import nestor.api.boot.MemoryLayout;
import org.junit.jupiter.api.Test;

class MultibootImageTest {
  private static final MemoryLayout MEMORY = MemoryLayout.pc(128L << 20);

  private final DirectBootLoader loader = new DirectBootLoader();

  @Test
  void loadsElfSegmentsWithTheirZerosAndEntersInProtectedMode() throws BootException {
    BootPlan plan = loader.plan(new BootRequest(Images.changed(Images.multiboot()), MEMORY));

    LoadSegment image = Images.segment(plan, "PT_LOAD segment 0");
    assertThat(plan.kind()).isEqualTo(BootKind.MULTIBOOT);
    assertThat(image.gpa()).isEqualTo(0x40_0000);
    assertThat(image.data().byteSize()).isEqualTo(0x800);
    assertThat(image.length()).isEqualTo(0x10_0000);
    assertThat(plan.start().mode()).isEqualTo(CpuStart.Mode.PROTECTED32);
    assertThat(entry(plan)).isEqualTo(0x40_0010);
    assertThat(plan.start().rax()).isEqualTo(0x2BADB002);
  }

  @Test
  void passesProgramNameAndArgumentsAndMemory() throws BootException {
    BootPlan plan = loader.plan(request("smp -v", Map.of()));

    ByteBuffer info = Images.memory(plan, plan.start().rbx(), 120);
    assertThat(info.getInt(0) & 0x4D).as("memory, command line, modules, map").isEqualTo(0x4D);
    assertThat(info.getInt(4)).isEqualTo(639);
    assertThat(info.getInt(8)).isEqualTo(127 * 1024);
    assertThat(Images.text(plan, info.getInt(16))).isEqualTo("kernel.bin smp -v");
    assertThat(Images.text(plan, info.getInt(64))).isEqualTo("Nestor");
    assertThat(info.getInt(20)).isZero();
  }

  @Test
  void describesAllMemoryInEntriesThatStepBySizePlus4() throws BootException {
    MemoryLayout memory = MemoryLayout.pc(4L << 30);
    BootPlan plan = loader.plan(new BootRequest(Images.changed(Images.multiboot()), memory));

    ByteBuffer info = Images.memory(plan, plan.start().rbx(), 120);
    ByteBuffer map = Images.memory(plan, info.getInt(48), info.getInt(44));
    long ram = 0;
    long top = 0;
    for (int at = 0; at < map.capacity(); at += map.getInt(at) + 4) {
      if (map.getInt(at + 20) == 1) {
        ram += map.getLong(at + 12);
        top = Math.max(top, map.getLong(at + 4) + map.getLong(at + 12));
      }
    }
    assertThat(top).isEqualTo(0x1_0000_0000L + 0x5000_0000L);
    // RAM is 4 GiB but for the legacy area below 1 MiB.
    assertThat(ram).isEqualTo((4L << 30) - (0x10_0000 - 0x9_FC00));
  }

  @Test
  void passesTheEnvironmentAsTheOnlyModule() throws BootException {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("NR_CPUS", "4");
    environment.put("TEST_DEVICE", "0");

    BootPlan plan = loader.plan(request("", environment));

    ByteBuffer info = Images.memory(plan, plan.start().rbx(), 120);
    assertThat(info.getInt(20)).isEqualTo(1);
    ByteBuffer module = Images.memory(plan, info.getInt(24), 16);
    assertThat(module.getInt(0)).isGreaterThanOrEqualTo(0x50_0000);
    assertThat(module.getInt(4) - module.getInt(0))
        .isEqualTo("NR_CPUS=4\nTEST_DEVICE=0\n".length());
    assertThat(Images.text(plan, module.getInt(0))).isEqualTo("NR_CPUS=4\nTEST_DEVICE=0\n");
  }

  @Test
  void passesModulesInOrderWithTheirText() throws BootException {
    BootPlan plan =
        loader.plan(
            LinuxImageTest.withModules(
                Images.changed(Images.multiboot()),
                new BootModule(BootData.of("dom0", new byte[5000]), "console=hvc0"),
                new BootModule(BootData.of("initrd", new byte[] {42}))));

    ByteBuffer info = Images.memory(plan, plan.start().rbx(), 120);
    ByteBuffer list = Images.memory(plan, info.getInt(24), 32);
    assertThat(info.getInt(20)).isEqualTo(2);
    assertThat(list.getInt(4) - list.getInt(0)).isEqualTo(5000);
    assertThat(Images.text(plan, list.getInt(8))).isEqualTo("console=hvc0");
    assertThat(list.getInt(16) & 0xFFF).isZero();
    assertThat(Images.memory(plan, list.getInt(16), 1).get()).isEqualTo((byte) 42);
  }

  @Test
  void movesItsInformationAwayFromAnImageInLowMemory() throws BootException {
    BootData low =
        Images.changed(
            Images.multiboot(),
            b -> b.putInt(24, 0x8000).putInt(60, 0x8000).putInt(64, 0x8000).putInt(72, 0x2_0000));

    BootPlan plan = loader.plan(new BootRequest(low, MEMORY));

    assertThat(entry(plan)).isEqualTo(0x8000);
    assertThat(plan.start().rbx()).isGreaterThanOrEqualTo(0x2_8000);
    assertThat(plan.start().gdtGpa()).isGreaterThanOrEqualTo(0x2_8000);
  }

  @Test
  void loadsByHeaderAddressesIfTheHeaderHasThem() throws BootException {
    int flags = 1 << 16;
    BootData image =
        Images.changed(
            new byte[0x1000],
            b ->
                b.position(0x20)
                    .putInt(0x1BADB002)
                    .putInt(flags)
                    .putInt(-(0x1BADB002 + flags))
                    .putInt(0x10_0020)
                    .putInt(0x10_0000)
                    .putInt(0x10_0800)
                    .putInt(0x10_2000)
                    .putInt(0x10_0040));

    BootPlan plan = loader.plan(new BootRequest(image, MEMORY));

    LoadSegment segment = Images.segment(plan, "image");
    assertThat(segment.gpa()).isEqualTo(0x10_0000);
    assertThat(segment.data().byteSize()).isEqualTo(0x800);
    assertThat(segment.length()).isEqualTo(0x2000);
    assertThat(entry(plan)).isEqualTo(0x10_0040);
  }

  @Test
  void unpacksAGzipFile() throws IOException, BootException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(Images.multiboot());
    }

    assertThat(loader.detect(BootData.of("xen.gz", packed.toByteArray())))
        .isEqualTo(BootKind.MULTIBOOT);
  }

  private static BootRequest request(String arguments, Map<String, String> environment) {
    return new BootRequest(
        Images.changed(Images.multiboot()),
        Optional.empty(),
        OptionalLong.empty(),
        List.of(),
        arguments,
        environment,
        MEMORY,
        0);
  }

  /** {@return where the start-up code goes on: to the kernel} */
  private static long entry(BootPlan plan) {
    LoadSegment code = Images.segment(plan, "start-up code");
    assertThat(plan.start().rip()).isBetween(code.gpa(), code.endGpa());
    ByteBuffer jump = Images.memory(plan, code.endGpa() - 5, 5);
    assertThat(jump.get(0)).isEqualTo((byte) 0xE9);
    return code.endGpa() + jump.getInt(1) & 0xFFFF_FFFFL;
  }

  @Test
  void leavesVectorsThatAnswerTheInterruptControllers() throws BootException {
    BootPlan plan = loader.plan(new BootRequest(Images.changed(Images.multiboot()), MEMORY));
    LoadSegment code = Images.segment(plan, "start-up code");

    for (int vector : new int[] {0x08, 0x0F, 0x70, 0x77, 0x10}) {
      ByteBuffer entry = Images.memory(plan, 4L * vector, 4);
      long handler = ((entry.getShort(2) & 0xFFFFL) << 4) + (entry.getShort(0) & 0xFFFF);
      assertThat(handler).isBetween(code.gpa(), plan.start().rip() - 1);
      int first = Images.memory(plan, handler, 1).get(0) & 0xFF;
      assertThat(first).as("vector " + vector).isEqualTo(vector == 0x10 ? 0xCF : 0x50);
    }
  }

  /** The 8259s reach the processor only through LINT0 of its APIC. */
  @Test
  void setsTheApicToVirtualWireMode() throws BootException {
    BootPlan plan = loader.plan(new BootRequest(Images.changed(Images.multiboot()), MEMORY));
    LoadSegment code = Images.segment(plan, "start-up code");

    ByteBuffer bytes = Images.memory(plan, code.endGpa() - 40, 40);

    assertThat(bytes.getInt(2)).isEqualTo(0xFEE0_00F0);
    assertThat(bytes.getInt(6) & 0x100).as("enabled").isEqualTo(0x100);
    assertThat(bytes.getInt(12)).isEqualTo(0xFEE0_0350);
    assertThat(bytes.getInt(16)).as("ExtINT, not masked").isEqualTo(0x700);
  }
}
