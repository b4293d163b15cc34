// SPDX-License-Identifier: Apache-2.0
/**
 * For people who write shell commands: which machine is meant, what number was typed, and tables
 * that print for people or as JSON. Called on the thread of the shell session.
 */
@Export
@Version("1.0.0")
package nestor.api.shell;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
