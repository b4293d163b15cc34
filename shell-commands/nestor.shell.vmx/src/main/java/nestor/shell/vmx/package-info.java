// SPDX-License-Identifier: Apache-2.0
/** Shell commands about guests of guests: control structures, VM exits, strategies. */
package nestor.shell.vmx;
