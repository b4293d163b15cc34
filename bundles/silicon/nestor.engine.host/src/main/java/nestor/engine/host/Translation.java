// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;
import static nestor.engine.host.Emitter.RSP;

import nestor.isa.Insn;
import nestor.vcpu.FastTable;
import nestor.vcpu.Segment;
import nestor.vcpu.State;

/**
 * A block's code in the making: access to guest registers and memory, and the exits.
 *
 * <p>Every exit finds all flags in the frame. All checks of an instruction come before its first
 * effect: an exit leaves the whole instruction to Java.
 */
final class Translation extends FlagTracking {
  private final Emitter cold = new Emitter(1 << 14);
  private final CodeCache cache;
  private final long exit;
  private final long loadVectors;
  private final boolean parallel;

  private HostBlock block;
  private long slowExit;

  /** Offset in the block's code at which each of its instructions starts. */
  final int[] starts = new int[HostBlock.MAX];

  /** RIP of the next instruction. */
  long nextRip;

  /** Whether the current instruction is in the shadow of STI, which stands in the state block. */
  private boolean shadow;

  private int shadowFrom;

  /** Registers whose upper half this block has already noted as cleared. */
  private int cleared;

  /**
   * Nothing yet.
   *
   * @param parallel whether other threads may want the vCPU's attention
   */
  Translation(CodeCache cache, Stubs stubs, boolean parallel) {
    this.parallel = parallel;
    this.cache = cache;
    this.exit = stubs.exit;
    this.loadVectors = stubs.loadVectors;
  }

  /**
   * Starts a block.
   *
   * @param dead bit n: the flags after instruction n are overwritten before anybody can see them
   */
  void start(HostBlock newBlock, long dead) {
    block = newBlock;
    deadFlags = dead;
    e.start(cache.hotAddress());
    cold.start(cache.coldAddress());
    startFlags();
    shadow = false;
    cleared = 0;
    block.entry = e.here();
    block.resume = new long[block.count];
    if (parallel) {
      lookUp();
    }
    e.arithmeticImmediate(Emitter.SUB, 8, Frame.BUDGET, block.count);
    e.jump(Emitter.SIGN, coldExit(HostBlock.EXIT_BUDGET));
    if (block.usesVectors) {
      e.arithmeticMemoryImmediate(Emitter.CMP, 1, RSP, Frame.VECTORS_LOADED, 0);
      e.jump(Emitter.EQUAL, cold.here());
      cold.call(loadVectors);
      cold.jump(e.here());
    }
  }

  /** Leaves before the block if another thread asks for attention. */
  private void lookUp() {
    e.load(8, RAX, RSP, Frame.STATE);
    e.arithmeticMemoryImmediate(Emitter.CMP, 4, RAX, State.ATTENTION_OF_OTHERS, 0);
    e.jump(Emitter.NOT_EQUAL, coldExit(HostBlock.EXIT_ATTENTION));
  }

  /** Starts instruction {@code n}. */
  void begin(int n, long next) {
    starts[n] = (int) (e.here() - block.entry);
    number = n;
    nextRip = next;
    slowExit = 0;
  }

  /** {@return whether the current instruction is the block's last} */
  boolean isLast() {
    return number == block.count - 1;
  }

  /** {@return how many instructions of the block may retire from the current one on} */
  int leftOfBlock() {
    return block.count - number;
  }

  /** The next instruction is in the shadow of STI, as the state block says. */
  void startShadow() {
    shadowFrom = number;
    shadow = true;
  }

  /** Nothing of the current instruction can need Java any more. RAX is lost, flags stay. */
  void endShadow() {
    if (shadow && number != shadowFrom) {
      shadow = false;
      e.load(8, RAX, RSP, Frame.STATE);
      e.storeImmediate(8, RAX, State.STEP, 0);
    }
  }

  /** Ends an instruction that has been translated: Java may come back here. */
  void end() {
    endShadow();
    if (slowExit != 0) {
      block.resume[number] = resumeHere();
    }
  }

  private long resumeHere() {
    if (!flagsInHost()) {
      return e.here();
    }
    long place = cold.here();
    restore(cold);
    cold.jump(e.here());
    return place;
  }

  /** The current instruction is Java's; code before it may lead to it. */
  void leaveToJava(boolean reached) {
    if (reached) {
      saveFlags();
      e.constant(RAX, block.reason(number));
      e.jump(exit);
      flagsLost();
    }
    shadow = false; // Java ends it
    cleared = 0; // Java may set what was cleared
    block.inJava |= 1L << number;
    block.resume[number] = e.here();
  }

  /** Adds the finished code to the cache. */
  void finish() {
    block.hotBytes = e.size();
    block.coldEntry = cache.coldAddress();
    block.coldBytes = cold.size();
    cache.add(e, cold);
  }

  private long coldExit(int reason) {
    long place = cold.here();
    cold.constant(RAX, block.reason(reason));
    cold.jump(exit);
    return place;
  }

  /** {@return the exit that leaves the current instruction to Java} */
  long slow() {
    if (slowExit == 0) {
      slowExit = coldExit(number);
    }
    return slowExit;
  }

  // --- registers ---

  /** {@return the host register with a guest register's value: its own, or {@code scratch}} */
  int read(int guest, int scratch) {
    if (Frame.isPinned(guest)) {
      return Frame.host(guest);
    }
    e.load(8, scratch, RSP, Frame.spill(guest));
    return scratch;
  }

  /** {@return the host register in which to make a guest register's new value} */
  static int target(int guest, int scratch) {
    return Frame.isPinned(guest) ? Frame.host(guest) : scratch;
  }

  /** A guest register has its new value, all 64 bits, in {@code host}. */
  void written(int guest, int host) {
    if (!Frame.isPinned(guest)) {
      e.store(8, host, RSP, Frame.spill(guest));
    }
  }

  // --- memory ---

  /** Puts the effective address into RAX, cut to the address size. RCX is lost, flags stay. */
  void effectiveAddress(Insn i) {
    effectiveAddress(i, RAX, i.addressSize);
  }

  /** Puts the effective address, cut to a width, into a register. RAX, RCX are lost, flags stay. */
  void effectiveAddress(Insn i, int to, int width) {
    if (i.base == Insn.RIP) {
      constant(to, width, nextRip + i.displacement);
      return;
    }
    boolean hasBase = i.base != Insn.NO_REGISTER;
    boolean hasIndex = i.index != Insn.NO_REGISTER;
    if (!hasBase && !hasIndex) {
      constant(to, width, i.displacement);
      return;
    }
    int base = hasBase ? read(i.base, RAX) : Emitter.NONE;
    int index = hasIndex ? read(i.index, RCX) : Emitter.NONE;
    int displacement = (int) i.displacement;
    if (!hasIndex && displacement == 0) {
      e.move(width, to, base);
    } else {
      e.lea(width, to, base, index, i.scale, displacement);
    }
  }

  private void constant(int to, int width, long value) {
    e.constant(to, width == 4 ? value & 0xFFFF_FFFFL : value);
  }

  /** {@return whether the memory operand is one that can be translated} */
  static boolean canAddress(Insn i) {
    return i.mode == 64 ? i.addressSize >= 4 : i.addressSize == 4 && i.segment != Segment.CS;
  }

  /**
   * Puts the host address of the memory operand into RAX, or leaves to Java. Flags are then in the
   * frame, RCX is lost.
   */
  void address(Insn i, int size, boolean write) {
    saveFlags();
    effectiveAddress(i);
    if (i.segment >= Segment.FS) {
      if (i.mode != 64) {
        requireFlat(i.segment);
      }
      int base = i.segment == Segment.FS ? Frame.FS_BASE : Frame.GS_BASE;
      e.arithmeticLoad(Emitter.ADD, i.mode == 64 ? 8 : 4, RAX, RSP, base);
    }
    check(size, write);
  }

  /** Leaves to Java unless a segment reaches over all 4 GiB and is writable; the base is free. */
  private void requireFlat(int segment) {
    int field = State.SEGMENTS + (segment << 5);
    e.load(8, RCX, RSP, Frame.STATE);
    e.arithmeticMemoryImmediate(Emitter.CMP, 4, RCX, field + 16, -1);
    e.jump(Emitter.NOT_EQUAL, slow());
    e.load(4, RCX, RCX, field + 24);
    e.arithmeticImmediate(Emitter.AND, 4, RCX, CodeMode.DATA_MASK);
    e.arithmeticImmediate(Emitter.CMP, 4, RCX, CodeMode.FLAT_DATA);
    e.jump(Emitter.NOT_EQUAL, slow());
    flagsLost();
  }

  /** Turns the linear address in RAX into a host address, or leaves to Java. */
  void check(int size, boolean write) {
    requireSavedFlags();
    e.move(4, RCX, RAX);
    e.shift(5, 4, RCX, 7);
    e.arithmeticImmediate(Emitter.AND, 4, RCX, (FastTable.ENTRIES - 1) * FastTable.ENTRY_BYTES);
    e.arithmeticLoad(Emitter.ADD, 8, RCX, RSP, Frame.TABLE);
    e.arithmeticLoad(Emitter.XOR, 8, RAX, RCX, write ? FastTable.WRITE : FastTable.READ);
    e.compareRax(4096 - size);
    e.jump(Emitter.ABOVE, slow());
    e.arithmeticLoad(Emitter.ADD, 8, RAX, RCX, FastTable.HOST);
    flagsLost();
  }

  /** Notes that bits 511:256 of a vector register, which are in the state block, are zero now. */
  void noteCleared(int register) {
    if ((cleared >> register & 1) == 0) {
      cleared |= 1 << register;
      e.storeImmediate(1, RSP, Frame.CLEARED + register, 1);
    }
  }

  /** Leaves to Java unless the address in RAX is a multiple of {@code size}; flags are lost. */
  void requireAligned(int size) {
    e.testImmediate(1, RAX, size - 1);
    e.jump(Emitter.NOT_EQUAL, slow());
  }

  // --- ways out ---

  /** An edge: {@code condition}, or -1 for always. */
  void edge(int n, int condition, long rip) {
    saveFlags();
    endShadow();
    long stub = coldExit(HostBlock.EXIT_EDGE + n);
    boolean samePage = ((rip ^ block.rip) & -4096L) == 0;
    if (samePage) {
      long place = condition < 0 ? e.jump(stub) : e.jump(condition, stub);
      block.edges[n] = new Edge(rip, place, 0, stub);
      return;
    }
    Emitter to = e;
    if (condition >= 0) {
      e.jump(condition, cold.here());
      to = cold;
    }
    to.load(8, RCX, RSP, Frame.TABLE);
    to.constant64(RAX, Edge.NO_KEY);
    long guard = to.here() - 8;
    int entry = (int) FastTable.entry(0, rip);
    to.arithmeticLoad(Emitter.CMP, 8, RAX, RCX, entry + FastTable.FETCH);
    to.jump(Emitter.NOT_EQUAL, stub);
    block.edges[n] = new Edge(rip, to.jump(stub), guard, stub);
  }

  /** Looks the RIP in RAX up in the jump cache; RCX then has the code's address. */
  void lookUpJump() {
    lookUpJump(Frame.TABLE);
  }

  /** As {@link #lookUpJump()}, for a fast table whose address the frame has at {@code table}. */
  void lookUpJump(int table) {
    e.store(8, RAX, RSP, Frame.TARGET);
    e.move(4, RCX, RAX);
    e.shift(5, 4, RCX, 7);
    e.arithmeticImmediate(Emitter.AND, 4, RCX, (FastTable.ENTRIES - 1) * FastTable.ENTRY_BYTES);
    e.arithmeticLoad(Emitter.ADD, 8, RCX, RSP, table);
    e.registers(0x0FB7, 4, RAX, RAX);
    e.shift(4, 4, RAX, JumpCache.SLOT_SHIFT);
    e.arithmeticLoad(Emitter.ADD, 8, RAX, RSP, Frame.JUMP_CACHE);
    e.load(8, RCX, RCX, FastTable.FETCH);
    e.arithmeticLoad(Emitter.CMP, 8, RCX, RAX, JumpCache.KEY);
    e.jump(Emitter.NOT_EQUAL, slow());
    e.load(8, RCX, RAX, JumpCache.RIP);
    e.arithmeticLoad(Emitter.CMP, 8, RCX, RSP, Frame.TARGET);
    e.jump(Emitter.NOT_EQUAL, slow());
    e.load(8, RCX, RAX, JumpCache.CODE);
    flagsLost();
  }
}
