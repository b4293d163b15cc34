// SPDX-License-Identifier: Apache-2.0
/**
 * What the virtual-machine extensions of both vendors have in common: the state that their parts
 * share, the log of entries and exits with its gate for observers, rules of VM entry as rows, and
 * the unit that is put together from them.
 *
 * <p>Vendors extend and fill in; their manuals' words stay with them. {@code nestor.vcpu} has what
 * engines, CPU core and MMU know of virtual machines. Everything here is called on the vCPU's
 * thread unless it says otherwise.
 */
@Export
@Version("1.0.0")
package nestor.virt;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
