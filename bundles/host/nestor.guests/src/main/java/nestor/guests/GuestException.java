// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

/** Why a guest could not be fetched, found or packed: one message, written for the user. */
final class GuestException extends Exception {
  private static final long serialVersionUID = 1;

  GuestException(String message) {
    super(message);
  }

  GuestException(String message, Throwable cause) {
    super(message, cause);
  }
}
