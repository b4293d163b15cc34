// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An initramfs under construction: the "newc" cpio format of the Linux kernel's initramfs buffer
 * format document.
 *
 * <p>The same entries always give the same bytes: members are sorted by name, owned by root and
 * dated 1970. Missing parent folders are added.
 */
final class CpioArchive {
  private static final String MAGIC = "070701";
  private static final String TRAILER = "TRAILER!!!";
  private static final int ALIGNMENT = 4;

  private final SortedMap<String, CpioEntry> entries = new TreeMap<>();

  CpioArchive add(CpioEntry entry) {
    int slash = entry.name().lastIndexOf('/');
    if (slash > 0) {
      String parent = entry.name().substring(0, slash);
      if (!entries.containsKey(parent)) {
        add(CpioEntry.folder(parent));
      }
    }
    entries.put(entry.name(), entry);
    return this;
  }

  CpioArchive addFile(String name, int permissions, byte[] data) {
    return add(CpioEntry.file(name, permissions, data));
  }

  List<CpioEntry> entries() {
    return new ArrayList<>(entries.values());
  }

  /** The archive with its trailer, a multiple of four bytes long, so that another may follow. */
  byte[] toBytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int inode = 1;
    for (CpioEntry entry : entries.values()) {
      write(out, inode++, entry.isFolder() ? 2 : 1, entry);
    }
    write(out, 0, 1, new CpioEntry(TRAILER, 0, new byte[0]));
    return out.toByteArray();
  }

  private static void write(ByteArrayOutputStream out, int inode, int links, CpioEntry entry) {
    byte[] name = (entry.name() + "\0").getBytes(StandardCharsets.UTF_8);
    StringBuilder header = new StringBuilder(MAGIC);
    int[] fields = {
      inode, entry.mode(), 0, 0, links, 0, entry.data().length, 0, 0, 0, 0, name.length, 0
    };
    for (int field : fields) {
      header.append(String.format("%08X", field));
    }
    out.writeBytes(header.toString().getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(name);
    pad(out);
    out.writeBytes(entry.data());
    pad(out);
  }

  private static void pad(ByteArrayOutputStream out) {
    while (out.size() % ALIGNMENT != 0) {
      out.write(0);
    }
  }
}
