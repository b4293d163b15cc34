// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.GuestFault;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Segment;
import nestor.vcpu.State;

/**
 * A stack that is pushed to or popped from while RSP and SS still have their old values. Whoever
 * uses it commits {@link #sp} when nothing can fault any more.
 */
final class Frame {
  private final Core core;
  private long base;
  private long limit;
  private long mask;
  private long sp;
  private int attributes;
  private int error;
  private boolean flat;

  Frame(Core core) {
    this.core = core;
  }

  /** Starts on the stack in use. */
  Frame current() {
    long state = core.state;
    boolean mode64 = State.mode64(state);
    return begin(
        State.base(state, Segment.SS),
        State.limit(state, Segment.SS),
        State.attributes(state, Segment.SS),
        State.gpr(state, 4),
        mode64,
        0);
  }

  /** Starts on a stack that is not loaded yet. */
  Frame on(int selector, long descriptor, long newSp) {
    return begin(
        Descriptor.base(descriptor),
        Descriptor.limit(descriptor),
        Descriptor.attributes(descriptor),
        newSp,
        false,
        selector & 0xFFFC);
  }

  /** Starts on a 64-bit stack. */
  Frame on64(long newSp) {
    return begin(0, 0, 0, newSp, true, 0);
  }

  private Frame begin(long base, long limit, int attributes, long sp, boolean flat, int error) {
    this.base = base;
    this.limit = limit;
    this.attributes = attributes;
    this.sp = sp;
    this.flat = flat;
    this.error = error;
    mask = flat ? -1 : (attributes & Segment.BIG) != 0 ? 0xFFFF_FFFFL : 0xFFFF;
    return this;
  }

  void push(int size, long value) {
    long next = sp - size & mask;
    GuestMemory.store(core.v, linear(next, size), size, value);
    sp = sp & ~mask | next;
  }

  long pop(int size) {
    long at = sp & mask;
    long value = GuestMemory.load(core.v, linear(at, size), size);
    skip(size);
    return value;
  }

  void skip(long bytes) {
    sp = sp & ~mask | sp + bytes & mask;
  }

  /** {@return the new RSP; in 32-bit stacks the upper half is zero} */
  long sp() {
    return flat || mask == 0xFFFF ? sp : sp & mask;
  }

  private long linear(long offset, int size) {
    if (flat) {
      if (!State.isCanonical(core.state, offset)
          || !State.isCanonical(core.state, offset + size - 1)) {
        throw fault();
      }
      return offset;
    }
    long last = offset + size - 1;
    boolean expandDown = (attributes & Segment.EXPAND_DOWN_OR_CONFORMING) != 0;
    boolean inside =
        expandDown ? offset > limit && last <= mask : last <= limit || limit == 0xFFFF_FFFFL;
    if (!inside || (attributes & Segment.UNUSABLE) != 0) {
      throw fault();
    }
    return base + offset & 0xFFFF_FFFFL;
  }

  private GuestFault fault() {
    return core.v.fault(GuestFault.SS, error | core.ext);
  }
}
