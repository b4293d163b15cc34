// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

/** A run that gave no figure; the message says why, for the user. */
final class BenchException extends Exception {
  private static final long serialVersionUID = 1L;

  BenchException(String message) {
    super(message);
  }
}
