// SPDX-License-Identifier: Apache-2.0
/** The command {@code bench}: what whole guests cost here, under QEMU and on the bare host. */
package nestor.bench;
