// SPDX-License-Identifier: Apache-2.0
package nestor.api.json;

/** A text is not JSON, or not the JSON that was expected. The message starts with the place. */
public final class JsonException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what is wrong at a place. */
  public JsonException(JsonPosition at, String problem) {
    super(at + ": " + problem);
  }
}
