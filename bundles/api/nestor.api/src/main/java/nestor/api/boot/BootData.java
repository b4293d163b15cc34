// SPDX-License-Identifier: Apache-2.0
package nestor.api.boot;

import java.nio.file.Path;

/** Where the bytes of a kernel or module come from. */
public sealed interface BootData {

  /** {@return the name for messages and for the guest's command line} */
  String name();

  /** {@return the bytes of a file, read when a plan is made} */
  static BootData of(Path file) {
    return new InFile(file);
  }

  /** {@return these bytes, copied} */
  static BootData of(String name, byte[] bytes) {
    return new InMemory(name, bytes);
  }

  /** A file. */
  record InFile(Path path) implements BootData {
    @Override
    public String name() {
      return path.toString();
    }
  }

  /** Bytes at hand. */
  final class InMemory implements BootData {
    private final String name;
    private final byte[] bytes;

    private InMemory(String name, byte[] bytes) {
      this.name = name;
      this.bytes = bytes.clone();
    }

    @Override
    public String name() {
      return name;
    }

    /** {@return a copy of the bytes} */
    public byte[] bytes() {
      return bytes.clone();
    }
  }
}
