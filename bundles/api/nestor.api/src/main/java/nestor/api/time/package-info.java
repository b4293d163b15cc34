// SPDX-License-Identifier: Apache-2.0
/**
 * Guest time: the one clock of a machine and the timers that devices arm on it.
 *
 * <p>Everything here is called on the thread that runs the machine's vCPUs, or while the machine is
 * parked at a safepoint. Guest time never runs backwards and never depends on the host's clock
 * unless the profile says {@code clock: realtime}.
 */
@Export
@Version("1.0.0")
package nestor.api.time;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
