// SPDX-License-Identifier: Apache-2.0
package nestor.api.guests;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A guest in the cache folder, complete and ready to boot.
 *
 * @param kernel a Linux boot protocol image
 * @param initrd its initramfs, uncompressed; empty for guests that need none, such as memtest86+
 * @param facts what it was made from, sorted by key: {@code package.*} are package versions
 */
public record GuestImage(
    String name, Path kernel, Optional<Path> initrd, Map<String, String> facts) {}
