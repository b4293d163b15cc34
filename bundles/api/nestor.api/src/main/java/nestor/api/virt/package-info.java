// SPDX-License-Identifier: Apache-2.0
/**
 * Virtual machines inside a machine, as people look at them: control structures, exits, events. The
 * words are neutral; names of fields, reasons and rules are the vendor's.
 *
 * <p>A <em>level</em> counts hypervisors: L1 is the guest hypervisor of the machine, L2 its guest.
 * The records are values; start from {@code Machine.virtualization()}.
 */
@Export
@Version("1.0.0")
package nestor.api.virt;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
