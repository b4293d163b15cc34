// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;
import static nestor.engine.host.Emitter.RSP;

import java.lang.foreign.MemorySegment;
import nestor.vcpu.Segment;
import nestor.vcpu.State;

/**
 * The way into generated code and out of it.
 *
 * <p>{@code long enter(long state, long code)} loads the guest's registers and jumps to the code.
 * Code leaves by a jump to {@link #exit} with its reason in EAX, which {@code enter} returns.
 */
final class Stubs {
  private static final int RDI = 7;
  private static final int RSI = 6;
  private static final int[] SAVED = {3, 5, 12, 13, 14, 15};

  /** The way in for code that uses no vector registers. */
  final MemorySegment enter;

  /** The way in with the guest's vector registers and MXCSR. */
  final MemorySegment enterWithVectors;

  /** Subroutine that loads the guest's vector registers and MXCSR; RCX is lost. */
  final long loadVectors;

  /** Serializes the host's CPU (SDM vol. 3A, "Handling Self- and Cross-Modifying Code"). */
  final MemorySegment serialize;

  /** Where code leaves, with its reason in EAX. */
  final long exit;

  Stubs(CodeCache cache) {
    Emitter e = new Emitter(1024);
    e.start(cache.stubAddress());
    emitExit(e, HostFeatures.has("AVX"));
    exit = cache.addStub(e).address();
    boolean avx = HostFeatures.has("AVX");
    e.start(cache.stubAddress());
    emitLoadVectors(e, avx);
    loadVectors = cache.addStub(e).address();
    e.start(cache.stubAddress());
    emitEnter(e, false);
    enter = cache.addStub(e);
    e.start(cache.stubAddress());
    emitEnter(e, true);
    enterWithVectors = cache.addStub(e);
    e.start(cache.stubAddress());
    e.push(3);
    e.constant(RAX, 0);
    e.emit8(0x0F);
    e.emit8(0xA2); // CPUID
    e.pop(3);
    e.ret();
    serialize = cache.addStub(e);
  }

  private static int base(int segment) {
    return State.SEGMENTS + (segment << 5) + 8;
  }

  private static void moveVectors(Emitter e, boolean avx, boolean load) {
    for (int n = 0; n < 16; n++) {
      int displacement = State.VECTOR + 64 * n;
      if (avx) {
        e.vex(2, 1, 0, true, 0, n, RCX);
        e.opcodeMemory(load ? 0x6F : 0x7F, n, RCX, displacement);
      } else {
        e.memory(0xF3, load ? 0x0F6F : 0x0F7F, false, n, RCX, displacement);
      }
    }
  }

  /** Called with the frame behind the return address. */
  private static void emitLoadVectors(Emitter e, boolean avx) {
    e.memory(0, 0x0FAE, false, 3, RSP, 8 + Frame.HOST_MXCSR); // STMXCSR
    e.load(8, RCX, RSP, 8 + Frame.STATE);
    e.memory(0, 0x0FAE, false, 2, RCX, State.MXCSR); // LDMXCSR
    moveVectors(e, avx, true);
    e.storeImmediate(1, RSP, 8 + Frame.VECTORS_LOADED, 1);
    e.ret();
  }

  private void emitEnter(Emitter e, boolean vectors) {
    for (int register : SAVED) {
      e.push(register);
    }
    e.arithmeticImmediate(Emitter.SUB, 8, RSP, Frame.BYTES);
    e.store(8, RDI, RSP, Frame.STATE);
    copyIn(e, State.FAST_TABLE, Frame.TABLE);
    copyIn(e, Frame.STATE_FLAGS, Frame.FLAGS);
    copyIn(e, Frame.STATE_JUMP_CACHE, Frame.JUMP_CACHE);
    copyIn(e, base(Segment.FS), Frame.FS_BASE);
    copyIn(e, base(Segment.GS), Frame.GS_BASE);
    e.load(8, Frame.BUDGET, RDI, Frame.STATE_BUDGET);
    e.move(8, RAX, RSI);
    e.storeImmediate(1, RSP, Frame.VECTORS_LOADED, 0);
    e.storeImmediate(8, RSP, Frame.CLEARED, 0);
    e.storeImmediate(8, RSP, Frame.CLEARED + 8, 0);
    if (vectors) {
      e.call(loadVectors);
    }
    for (int guest = 0; guest < 16; guest++) {
      if (!Frame.isPinned(guest)) {
        e.load(8, RCX, RDI, State.GPR + 8 * guest);
        e.store(8, RCX, RSP, Frame.spill(guest));
      } else if (Frame.host(guest) != RDI) {
        e.load(8, Frame.host(guest), RDI, State.GPR + 8 * guest);
      }
    }
    e.load(8, RDI, RDI, State.GPR + 8 * RDI); // guest RDI lives there; it goes last
    e.jumpRegister(RAX);
  }

  private static void copyIn(Emitter e, int field, int offset) {
    e.load(8, RCX, RDI, field);
    e.store(8, RCX, RSP, offset);
  }

  private static void emitExit(Emitter e, boolean avx) {
    e.load(8, RCX, RSP, Frame.STATE);
    for (int guest = 0; guest < 16; guest++) {
      if (Frame.isPinned(guest)) {
        e.store(8, Frame.host(guest), RCX, State.GPR + 8 * guest);
      }
    }
    for (int guest = 0; guest < 16; guest++) {
      if (!Frame.isPinned(guest)) {
        e.load(8, 2, RSP, Frame.spill(guest));
        e.store(8, 2, RCX, State.GPR + 8 * guest);
      }
    }
    e.load(8, 2, RSP, Frame.FLAGS);
    e.store(8, 2, RCX, Frame.STATE_FLAGS);
    for (int n = 0; n < 16; n += 8) {
      e.load(8, 2, RSP, Frame.CLEARED + n);
      e.store(8, 2, RCX, Frame.STATE_CLEARED + n);
    }
    e.store(8, Frame.BUDGET, RCX, Frame.STATE_BUDGET);
    e.arithmeticMemoryImmediate(Emitter.CMP, 1, RSP, Frame.VECTORS_LOADED, 0);
    e.emit8(0x0F);
    e.emit8(0x80 | Emitter.EQUAL);
    e.emit32(0);
    long without = e.here() - 4;
    moveVectors(e, avx, false);
    e.memory(0, 0x0FAE, false, 3, RCX, State.MXCSR);
    e.memory(0, 0x0FAE, false, 2, RSP, Frame.HOST_MXCSR);
    if (avx) {
      e.vex(0, 1, 0, false, 0, 0, 0); // VZEROUPPER
      e.emit8(0x77);
    }
    e.patch(without, e.here());
    e.arithmeticImmediate(Emitter.ADD, 8, RSP, Frame.BYTES);
    for (int n = SAVED.length - 1; n >= 0; n--) {
      e.pop(SAVED[n]);
    }
    e.ret();
  }
}
