// SPDX-License-Identifier: Apache-2.0
/**
 * What firmware would tell an operating system about the board: ACPI tables made from a description
 * of the machine. Values and pure functions; any thread may use them.
 */
@Export
@Version("1.0.0")
package nestor.api.firmware;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
