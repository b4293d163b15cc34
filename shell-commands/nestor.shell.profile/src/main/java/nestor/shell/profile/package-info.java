// SPDX-License-Identifier: Apache-2.0
/** Shell commands about profiles. */
package nestor.shell.profile;
