// SPDX-License-Identifier: Apache-2.0
/**
 * Saved state: named, versioned sections of named fields, written by the owner of the state.
 *
 * <p>The same sections serve hot swap, snapshot, migration, lockstep comparison and digests. Times
 * in a section are relative to the clock, so that a restored machine need not keep its epoch.
 */
@Export
@Version("1.0.0")
package nestor.api.state;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
