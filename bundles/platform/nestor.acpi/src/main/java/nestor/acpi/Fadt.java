// SPDX-License-Identifier: Apache-2.0
package nestor.acpi;

import nestor.api.firmware.BoardDescription;

/** The FADT: where the fixed registers are (ACPI 6.5, "Fixed ACPI Description Table"). */
final class Fadt {
  private static final int REVISION = 6;
  private static final int MINOR_REVISION = 5;
  private static final int PROFILE_DESKTOP = 1;

  // Fixed feature flags.
  private static final int WBINVD = 1;
  private static final int PROC_C1 = 1 << 2;
  private static final int NO_FIXED_POWER_BUTTON = 1 << 4;
  private static final int NO_FIXED_SLEEP_BUTTON = 1 << 5;
  private static final int NO_FIXED_RTC_WAKE = 1 << 6;
  private static final int RESET_REGISTER = 1 << 10;

  // IA-PC boot architecture flags.
  private static final int LEGACY_DEVICES = 1;
  private static final int HAS_8042 = 1 << 1;
  private static final int VGA_NOT_PRESENT = 1 << 2;
  private static final int RTC_NOT_PRESENT = 1 << 5;

  /** Longer than C2 and C3 may last: there are none. */
  private static final int NO_C2 = 101;

  private static final int NO_C3 = 1001;
  private static final int RTC_CENTURY = 0x32;
  private static final int RESET_PORT = 0xCF9;
  private static final int RESET_VALUE = 6;

  private Fadt() {}

  static byte[] bytes(BoardDescription board, long facsGpa, long dsdtGpa) {
    int events = board.powerBase().orElseThrow();
    int control = events + 4;
    int timer = events + 8;
    Table table = new Table("FACP", REVISION);
    table.u32(facsGpa).u32(dsdtGpa).u8(0).u8(PROFILE_DESKTOP).u16(board.sciIrq());
    // SMI_CMD 0: there is no other mode to switch from, SCI_EN is always set.
    table.u32(0).zeros(4);
    table.u32(events).u32(0).u32(control).u32(0).u32(0).u32(timer).u32(0).u32(0);
    table.u8(4).u8(2).u8(0).u8(4).zeros(4);
    table.u16(NO_C2).u16(NO_C3).zeros(8).u8(board.rtc() ? RTC_CENTURY : 0);
    table.u16(bootArchitecture(board)).u8(0).u32(features(board));
    table.portRegister(board.resetRegister() ? RESET_PORT : 0, 1);
    table.u8(board.resetRegister() ? RESET_VALUE : 0).u16(0).u8(MINOR_REVISION);
    // The FACS is named once, by its 32-bit field: both fields at a time are not allowed.
    table.u64(0).u64(dsdtGpa);
    table.portRegister(events, 4).zeros(12).portRegister(control, 2).zeros(12).zeros(12);
    table.portRegister(timer, 4).zeros(12).zeros(12);
    table.zeros(12).zeros(12).u64(0);
    return table.bytes();
  }

  private static int bootArchitecture(BoardDescription board) {
    return LEGACY_DEVICES
        | (board.keyboard() ? HAS_8042 : 0)
        | VGA_NOT_PRESENT
        | (board.rtc() ? 0 : RTC_NOT_PRESENT);
  }

  /** The PM timer is called 24 bits wide, which is true of a wider one too. */
  private static int features(BoardDescription board) {
    return WBINVD
        | PROC_C1
        | NO_FIXED_POWER_BUTTON
        | NO_FIXED_SLEEP_BUTTON
        | NO_FIXED_RTC_WAKE
        | (board.resetRegister() ? RESET_REGISTER : 0);
  }
}
