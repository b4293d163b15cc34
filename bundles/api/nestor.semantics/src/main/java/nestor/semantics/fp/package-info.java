// SPDX-License-Identifier: Apache-2.0
/**
 * The floating-point core: x86 floating-point arithmetic as static functions over encoded values.
 *
 * <p>Values are the bits a guest sees: {@code int} for single, {@code long} for double precision, a
 * 64-bit significand and a 16-bit sign-and-exponent word for the x87 format. The environment
 * (rounding, DAZ, FTZ, precision control, exception masks) is a packed {@code int} made by {@link
 * nestor.semantics.fp.FpEnv}; the exceptions a call raises are added to {@link
 * nestor.semantics.fp.FpFlags#raised}. Functions return the masked response; the caller compares
 * the flags with the masks and decides whether the destination is written. When an unmasked IE, DE
 * or ZE is raised the caller drops OE, UE and PE of the same operation, since it would not have
 * been carried out (SDM vol. 1, "SIMD Floating-Point Exceptions").
 *
 * <p>Everything runs on the calling vCPU's thread, keeps no state and allocates nothing.
 */
@Export
@Version("1.0.0")
package nestor.semantics.fp;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
