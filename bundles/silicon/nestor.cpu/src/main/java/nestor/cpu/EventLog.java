// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

/** Remembers the last event and how it went, in numbers; words are made when somebody asks. */
final class EventLog {
  private static final String[] NAMES = {
    "#DE",
    "#DB",
    "NMI",
    "#BP",
    "#OF",
    "#BR",
    "#UD",
    "#NM",
    "#DF",
    "vector 9",
    "#TS",
    "#NP",
    "#SS",
    "#GP",
    "#PF",
    "vector 15",
    "#MF",
    "#AC",
    "#MC",
    "#XM",
    "#VE",
    "#CP"
  };

  private static final int PENDING = 0;
  private static final int DELIVERED = 1;
  private static final int SHUTDOWN = 2;

  private String note;
  private int vector = -1;
  private int error;
  private long rip;
  private long cr2;
  private boolean exception;
  private long target;
  private int outcome;
  private int failedVector = -1;
  private int failedError;
  private int causeVector;
  private final long[] counts = new long[256];

  /** Something else than an event of the IDT was the last. */
  void note(String words) {
    note = words;
  }

  void begin(int vector, int error, long rip, long cr2, boolean exception) {
    note = null;
    if (outcome != PENDING) {
      failedVector = -1;
    }
    outcome = PENDING;
    this.vector = vector;
    this.error = error;
    this.rip = rip;
    this.cr2 = cr2;
    this.exception = exception;
    counts[vector & 0xFF]++;
  }

  void failed(int next, int nextError) {
    causeVector = vector;
    failedVector = next;
    failedError = nextError;
  }

  void delivered(long target) {
    this.target = target;
    outcome = DELIVERED;
  }

  void shutdown() {
    outcome = SHUTDOWN;
  }

  long count(int number) {
    return counts[number];
  }

  static String name(int vector) {
    return vector < NAMES.length ? NAMES[vector] : "vector " + vector;
  }

  @Override
  public String toString() {
    if (note != null) {
      return note;
    }
    if (vector < 0) {
      return "no event yet";
    }
    StringBuilder text = new StringBuilder();
    if (exception) {
      text.append(name(vector)).append(" (vector ").append(vector);
      if (error >= 0) {
        text.append(", error 0x").append(Integer.toHexString(error));
      }
      text.append(')');
    } else {
      text.append(vector == 2 ? "NMI" : "interrupt 0x" + Integer.toHexString(vector));
    }
    text.append(" at rip 0x").append(Long.toHexString(rip));
    if (exception && vector == 14) {
      text.append(" cr2 0x").append(Long.toHexString(cr2));
    }
    if (failedVector >= 0) {
      text.append(", after delivery of ")
          .append(name(causeVector))
          .append(" met ")
          .append(name(failedVector))
          .append("(0x")
          .append(Integer.toHexString(failedError))
          .append(')');
    }
    switch (outcome) {
      case DELIVERED -> text.append(", delivered to 0x").append(Long.toHexString(target));
      case SHUTDOWN -> text.append(", triple fault: shutdown");
      default -> text.append(", not delivered");
    }
    return text.toString();
  }
}
