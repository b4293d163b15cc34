// SPDX-License-Identifier: Apache-2.0
/** What a machine may use of the host: character streams for consoles and serial lines. */
@Export
@Version("1.0.0")
package nestor.api.host;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
