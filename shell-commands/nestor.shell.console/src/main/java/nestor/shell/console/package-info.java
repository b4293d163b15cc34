// SPDX-License-Identifier: Apache-2.0
/** Shell commands about consoles. */
package nestor.shell.console;
