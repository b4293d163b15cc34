// SPDX-License-Identifier: Apache-2.0
package nestor.api.state;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Gives back the fields of one section. A field that was never written throws, unless asked for.
 */
@ProviderType
public interface StateReader {

  /** {@return whether the field was written} */
  boolean has(String name);

  /** {@return the integer} */
  long getLong(String name);

  /** {@return the integer, cut to 32 bits} */
  default int getInt(String name) {
    return (int) getLong(name);
  }

  /** {@return the flag} */
  boolean getBoolean(String name);

  /** {@return a copy of the bytes} */
  byte[] getBytes(String name);

  /** {@return a copy of the integers} */
  long[] getLongs(String name);

  /** {@return the text} */
  String getString(String name);
}
