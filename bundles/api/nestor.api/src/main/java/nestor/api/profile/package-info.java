// SPDX-License-Identifier: Apache-2.0
/**
 * Machine profiles: JSON texts that say what a machine is made of, checked and made into Config
 * Admin configurations.
 *
 * <p>A profile that {@link ProfileLibrary} returns is sound as far as it can be checked before the
 * machine exists: keys, types, device types and their parameters, clashes of ports and addresses.
 * Everything here is immutable; any thread may use it.
 */
@Export
@Version("1.0.0")
package nestor.api.profile;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
