// SPDX-License-Identifier: Apache-2.0
/** {@code ./nestor unittests}: runs Multiboot test images that a user brings, and reports. */
package nestor.unittests;
