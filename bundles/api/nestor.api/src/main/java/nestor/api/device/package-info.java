// SPDX-License-Identifier: Apache-2.0
/**
 * For people who write devices: what a device implements and all that it may touch.
 *
 * <p>A device is a Declarative Services component created by a factory configuration of the machine
 * it belongs to. It has no references: everything it may use arrives as {@link DeviceContext} in
 * {@link Device#attach}. It says where it sits by configuration attributes with standard names,
 * which the profile can override and which it never reads itself:
 *
 * <ul>
 *   <li>{@code nestor_ports}: port ranges, such as {@code "0x20+2,0xA0+2"}. The device sees
 *       offsets, numbered through all ranges: the second range above starts at offset 2.
 *   <li>{@code nestor_mmio}: guest-physical ranges in the same form, such as {@code
 *       "0xFED00000+0x400"}.
 *   <li>{@code nestor_irq}: the ISA interrupt line behind {@link DeviceContext#irq}.
 * </ul>
 *
 * <p>Methods of a device are called on the machine's thread, one at a time, or on its control
 * thread while every vCPU is parked. None may block.
 */
@Export
@Version("1.0.0")
package nestor.api.device;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
