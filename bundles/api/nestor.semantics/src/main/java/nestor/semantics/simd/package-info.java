// SPDX-License-Identifier: Apache-2.0
/**
 * Packed-integer, shuffle, string and cryptographic operations as static functions.
 *
 * <p>Two shapes. Operations whose lanes stay within 64 bits take and return {@code long} values, so
 * that one function serves MMX and every vector length. Operations that move data between lanes
 * take host addresses {@code target, a, b} and a length in bytes; the target must not overlap a
 * source. {@code a} is the first source in the order of the VEX form (the destination of a legacy
 * form), {@code b} the second.
 *
 * <p>Everything runs on the calling vCPU's thread, keeps no state and allocates nothing.
 */
@Export
@Version("1.0.0")
package nestor.semantics.simd;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
