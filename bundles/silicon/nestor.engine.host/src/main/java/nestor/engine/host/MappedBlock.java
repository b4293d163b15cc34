// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.util.HexFormat;
import java.util.StringJoiner;

/**
 * A line of a code map: a translated block as it was made, enough to explain a fault in it when the
 * process is gone. Fields are parted by blanks, numbers are hexadecimal.
 */
final class MappedBlock {
  private static final String WORD = "block";
  private static final int FIELDS = 9;
  private static final HexFormat HEX = HexFormat.of();

  final long rip;
  final long gpa;
  final int codeSize;
  final byte[] guest;
  final long hotAddress;
  final byte[] hot;
  final long coldAddress;
  final byte[] cold;

  /** Offset in {@link #hot} at which each guest instruction starts. */
  final int[] starts;

  MappedBlock(HostBlock block, int[] starts) {
    rip = block.rip;
    gpa = block.gpa;
    codeSize = CodeMode.codeSize(block.mode);
    guest = block.code;
    hotAddress = block.entry;
    hot = CodeCache.copy(block.entry, block.hotBytes);
    coldAddress = block.coldEntry;
    cold = CodeCache.copy(block.coldEntry, block.coldBytes);
    this.starts = starts;
  }

  private MappedBlock(String[] fields) {
    rip = Long.parseUnsignedLong(fields[1], 16);
    gpa = Long.parseUnsignedLong(fields[2], 16);
    codeSize = Integer.parseInt(fields[3], 16);
    guest = HEX.parseHex(fields[4]);
    hotAddress = Long.parseUnsignedLong(fields[5], 16);
    hot = HEX.parseHex(fields[6]);
    String[] coldPart = fields[7].split(":", -1);
    coldAddress = Long.parseUnsignedLong(coldPart[0], 16);
    cold = HEX.parseHex(coldPart[1]);
    String[] offsets = fields[8].split(",", -1);
    starts = new int[offsets.length];
    for (int n = 0; n < starts.length; n++) {
      starts[n] = Integer.parseInt(offsets[n], 16);
    }
  }

  /**
   * {@return the block of a line, or null if it is of another kind}
   *
   * @throws IllegalArgumentException if it is a broken line
   */
  static MappedBlock parse(String line) {
    String[] fields = line.split(" ", -1);
    if (!fields[0].equals(WORD)) {
      return null;
    }
    if (fields.length != FIELDS) {
      throw new IllegalArgumentException("a block has " + FIELDS + " fields");
    }
    return new MappedBlock(fields);
  }

  /** {@return the line} */
  String line() {
    StringJoiner offsets = new StringJoiner(",");
    for (int start : starts) {
      offsets.add(Integer.toHexString(start));
    }
    return String.join(
        " ",
        WORD,
        Long.toHexString(rip),
        Long.toHexString(gpa),
        Integer.toHexString(codeSize),
        HEX.formatHex(guest),
        Long.toHexString(hotAddress),
        HEX.formatHex(hot),
        Long.toHexString(coldAddress) + ":" + HEX.formatHex(cold),
        offsets.toString());
  }

  boolean isHot(long address) {
    return Long.compareUnsigned(address - hotAddress, hot.length) < 0;
  }

  /** {@return whether an address lies in the block's code} */
  boolean holds(long address) {
    return isHot(address) || Long.compareUnsigned(address - coldAddress, cold.length) < 0;
  }

  /** {@return number of the guest instruction that an address in the hot part belongs to} */
  int instruction(long address) {
    int n = 0;
    while (n + 1 < starts.length && hotAddress + starts[n + 1] <= address) {
      n++;
    }
    return n;
  }
}
