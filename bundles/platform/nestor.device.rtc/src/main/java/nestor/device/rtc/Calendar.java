// SPDX-License-Identifier: Apache-2.0
package nestor.device.rtc;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * The ten time cells of the clock and the century, as the guest reads them.
 *
 * <p>The cells hold whatever the guest wrote. They are understood only when seconds pass, in the
 * number format and hour format that register B selects at that moment, as the chip does.
 */
final class Calendar {
  static final int SECONDS = 0;
  static final int SECONDS_ALARM = 1;
  static final int MINUTES = 2;
  static final int MINUTES_ALARM = 3;
  static final int HOURS = 4;
  static final int HOURS_ALARM = 5;
  static final int DAY_OF_WEEK = 6;
  static final int DAY = 7;
  static final int MONTH = 8;
  static final int YEAR = 9;
  static final int CENTURY = 0x32;

  static final int BINARY = 0x04;
  static final int HOURS_24 = 0x02;

  private static final int PM = 0x80;
  private static final int SECONDS_PER_DAY = 86_400;

  private final byte[] cells;

  /** Works on the first cells of the CMOS. */
  Calendar(byte[] cells) {
    this.cells = cells;
  }

  void setDate(long epochSeconds, int registerB) {
    LocalDateTime date = LocalDateTime.ofEpochSecond(epochSeconds, 0, ZoneOffset.UTC);
    put(date, registerB);
    cells[DAY_OF_WEEK] = encoded(date.getDayOfWeek().getValue() % 7 + 1, registerB);
  }

  /** Lets seconds pass. Unspecified: a date that does not exist stands still. */
  void advance(long seconds, int registerB) {
    try {
      LocalDateTime before =
          LocalDateTime.of(
              100 * decoded(CENTURY, registerB) + decoded(YEAR, registerB),
              decoded(MONTH, registerB),
              decoded(DAY, registerB),
              hour(cells[HOURS], registerB),
              decoded(MINUTES, registerB),
              decoded(SECONDS, registerB));
      LocalDateTime after = before.plusSeconds(seconds);
      put(after, registerB);
      long days = ChronoUnit.DAYS.between(before.toLocalDate(), after.toLocalDate());
      // The chip only counts the day of the week; it does not know which day a date is.
      int weekday = (int) Math.floorMod(decoded(DAY_OF_WEEK, registerB) - 1 + days, 7L) + 1;
      cells[DAY_OF_WEEK] = encoded(weekday, registerB);
    } catch (DateTimeException e) {
      return;
    }
  }

  /**
   * {@return how many seconds from now the alarm matches for the first time, 1 to 86400, or 0 if it
   * never does}
   */
  int secondsToAlarm(int registerB) {
    int hour = hour(cells[HOURS], registerB);
    int now = (hour * 60 + decoded(MINUTES, registerB)) * 60 + decoded(SECONDS, registerB);
    for (int i = 1; i <= SECONDS_PER_DAY; i++) {
      int then = (now + i) % SECONDS_PER_DAY;
      int second = then % 60;
      if (!matches(SECONDS_ALARM, encoded(second, registerB))) {
        continue;
      }
      if (matches(MINUTES_ALARM, encoded(then / 60 % 60, registerB))
          && matches(HOURS_ALARM, encodedHour(then / 3600, registerB))) {
        return i;
      }
    }
    return 0;
  }

  /** "Alarm": a cell from C0h to FFh matches every value. */
  private boolean matches(int alarm, byte value) {
    return (cells[alarm] & 0xC0) == 0xC0 || cells[alarm] == value;
  }

  private void put(LocalDateTime date, int registerB) {
    cells[SECONDS] = encoded(date.getSecond(), registerB);
    cells[MINUTES] = encoded(date.getMinute(), registerB);
    cells[HOURS] = encodedHour(date.getHour(), registerB);
    cells[DAY] = encoded(date.getDayOfMonth(), registerB);
    cells[MONTH] = encoded(date.getMonthValue(), registerB);
    cells[YEAR] = encoded(date.getYear() % 100, registerB);
    cells[CENTURY] = encoded(date.getYear() / 100, registerB);
  }

  private int decoded(int cell, int registerB) {
    return decoded(cells[cell], registerB);
  }

  private static int decoded(byte cell, int registerB) {
    int value = cell & 0xFF;
    return (registerB & BINARY) != 0 ? value : (value >>> 4) * 10 + (value & 15);
  }

  private static byte encoded(int value, int registerB) {
    return (byte) ((registerB & BINARY) != 0 ? value : value / 10 * 16 + value % 10);
  }

  private static int hour(byte cell, int registerB) {
    if ((registerB & HOURS_24) != 0) {
      return decoded(cell, registerB);
    }
    int hour = decoded((byte) (cell & ~PM), registerB) % 12;
    return (cell & PM) != 0 ? hour + 12 : hour;
  }

  private static byte encodedHour(int hour, int registerB) {
    if ((registerB & HOURS_24) != 0) {
      return encoded(hour, registerB);
    }
    int shown = hour % 12 == 0 ? 12 : hour % 12;
    return (byte) (encoded(shown, registerB) | (hour >= 12 ? PM : 0));
  }
}
