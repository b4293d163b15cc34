// SPDX-License-Identifier: Apache-2.0
/**
 * Guest images that were fetched into the cache folder, for the commands that boot them.
 *
 * <p>Called on the thread of a command, never while a guest runs on it: everything here may read
 * files.
 */
@Export
@Version("1.0.0")
package nestor.api.guests;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
