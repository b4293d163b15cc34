// SPDX-License-Identifier: Apache-2.0
package nestor.api.device;

import nestor.api.host.CharPort;
import nestor.api.time.VirtualClock;
import org.osgi.annotation.versioning.ProviderType;

/** All that one device may touch of the machine it is attached to. */
@ProviderType
public interface DeviceContext {

  /** {@return the device's name in the profile, such as {@code uart0}} */
  String name();

  /** {@return the machine's clock} Timers made from it are cancelled when the device leaves. */
  VirtualClock clock();

  /**
   * {@return this device's driver of the named wire} Wires that the board knows:
   *
   * <ul>
   *   <li>{@code isa0}..{@code isa15}: legacy interrupt lines. Line n also drives {@code gsin}, but
   *       {@code isa0} drives {@code gsi2}.
   *   <li>{@code gsi0}..{@code gsi23}: IOAPIC inputs.
   *   <li>{@code intr}: output of the 8259 pair, to LINT0 and the CPU. {@code nmi}, {@code smi}.
   *   <li>{@code ferr}: the CPU met an unmasked x87 exception with CR0.NE = 0. {@code ignne}: it is
   *       to ignore them.
   *   <li>{@code a20}: gate A20, high when open. {@code hpet.legacy}: the HPET replaces the PIT and
   *       the RTC on their lines. Any other name is made on first use.
   * </ul>
   */
  Wire wire(String name);

  /** {@return the driver of the configured ISA interrupt line, or one that leads nowhere} */
  Wire irq();

  /** {@return access to guest-physical memory for DMA, behind the IOMMU if there is one} */
  DmaPort dma();

  /** {@return the character stream that the profile connected, or one that swallows everything} */
  CharPort console();

  /** {@return what the device may ask of the machine as a whole} */
  MachinePort machine();
}
