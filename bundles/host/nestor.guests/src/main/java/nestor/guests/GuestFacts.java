// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a guest was made from, as sorted {@code key=value} lines. */
final class GuestFacts {
  private static final String DIGEST = "sha256.";

  private GuestFacts() {}

  static String digestKey(String file) {
    return DIGEST + file;
  }

  /** The file whose digest a key holds; null if it holds something else. */
  static String fileOfDigest(String key) {
    return key.startsWith(DIGEST) ? key.substring(DIGEST.length()) : null;
  }

  static String digest(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  static byte[] format(SortedMap<String, String> facts) {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, String> fact : facts.entrySet()) {
      text.append(fact.getKey()).append('=').append(fact.getValue()).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  static SortedMap<String, String> parse(byte[] bytes) {
    SortedMap<String, String> facts = new TreeMap<>();
    for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        facts.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    return facts;
  }
}
