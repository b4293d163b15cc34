// SPDX-License-Identifier: Apache-2.0
/**
 * Shell commands about virtual machines inside machines: structures, exits, events, breakpoints.
 */
package nestor.shell.virt;
