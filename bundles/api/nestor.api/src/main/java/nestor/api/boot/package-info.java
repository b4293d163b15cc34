// SPDX-License-Identifier: Apache-2.0
/**
 * Direct loads: from a kernel file to what must lie in guest memory and how the first vCPU starts.
 *
 * <p>Everything here is a value or a pure function. {@link BootLoader} turns a {@link BootRequest}
 * into a {@link BootPlan}; whoever owns the machine copies the plan's segments into RAM and sets
 * the registers, again after every reset.
 */
@Export
@Version("1.0.0")
package nestor.api.boot;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
