// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;
import static nestor.engine.host.Emitter.RSP;

import nestor.isa.Insn;
import nestor.vcpu.FastTable;
import nestor.vcpu.Flags;
import nestor.vcpu.Segment;
import nestor.vcpu.State;

/**
 * A block's code in the making: where the guest's flags are, access to guest registers and memory,
 * and the exits.
 *
 * <p>Guest flags are in host EFLAGS after an instruction that sets them, and are saved into the
 * frame before anything that may leave the block or that changes EFLAGS. So every exit finds all
 * flags in the frame. All checks of an instruction come before its first effect: an exit leaves the
 * whole instruction to Java.
 */
final class Translation {
  /** What runs. */
  final Emitter e = new Emitter(1 << 14);

  private final Emitter cold = new Emitter(1 << 14);
  private final CodeCache cache;
  private final long exit;
  private final long loadVectors;

  private HostBlock block;
  private long deadFlags;
  private int number;
  private long slowExit;

  /** RIP of the next instruction. */
  long nextRip;

  // Where the flags are; both may be true.
  private boolean inHost;
  private boolean inFrame;

  /** Bits of the LAHF image that are set in the host's flags although they must read as zero. */
  private int stale;

  /** Registers whose upper half this block has already noted as cleared. */
  private int cleared;

  Translation(CodeCache cache, Stubs stubs) {
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
    inHost = false;
    inFrame = true;
    stale = 0;
    cleared = 0;
    block.entry = e.here();
    block.resume = new long[block.count];
    e.arithmeticImmediate(Emitter.SUB, 8, Frame.BUDGET, block.count);
    e.jump(Emitter.SIGN, coldExit(HostBlock.EXIT_BUDGET));
    if (block.usesVectors) {
      e.arithmeticMemoryImmediate(Emitter.CMP, 1, RSP, Frame.VECTORS_LOADED, 0);
      e.jump(Emitter.EQUAL, cold.here());
      cold.call(loadVectors);
      cold.jump(e.here());
    }
  }

  /** Starts instruction {@code n}. */
  void begin(int n, long next) {
    number = n;
    nextRip = next;
    slowExit = 0;
  }

  /** Ends an instruction that has been translated: Java may come back here. */
  void end() {
    if (slowExit != 0) {
      block.resume[number] = resumeHere();
    }
  }

  private long resumeHere() {
    if (!inHost) {
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
    cleared = 0; // Java may set what was cleared
    block.inJava |= 1L << number;
    block.resume[number] = e.here();
  }

  /** Adds the finished code to the cache. */
  void finish() {
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

  // --- flags ---

  /** Makes the frame hold the flags. RAX is lost. */
  void saveFlags() {
    if (inFrame) {
      return;
    }
    e.lahf();
    e.set(Emitter.OVERFLOW, RAX);
    if (stale != 0) {
      e.arithmeticImmediate(Emitter.AND, 4, RAX, ~(stale << 8));
      inHost = false;
      stale = 0;
    }
    e.store(4, RAX, RSP, Frame.FLAGS);
    inFrame = true;
  }

  /** What comes changes EFLAGS, and the guest's flags are in the frame. */
  void flagsLost() {
    inHost = false;
    stale = 0;
  }

  /** Saves the flags, and lets EFLAGS be changed. RAX is lost. */
  void freeFlags() {
    saveFlags();
    flagsLost();
  }

  /** Makes EFLAGS hold the flags. RAX is lost. */
  void needFlags() {
    if (!inHost) {
      restore(e);
      inHost = true;
      stale = 0;
    }
  }

  private static void restore(Emitter to) {
    to.load(4, RAX, RSP, Frame.FLAGS);
    to.arithmeticImmediate(Emitter.ADD, 1, RAX, 127); // OF from bit 0
    to.sahf();
  }

  /** EFLAGS now hold all flags. */
  void flagsSet() {
    flagsSet(0);
  }

  /** EFLAGS now hold all flags, but those of {@code zeroes} in the LAHF image must read as zero. */
  void flagsSet(int zeroes) {
    inHost = true;
    inFrame = false;
    stale = zeroes;
  }

  /** After {@link #needFlags} an instruction has changed some of them. */
  void someFlagsSet(int changedInImage) {
    inHost = true;
    inFrame = false;
    stale &= ~changedInImage;
  }

  /** Makes sure that what EFLAGS hold, if they hold the flags, is exact. RAX is lost. */
  void settleFlags() {
    if (stale != 0) {
      saveFlags();
    }
  }

  /**
   * Saves the flags after a shift by the count in CL: AF must read as zero then, unless the count
   * was zero and all flags stay. RAX is lost.
   */
  void saveShiftedFlags(int countMask) {
    e.lahf();
    e.set(Emitter.OVERFLOW, RAX);
    e.testImmediate(1, RCX, countMask);
    int unchanged = e.shortJump(Emitter.EQUAL);
    e.arithmeticImmediate(Emitter.AND, 4, RAX, ~(Flags.AF << 8));
    e.bind(unchanged);
    e.store(4, RAX, RSP, Frame.FLAGS);
    inFrame = true;
    flagsLost();
  }

  /** {@return whether nobody can see the flags that the current instruction leaves} */
  boolean flagsDead() {
    return (deadFlags >> number & 1) != 0;
  }

  /** Part of the flags changed, in EFLAGS; the rest is in the frame. RAX and RCX are lost. */
  void mergeFlags(int imageBits) {
    e.lahf();
    e.registers(0x0FB6, 4, RAX, 4); // MOVZX EAX, AH
    e.arithmeticImmediate(Emitter.AND, 4, RAX, imageBits);
    e.memory(0, 0x0FB6, false, RCX, RSP, Frame.FLAGS + 1);
    e.arithmeticImmediate(Emitter.AND, 4, RCX, ~imageBits);
    e.arithmetic(Emitter.OR, 4, RAX, RCX);
    e.store(1, RAX, RSP, Frame.FLAGS + 1);
    flagsLost();
  }

  /**
   * Saves the flags and makes a condition of theirs ready.
   *
   * @return the condition to use on EFLAGS, which are not the guest's afterwards
   */
  int condition(int code) {
    saveFlags();
    if (inHost) {
      return code;
    }
    int bit =
        switch (code >> 1) {
          case 0, 1 -> 1;
          case 2 -> Flags.ZF;
          case 4 -> Flags.SF;
          case 5 -> Flags.PF;
          default -> 0;
        };
    if (bit == 0) {
      needFlags();
      return code;
    }
    e.testMemoryImmediate(1, RSP, Frame.FLAGS + (code < 2 ? 0 : 1), bit);
    flagsLost();
    return (code & 1) == 0 ? Emitter.NOT_EQUAL : Emitter.EQUAL;
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
    saveFlagsKeepingRax();
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

  private void saveFlagsKeepingRax() {
    if (!inFrame) {
      throw new IllegalStateException("flags must be saved before an address is made");
    }
  }

  // --- ways out ---

  /** An edge: {@code condition}, or -1 for always. */
  void edge(int n, int condition, long rip) {
    saveFlags();
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
    e.store(8, RAX, RSP, Frame.TARGET);
    e.move(4, RCX, RAX);
    e.shift(5, 4, RCX, 7);
    e.arithmeticImmediate(Emitter.AND, 4, RCX, (FastTable.ENTRIES - 1) * FastTable.ENTRY_BYTES);
    e.arithmeticLoad(Emitter.ADD, 8, RCX, RSP, Frame.TABLE);
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
