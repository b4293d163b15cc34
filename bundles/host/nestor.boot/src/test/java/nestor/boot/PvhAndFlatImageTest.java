// SPDX-License-Identifier: Apache-2.0
package nestor.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import nestor.api.boot.BootData;
import nestor.api.boot.BootException;
import nestor.api.boot.BootKind;
import nestor.api.boot.BootModule;
import nestor.api.boot.BootPlan;
import nestor.api.boot.BootRequest;
import nestor.api.boot.CpuStart;
import nestor.api.boot.MemoryLayout;
import org.junit.jupiter.api.Test;

class PvhAndFlatImageTest {
  private static final MemoryLayout MEMORY = MemoryLayout.pc(32L << 20);

  private final DirectBootLoader loader = new DirectBootLoader();

  @Test
  void entersPvhAtTheNotesAddressWithStartInformation() throws BootException {
    BootRequest request =
        new BootRequest(
            Images.changed(Images.pvh()),
            Optional.empty(),
            OptionalLong.empty(),
            List.of(new BootModule(BootData.of("initrd", new byte[100]), "text")),
            "root=/dev/ram",
            Map.of(),
            MEMORY,
            0xE1230);

    BootPlan plan = loader.plan(request);

    ByteBuffer info = Images.memory(plan, plan.start().rbx(), 56);
    assertThat(plan.kind()).isEqualTo(BootKind.PVH);
    assertThat(plan.start().mode()).isEqualTo(CpuStart.Mode.PROTECTED32);
    assertThat(plan.start().rip()).isEqualTo(0x100_0040);
    assertThat(info.getInt(0)).isEqualTo(0x336EC578);
    assertThat(info.getInt(4)).isEqualTo(1);
    assertThat(info.getInt(12)).isEqualTo(1);
    assertThat(Images.text(plan, info.getLong(24))).isEqualTo("root=/dev/ram");
    assertThat(info.getLong(32)).isEqualTo(0xE1230);
    assertThat(info.getInt(48)).isEqualTo(MEMORY.ranges().size());
    ByteBuffer module = Images.memory(plan, info.getLong(16), 32);
    assertThat(module.getLong(0)).isEqualTo(0x100_2000);
    assertThat(module.getLong(8)).isEqualTo(100);
    assertThat(Images.text(plan, module.getLong(16))).isEqualTo("text");
    ByteBuffer map = Images.memory(plan, info.getLong(40), 24);
    assertThat(map.getLong(8)).isEqualTo(0x9FC00);
    assertThat(map.getInt(16)).isEqualTo(1);
  }

  @Test
  void startsABootSectorInRealModeAt7C00h() throws BootException {
    BootPlan plan = loader.plan(flat(BootKind.FLAT16, OptionalLong.empty()));

    assertThat(plan.start().mode()).isEqualTo(CpuStart.Mode.REAL16);
    assertThat(plan.start().cs()).isZero();
    assertThat(plan.start().rip()).isEqualTo(0x7C00);
    assertThat(plan.segments())
        .singleElement()
        .satisfies(s -> assertThat(s.gpa()).isEqualTo(0x7C00));
  }

  @Test
  void addressesARealModeImageAbove64KibibytesBySegment() throws BootException {
    BootPlan plan = loader.plan(flat(BootKind.FLAT16, OptionalLong.of(0x1_2340)));

    assertThat(plan.start().cs()).isEqualTo(0x1234);
    assertThat(plan.start().rip()).isZero();
  }

  @Test
  void startsAFlatImageInProtectedOr64BitMode() throws BootException {
    BootPlan protectedMode = loader.plan(flat(BootKind.FLAT32, OptionalLong.of(0x20_0000)));
    BootPlan longMode = loader.plan(flat(BootKind.FLAT64, OptionalLong.empty()));

    assertThat(protectedMode.start().mode()).isEqualTo(CpuStart.Mode.PROTECTED32);
    assertThat(protectedMode.start().rip()).isEqualTo(0x20_0000);
    assertThat(longMode.start().mode()).isEqualTo(CpuStart.Mode.LONG64);
    assertThat(longMode.start().rip()).isEqualTo(0x10_0000);
    assertThat(longMode.start().cr3()).isNotZero();
  }

  static BootRequest flat(BootKind kind, OptionalLong address) {
    return new BootRequest(
        BootData.of("flat.bin", new byte[] {(byte) 0xF4}),
        Optional.of(kind),
        address,
        List.of(),
        "",
        Map.of(),
        MEMORY,
        0);
  }
}
