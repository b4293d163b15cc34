// SPDX-License-Identifier: Apache-2.0
/**
 * Machines as the shell and other tools see them: control, inspection, events.
 *
 * <p>Methods may be called from any thread; what needs a quiet machine parks it first. {@link
 * nestor.api.machine.Machines} is the service to start from.
 */
@Export
@Version("1.0.0")
package nestor.api.machine;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
