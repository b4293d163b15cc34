// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.ArrayList;
import java.util.List;
import nestor.api.machine.Translation;
import nestor.api.virt.ExitWalk;
import nestor.api.virt.ExitWalk.Hop;
import nestor.api.virt.VmEvent;
import nestor.isa.Row;
import nestor.vcpu.SecondLevel;
import nestor.vcpu.Vcpu;
import nestor.vcpu.Virtualization;

/** The walk of a VM exit in words: the chain of {@code docs/walk.md}. At a safepoint. */
final class LastExit {
  private LastExit() {}

  /** {@return the way of the last exit of a vCPU with extensions, or null if there was none} */
  static ExitWalk of(Vcpu v) {
    Virtualization virtual = v.virtualization;
    List<VmEvent> recent = virtual.recent();
    if (recent.isEmpty()) {
      return null;
    }
    VmEvent exit = recent.getLast();
    List<Hop> hops = new ArrayList<>();
    hops.add(new Hop("row", row(virtual.lastRow(), exit)));
    hops.add(new Hop("gate", gate(virtual, exit)));
    hops.add(
        new Hop(
            "exit",
            String.format(
                "reason %d, info 0x%x, 0x%x, written to the %s at 0x%x",
                (short) exit.number(),
                exit.info(),
                exit.info2(),
                virtual.feature().equals("SVM") ? "VMCB" : "VMCS",
                virtual.controlStructure())));
    hops.add(
        new Hop(
            "host",
            exit.level() == 1
                ? "a Java target takes it; no host state is loaded"
                : String.format("L%d goes on at rip 0x%x", exit.level() - 1, virtual.hostRip())));
    boolean tables = exit.name().startsWith("EPT ") || exit.name().equals("NPF");
    return new ExitWalk(exit, hops, tables ? secondLevel(v, exit.info2()) : null);
  }

  private static String row(Row row, VmEvent exit) {
    String where = String.format(" at rip 0x%x", exit.rip());
    if (row == null) {
      return "no instruction of its own: an event, or an access," + where;
    }
    String intercept = row.intercept.isEmpty() ? "no intercept" : "x=" + row.intercept;
    return row.mnemonic + where + ", its row says " + intercept;
  }

  private static String gate(Virtualization virtual, VmEvent exit) {
    return String.format(
        "%s of L%d on vCPU %d exits: %s", virtual.feature(), exit.level(), exit.cpu(), exit.name());
  }

  /** {@return the walk of a guest-physical address in the current structure's second level} */
  static Translation secondLevel(Vcpu v, long guestPhysical) {
    SecondLevel world = new SecondLevel();
    if (v.virtualization.controlStructure() >= 0) {
      v.virtualization.guestWorld(world);
    }
    return v.mmu.explainGuestPhysical(world, guestPhysical);
  }
}
