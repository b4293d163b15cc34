// SPDX-License-Identifier: Apache-2.0
/** Shell commands about machines: making, starting, stopping and looking at them. */
package nestor.shell.machine;
