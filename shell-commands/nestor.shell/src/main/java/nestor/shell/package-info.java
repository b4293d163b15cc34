// SPDX-License-Identifier: Apache-2.0
/**
 * The commands around the shell: {@code shell} on a terminal or a pipe, {@code exec} for scripts,
 * {@code help}; and the console's view of the log.
 */
package nestor.shell;
