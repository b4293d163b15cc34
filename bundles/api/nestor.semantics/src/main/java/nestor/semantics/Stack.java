// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.vcpu.GuestMemory;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Pushes and pops at the privilege in force (SDM vol. 1, "Stacks"). */
public final class Stack {
  private static final int RSP = 4;

  private Stack() {}

  /** {@return bytes of RSP that the stack uses: 8 in 64-bit mode, else by SS.B} */
  public static int width(long state) {
    if (State.mode64(state)) {
      return 8;
    }
    return (State.attributes(state, Segment.SS) & Segment.BIG) != 0 ? 4 : 2;
  }

  /** {@return RSP cut to the stack width} */
  public static long pointer(long state) {
    return State.gpr(state, RSP, width(state));
  }

  /** Sets RSP, keeping what lies above the stack width. */
  public static void setPointer(long state, long value) {
    int width = width(state);
    if (width == 2) {
      State.setGpr(state, RSP, 2, value);
    } else {
      State.setGpr(state, RSP, width, value);
    }
  }

  /** Pushes {@code size} bytes. RSP changes only if the store succeeds. */
  public static void push(Vcpu v, int size, long value) {
    long s = v.state;
    int width = width(s);
    long top = EffectiveAddress.truncate(State.gpr(s, RSP) - size, width);
    GuestMemory.store(v, EffectiveAddress.linear(v, Segment.SS, top, size, true), size, value);
    setPointer(s, top);
  }

  /** {@return {@code size} bytes popped} RSP changes only if the load succeeds. */
  public static long pop(Vcpu v, int size) {
    long value = peek(v, 0, size);
    release(v, size);
    return value;
  }

  /** {@return {@code size} bytes at {@code distance} above the top of the stack} */
  public static long peek(Vcpu v, long distance, int size) {
    long s = v.state;
    long offset = EffectiveAddress.truncate(State.gpr(s, RSP) + distance, width(s));
    return GuestMemory.load(v, EffectiveAddress.linear(v, Segment.SS, offset, size, false), size);
  }

  /** Moves the stack pointer up by {@code count} bytes. */
  public static void release(Vcpu v, long count) {
    long s = v.state;
    setPointer(s, EffectiveAddress.truncate(State.gpr(s, RSP) + count, width(s)));
  }
}
