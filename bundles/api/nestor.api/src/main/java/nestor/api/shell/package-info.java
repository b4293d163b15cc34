// SPDX-License-Identifier: Apache-2.0
/**
 * For people who write shell commands. A bundle offers {@link nestor.api.shell.Verbs}; each {@link
 * nestor.api.shell.Verb} declares what may be typed, and gets it sorted out. {@link
 * nestor.api.shell.Table} prints for people or as JSON. Called on the thread of the shell session.
 */
@Export
@Version("1.0.0")
package nestor.api.shell;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
