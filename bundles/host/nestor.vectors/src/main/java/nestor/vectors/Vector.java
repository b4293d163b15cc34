// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import java.util.ArrayList;
import java.util.List;
import nestor.api.json.JsonValue;
import nestor.api.json.JsonValue.JsonObject;

/** One recorded case: code, the state before, the state after. The format is in VECTORS.md. */
final class Vector {
  /** Where exceptions that are part of a case are described. */
  record Expected(int vector, Long errorCode, Long cr2) {}

  final String id;
  final String text;
  final byte[] code;
  final int codeBits;
  final long ip;
  final List<String> features;
  final List<String> tags;
  final VectorState in;
  final VectorState out;
  final Expected exception;
  final long undefinedFlags;
  final long undefinedStatus;
  final List<JsonValue> ignoredMemory;
  final JsonObject tolerance;

  Vector(JsonObject o) {
    id = needed(o, "id").asText();
    if (id.indexOf('/') < 0) {
      throw new IllegalArgumentException("id " + id + " is not FAMILY/NUMBER");
    }
    text = o.get("a") == null ? "" : o.get("a").asText();
    code = VectorState.bytesOf(needed(o, "c"));
    codeBits = o.get("b") == null ? 64 : (int) o.get("b").asLong();
    ip = o.get("ip") == null ? 0x2000_8000L : VectorState.hex(o.get("ip"));
    features = texts(o.get("f"));
    tags = texts(o.get("t"));
    in = new VectorState(needed(o, "in").asObject());
    out = new VectorState(needed(o, "out").asObject());
    exception = o.get("x") == null ? null : expected(o.get("x").asObject());
    undefinedFlags = o.get("fm") == null ? 0 : VectorState.hex(o.get("fm"));
    undefinedStatus = o.get("sm") == null ? 0 : VectorState.hex(o.get("sm"));
    ignoredMemory = o.get("mm") == null ? List.of() : o.get("mm").asItems();
    tolerance = o.get("tol") == null ? null : o.get("tol").asObject();
  }

  private static JsonValue needed(JsonObject o, String key) {
    if (o.get(key) == null) {
      throw new IllegalArgumentException("there is no \"" + key + "\"");
    }
    return o.get(key);
  }

  private static List<String> texts(JsonValue array) {
    List<String> texts = new ArrayList<>();
    if (array != null) {
      for (JsonValue item : array.asItems()) {
        texts.add(item.asText());
      }
    }
    return texts;
  }

  private static Expected expected(JsonObject x) {
    return new Expected(
        (int) x.get("v").asLong(),
        x.get("e") == null ? null : x.get("e").asLong(),
        x.get("cr2") == null ? null : VectorState.hex(x.get("cr2")));
  }

  String family() {
    return id.substring(0, id.indexOf('/'));
  }

  /** {@return whether the case is a run of instructions up to the end of its code} */
  boolean isSequence() {
    return family().equals("programs") || family().equals("smc") || tags.contains("seq2");
  }

  /** {@return whether the recorded exception may be one of the fetch after the instruction} */
  boolean failsAtNextFetch() {
    return exception != null && tags.contains("fetch");
  }

  long end() {
    return ip + code.length;
  }
}
