// SPDX-License-Identifier: Apache-2.0
/**
 * A small strict JSON reader and writer, shared by profiles, feature files, test vectors and {@code
 * --json} output.
 *
 * <p>Every value knows its line and column, so that an error about a profile can name the place.
 * Comments in the style of Java are allowed where blanks are; a key that stands twice is refused.
 */
@Export
@Version("1.0.0")
package nestor.api.json;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
