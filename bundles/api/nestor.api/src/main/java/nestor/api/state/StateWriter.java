// SPDX-License-Identifier: Apache-2.0
package nestor.api.state;

import org.osgi.annotation.versioning.ProviderType;

/** Receives the named fields of one section. A name may be used once. */
@ProviderType
public interface StateWriter {

  /** Writes an integer of up to 64 bits. */
  void putLong(String name, long value);

  /** Writes a flag. */
  void putBoolean(String name, boolean value);

  /** Writes bytes, copied at once. */
  void putBytes(String name, byte[] value);

  /** Writes an array of integers, copied at once. */
  void putLongs(String name, long... value);

  /** Writes a text. */
  void putString(String name, String value);
}
