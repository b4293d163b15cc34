// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Armed timers by tick, then by order of arming: a binary heap that knows each timer's place. */
final class TimerHeap {
  private ClockTimer[] heap = new ClockTimer[32];
  private int size;
  private long sequence;

  boolean isEmpty() {
    return size == 0;
  }

  ClockTimer first() {
    return heap[0];
  }

  void add(ClockTimer timer) {
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, 2 * size);
    }
    timer.sequence = sequence++;
    rise(size++, timer);
  }

  void remove(ClockTimer timer) {
    int place = timer.place;
    timer.place = -1;
    ClockTimer last = heap[--size];
    heap[size] = null;
    if (last == timer) {
      return;
    }
    if (place > 0 && before(last, heap[(place - 1) >>> 1])) {
      rise(place, last);
    } else {
      sink(place, last);
    }
  }

  /** {@return the timers, the next one first} */
  List<ClockTimer> list() {
    List<ClockTimer> all = new ArrayList<>(Arrays.asList(heap).subList(0, size));
    all.sort(Comparator.<ClockTimer>comparingLong(t -> t.tick).thenComparingLong(t -> t.sequence));
    return all;
  }

  private void rise(int start, ClockTimer timer) {
    int place = start;
    while (place > 0) {
      int parent = (place - 1) >>> 1;
      if (!before(timer, heap[parent])) {
        break;
      }
      put(place, heap[parent]);
      place = parent;
    }
    put(place, timer);
  }

  private void sink(int start, ClockTimer timer) {
    int place = start;
    while (true) {
      int child = 2 * place + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && before(heap[child + 1], heap[child])) {
        child++;
      }
      if (!before(heap[child], timer)) {
        break;
      }
      put(place, heap[child]);
      place = child;
    }
    put(place, timer);
  }

  private void put(int place, ClockTimer timer) {
    heap[place] = timer;
    timer.place = place;
  }

  private static boolean before(ClockTimer a, ClockTimer b) {
    return a.tick < b.tick || (a.tick == b.tick && a.sequence < b.sequence);
  }
}
