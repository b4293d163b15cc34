// SPDX-License-Identifier: Apache-2.0
/**
 * Guest images: fetched by Debian's package client, unpacked and packed here, kept in a cache
 * folder, and the command that does so.
 */
package nestor.guests;
