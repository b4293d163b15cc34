// SPDX-License-Identifier: Apache-2.0
package nestor.api.virt;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Something that happened to a virtual machine in the machine.
 *
 * @param cpu the vCPU
 * @param level level of the guest that was entered, left or interrupted; for {@link
 *     Kind#INVALIDATE} and {@link Kind#WRITE}, level of the software that did it
 * @param nanos guest time, in nanoseconds since the machine was switched on
 * @param name see {@link Kind}
 * @param number see {@link Kind}
 * @param rip the guest's RIP; for {@link Kind#INVALIDATE} and {@link Kind#WRITE} that of the
 *     instruction
 * @param info see {@link Kind}
 * @param info2 see {@link Kind}
 */
public record VmEvent(
    Kind kind,
    int cpu,
    int level,
    long nanos,
    String name,
    long number,
    long rip,
    long info,
    long info2) {

  /** What happened, and what the other components then mean. */
  public enum Kind {
    /** A guest was entered; number is the physical address of its control structure. */
    ENTRY,
    /**
     * A VM entry failed; name is the rule that did not hold, with its section in the manual, number
     * the physical address of the control structure.
     */
    FAILED_ENTRY,
    /**
     * A guest exited; name and number are the vendor's reason, info the exit qualification or
     * EXITINFO1, info2 the guest-physical address or EXITINFO2.
     */
    EXIT,
    /** VM entry injected an event; number is its event word, info its error code. */
    INJECT,
    /**
     * Translations of guests were dropped; name is the instruction or control, number the VPID,
     * ASID or type, info the address or root.
     */
    INVALIDATE,
    /** Software wrote a field of a control structure; name is the field, info the value. */
    WRITE;

    /** {@return its word in commands and files, such as {@code failed-entry}} */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** {@return the components by the names that files and programs know, addresses as 0x texts} */
  public Map<String, Object> members() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("kind", kind.word());
    all.put("cpu", cpu);
    all.put("level", level);
    all.put("nanos", nanos);
    switch (kind) {
      case ENTRY -> all.put("structure", hex(number));
      case FAILED_ENTRY -> {
        all.put("rule", name);
        all.put("structure", hex(number));
      }
      case EXIT -> {
        all.put("reason", name);
        all.put("number", number);
        all.put("info", hex(info));
        all.put("info2", hex(info2));
      }
      case INJECT -> {
        all.put("event", name);
        all.put("word", hex(number & 0xFFFF_FFFFL));
        all.put("error", hex(info));
      }
      case INVALIDATE -> {
        all.put("by", name);
        all.put("tag", number);
        all.put("address", hex(info));
      }
      case WRITE -> {
        all.put("field", name);
        all.put("value", hex(info));
      }
    }
    all.put("rip", hex(rip));
    return all;
  }

  private static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  /** {@return what happened in words, without when and where} */
  public String text() {
    return switch (kind) {
      case ENTRY -> "entry to rip " + hex(rip);
      case FAILED_ENTRY -> "entry failed: " + name;
      case EXIT -> "exit " + name + ", info " + hex(info) + ", " + hex(info2) + ", rip " + hex(rip);
      case INJECT -> "inject " + name + (info == 0 ? "" : ", error code " + hex(info));
      case INVALIDATE -> "invalidate by " + name + ", tag " + number + ", address " + hex(info);
      case WRITE -> "write of " + name + ": " + hex(info);
    };
  }
}
