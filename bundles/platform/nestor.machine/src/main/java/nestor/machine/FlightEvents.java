// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.List;
import java.util.function.Supplier;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import nestor.api.virt.ControlField;
import nestor.api.virt.VmEvent;
import nestor.api.virt.VmListener;

/** The JFR event types of virtual machines, and who makes them of the stream of one machine. */
final class FlightEvents implements VmListener {
  private static final String GROUP = "Nestor";

  private final String machine;

  FlightEvents(String machine) {
    this.machine = machine;
  }

  /** What all of them tell. */
  @Category(GROUP)
  @StackTrace(false)
  abstract static class Common extends Event {
    @Label("Machine")
    String machine;

    @Label("vCPU")
    int cpu;

    @Label("Level")
    int level;

    @Label("Guest Time")
    @Description("Nanoseconds since the machine was switched on")
    long nanos;

    @Label("RIP")
    String rip;
  }

  /** A guest was entered. */
  @Name("nestor.VmEntry")
  @Label("VM Entry")
  static final class VmEntry extends Common {
    @Label("Control Structure")
    String structure;
  }

  /** A VM entry failed. */
  @Name("nestor.VmEntryFailure")
  @Label("VM Entry Failure")
  static final class VmEntryFailure extends Common {
    @Label("Rule")
    String rule;
  }

  /** A guest exited. */
  @Name("nestor.VmExit")
  @Label("VM Exit")
  static final class VmExit extends Common {
    @Label("Reason")
    String reason;

    @Label("Number")
    long number;

    @Label("Information")
    @Description("Exit qualification or EXITINFO1")
    String info;

    @Label("Second Information")
    @Description("Guest-physical address or EXITINFO2")
    String info2;
  }

  /** VM entry injected an event. */
  @Name("nestor.VmInject")
  @Label("VM Event Injection")
  static final class VmInject extends Common {
    @Label("Event")
    String event;
  }

  /** Translations of guests were dropped. */
  @Name("nestor.VmInvalidate")
  @Label("VM Invalidation")
  static final class VmInvalidate extends Common {
    @Label("By")
    String by;

    @Label("Tag")
    long tag;
  }

  @Override
  public void happened(VmEvent event, Supplier<List<ControlField>> fields) {
    switch (event.kind()) {
      case ENTRY -> {
        VmEntry one = new VmEntry();
        one.structure = hex(event.number());
        commit(one, event);
      }
      case FAILED_ENTRY -> {
        VmEntryFailure one = new VmEntryFailure();
        one.rule = event.name();
        commit(one, event);
      }
      case EXIT -> {
        VmExit one = new VmExit();
        one.reason = event.name();
        one.number = event.number();
        one.info = hex(event.info());
        one.info2 = hex(event.info2());
        commit(one, event);
      }
      case INJECT -> {
        VmInject one = new VmInject();
        one.event = event.name();
        commit(one, event);
      }
      case INVALIDATE -> {
        VmInvalidate one = new VmInvalidate();
        one.by = event.name();
        one.tag = event.number();
        commit(one, event);
      }
      case WRITE -> {
        // The exits that follow tell what a write led to; each alone would drown them.
      }
    }
  }

  private static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  private void commit(Common one, VmEvent event) {
    one.machine = machine;
    one.cpu = event.cpu();
    one.level = event.level();
    one.nanos = event.nanos();
    one.rip = hex(event.rip());
    one.commit();
  }
}
