// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

/** How a decode ended. */
public enum DecodeResult {
  /** The instruction is complete. */
  OK,
  /** No row matches, or a prefix is not allowed: #UD. */
  UNDEFINED,
  /** More than 15 bytes: #GP(0). */
  TOO_LONG,
  /** The bytes given end before the instruction does. */
  NEED_MORE
}
