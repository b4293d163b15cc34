// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import java.util.ArrayList;
import java.util.List;

/**
 * MSRs that only store what is written, with the value after reset and the bits that may be written
 * (SDM vol. 4; APM vol. 2, appendix A). All others are code in {@link Msrs}.
 */
final class MsrTable {
  private MsrTable() {}

  static final int ANY = 0;
  static final int INTEL = 1;
  static final int AMD = 2;

  /**
   * A run of storage MSRs.
   *
   * @param vendor who has it
   * @param feature CPUID feature it needs, or null
   * @param writable bits that may change; a write that sets others to a new value is #GP
   */
  record Cell(int first, int count, int vendor, String feature, long reset, long writable) {}

  private static final long ALL = -1;
  private static final long LOW48 = 0xFFFF_FFFF_FFFFL;

  static List<Cell> cells(CpuModel model) {
    List<Cell> cells = new ArrayList<>();
    common(cells);
    intel(cells);
    amd(cells);
    int vendor = model.isAmd() ? AMD : INTEL;
    cells.removeIf(
        cell ->
            cell.vendor != ANY && cell.vendor != vendor
                || cell.feature != null && !model.has(cell.feature));
    return cells;
  }

  private static void common(List<Cell> cells) {
    cells.add(new Cell(0x48, 1, INTEL, "SPEC_CTRL", 0, 0x7));
    cells.add(new Cell(0x48, 1, AMD, "IBRS_AMD", 0, 0x7));
    cells.add(new Cell(0x17A, 1, ANY, "MCA", 0, ALL)); // MCG_STATUS
  }

  private static void intel(List<Cell> cells) {
    cells.add(new Cell(0x17, 1, INTEL, null, 0, 0)); // PLATFORM_ID
    cells.add(new Cell(0x2A, 1, INTEL, null, 0, ALL)); // EBL_CR_POWERON
    cells.add(new Cell(0x34, 1, INTEL, null, 0, 0)); // SMI_COUNT
    cells.add(new Cell(0xCE, 1, INTEL, null, 0, 0)); // PLATFORM_INFO
    cells.add(new Cell(0xE2, 1, INTEL, null, 0, 0x8000)); // PKG_CST_CONFIG_CONTROL
    cells.add(new Cell(0x10A, 1, INTEL, "ARCH_CAPABILITIES", ARCH_CAPABILITIES, 0));
    cells.add(new Cell(0x140, 1, INTEL, null, 0, 0)); // MISC_FEATURES_ENABLES
    cells.add(new Cell(0x1A2, 1, INTEL, null, 100 << 16, 0)); // TEMPERATURE_TARGET
    cells.add(new Cell(0x1FC, 1, INTEL, null, 0, 0x3)); // POWER_CTL
  }

  /** RDCL_NO, IBRS_ALL, SKIP_L1DFL, SSB_NO, MDS_NO and their like: nothing speculates here. */
  private static final long ARCH_CAPABILITIES =
      1 | 1 << 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 13 | 1 << 14 | 1 << 15
          | 1 << 20 | 1 << 24 | 1 << 26 | 1 << 27 | 1L << 62;

  private static void amd(List<Cell> cells) {
    cells.add(new Cell(0xC001_0000, 4, AMD, null, 0, 0xFFFF_F03F_FFFF_FFFFL));
    cells.add(new Cell(0xC001_0004, 4, AMD, null, 0, LOW48));
    cells.add(new Cell(0xC001_0010, 1, AMD, null, 0x160_0600, 0x1FF_FFFF)); // SYSCFG
    cells.add(new Cell(0xC001_0015, 1, AMD, null, 1L << 24, 0x7FFF_FFFFL)); // HWCR
    cells.add(new Cell(0xC001_0016, 4, AMD, null, 0, LOW48)); // IORRs
    cells.add(new Cell(0xC001_001A, 1, AMD, null, 0, LOW48)); // TOP_MEM
    cells.add(new Cell(0xC001_001D, 1, AMD, null, 0, LOW48)); // TOP_MEM2
    cells.add(new Cell(0xC001_001F, 1, AMD, null, 0, ALL)); // NB_CFG
    cells.add(new Cell(0xC001_0022, 1, AMD, null, 0, ALL)); // MC exception redirection
    cells.add(new Cell(0xC001_0055, 1, AMD, null, 0, ALL)); // INT_PENDING
    cells.add(new Cell(0xC001_0058, 1, AMD, null, 0, ALL)); // MMIO_CONF_BASE
    cells.add(new Cell(0xC001_0061, 1, AMD, null, 0, 0)); // PSTATE_CUR_LIMIT
    cells.add(new Cell(0xC001_0062, 1, AMD, null, 0, 7)); // PSTATE_CTL
    cells.add(new Cell(0xC001_0063, 1, AMD, null, 0, 0)); // PSTATE_STS
    cells.add(new Cell(0xC001_0111, 1, AMD, null, 0x3_0000, 0xFFFF_FFFFL)); // SMBASE
    cells.add(new Cell(0xC001_0112, 1, AMD, null, 0, LOW48)); // TSEG base
    cells.add(new Cell(0xC001_0113, 1, AMD, null, 0, LOW48)); // TSEG mask
    cells.add(new Cell(0xC001_0140, 2, AMD, "OSVW", 0, 0));
    cells.add(new Cell(0xC001_0200, 12, AMD, "PERFCTR_CORE", 0, ALL));
    cells.add(new Cell(0xC001_1004, 2, AMD, null, 0, ALL)); // CPUID feature overrides
    cells.add(new Cell(0xC001_1020, 4, AMD, null, 0, ALL)); // LS_CFG, IC_CFG, DC_CFG, BU_CFG2
    cells.add(new Cell(0xC001_1029, 1, AMD, null, 2, ALL)); // DE_CFG: LFENCE serialises
    cells.add(new Cell(0xC001_102A, 4, AMD, null, 0, ALL)); // BU_CFG2 and others of the core
  }
}
