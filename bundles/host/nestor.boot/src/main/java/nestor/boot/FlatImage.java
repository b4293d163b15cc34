// SPDX-License-Identifier: Apache-2.0
package nestor.boot;

import nestor.api.boot.BootException;
import nestor.api.boot.BootKind;
import nestor.api.boot.BootPlan;
import nestor.api.boot.BootRequest;
import nestor.api.boot.CpuStart;
import nestor.api.boot.LoadSegment;

/** Bytes without a header, put at an address and entered at their first byte. */
final class FlatImage {
  /** Where a PC's firmware puts a boot sector. */
  private static final long BOOT_SECTOR = 0x7C00;

  private static final long HIGH_LOAD = 0x10_0000;
  private static final long LOW_AREA = 0x1000;
  private static final long REAL_MODE_END = 0x10_0000;

  private FlatImage() {}

  static BootPlan plan(ImageFile file, BootRequest request, BootKind kind) throws BootException {
    boolean real = kind == BootKind.FLAT16;
    long gpa = request.address().orElse(real ? BOOT_SECTOR : HIGH_LOAD);
    if (file.size() == 0) {
      throw new BootException(file.name() + " is empty; there is nothing to start.");
    }
    Placement placement = new Placement(file.name(), request.memory());
    placement.put(new LoadSegment("image", gpa, file.all(), file.size()));
    CpuStart start =
        switch (kind) {
          case FLAT16 -> real(file, gpa);
          case FLAT32 ->
              StartTables.protected32(placement, LOW_AREA).at(checked(file, gpa), 0, 0, 0);
          case FLAT64 -> StartTables.long64(placement, LOW_AREA).at(checked(file, gpa), 0, 0, 0);
          case LINUX, MULTIBOOT, PVH -> throw new IllegalArgumentException(kind + " is not flat");
        };
    return new BootPlan(kind, placement.segments(), start);
  }

  private static long checked(ImageFile file, long gpa) throws BootException {
    if (gpa + file.size() > Placement.FOUR_GIBIBYTES) {
      throw new BootException(
          "%s: the load address 0x%X lies above 4 GiB; choose one below."
              .formatted(file.name(), gpa));
    }
    return gpa;
  }

  private static CpuStart real(ImageFile file, long gpa) throws BootException {
    if (gpa >= REAL_MODE_END || (gpa > 0xFFFF && (gpa & 0xF) != 0)) {
      throw new BootException(
          "%s: the load address 0x%X cannot be entered in real mode; choose one below 64 KiB, or a multiple of 16 below 1 MiB."
              .formatted(file.name(), gpa));
    }
    int segment = gpa > 0xFFFF ? (int) (gpa >> 4) : 0;
    long ip = gpa > 0xFFFF ? 0 : gpa;
    // The stack grows down from the boot sector's usual place, which is free with either address.
    return new CpuStart(
        CpuStart.Mode.REAL16, segment, 0, ip, BOOT_SECTOR, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFFFF);
  }
}
