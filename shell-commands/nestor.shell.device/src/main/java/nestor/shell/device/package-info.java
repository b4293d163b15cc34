// SPDX-License-Identifier: Apache-2.0
/** Shell commands about devices: who is there, plugging and exchanging. */
package nestor.shell.device;
