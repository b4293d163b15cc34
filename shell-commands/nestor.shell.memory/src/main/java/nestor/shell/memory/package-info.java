// SPDX-License-Identifier: Apache-2.0
/** Shell commands about guest memory: bytes, code, the way through paging. */
package nestor.shell.memory;
