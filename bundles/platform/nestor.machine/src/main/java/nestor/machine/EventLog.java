// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import nestor.api.machine.MachineEvent;

/** The last things worth telling. Any thread may read it. */
final class EventLog {
  private static final int SIZE = 500;

  private final Deque<MachineEvent> events = new ArrayDeque<>();
  private final LongSupplier nanos;
  private Consumer<MachineEvent> listener = e -> {};

  EventLog(LongSupplier nanos) {
    this.nanos = nanos;
  }

  synchronized void add(String text) {
    MachineEvent last = events.peekLast();
    if (last != null && last.text().equals(text)) {
      events.removeLast();
      events.addLast(new MachineEvent(last.nanos(), text, last.count() + 1));
      return;
    }
    MachineEvent event = new MachineEvent(nanos.getAsLong(), text, 1);
    events.addLast(event);
    if (events.size() > SIZE) {
      events.removeFirst();
    }
    listener.accept(event);
  }

  synchronized List<MachineEvent> list() {
    return List.copyOf(events);
  }

  synchronized void setListener(Consumer<MachineEvent> newListener) {
    listener = newListener;
  }
}
