// SPDX-License-Identifier: Apache-2.0
package nestor.api.guests;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** The guests in the cache folder. Fetching them is the business of {@code nestor guests}. */
@ProviderType
public interface GuestLibrary {
  /**
   * The image of that name, if it was fetched. {@code linux} means {@code linux-cloud}.
   *
   * @throws java.io.UncheckedIOException if the cache folder cannot be read
   */
  Optional<GuestImage> find(String name);

  /** The guests that are there, sorted by name. */
  List<GuestImage> list();

  /**
   * An initrd with {@code script} added as {@code /nestor.sh}, which the init program of our images
   * runs instead of a shell before it powers off. The original is not changed.
   */
  byte[] withScript(byte[] initrd, String script);

  /**
   * {@return a guest program of our own, as it lies in {@code /bin} of our images: {@code bench} or
   * {@code minivmm}}
   *
   * @throws IllegalArgumentException if there is no such program
   */
  byte[] program(String name);
}
