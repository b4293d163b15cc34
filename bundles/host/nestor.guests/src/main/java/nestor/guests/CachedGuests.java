// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import nestor.api.guests.GuestImage;
import nestor.api.guests.GuestLibrary;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The cache folder, as the commands that boot guests see it. */
@Component(service = GuestLibrary.class)
public final class CachedGuests implements GuestLibrary {
  private static final String DEFAULT_LINUX = "linux-cloud";

  private final GuestCache cache;

  /** The library of the user's cache folder. */
  @Activate
  public CachedGuests() {
    this(GuestCache.ofUser());
  }

  CachedGuests(GuestCache cache) {
    this.cache = cache;
  }

  @Override
  public Optional<GuestImage> find(String name) {
    try {
      return cache.find(name.equals("linux") ? DEFAULT_LINUX : name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public List<GuestImage> list() {
    try {
      return cache.list();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public byte[] withScript(byte[] initrd, String script) {
    return CpioAppender.withScript(initrd, script);
  }

  @Override
  public byte[] program(String name) {
    return Initramfs.program(name);
  }
}
