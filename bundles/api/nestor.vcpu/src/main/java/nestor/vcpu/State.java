// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * Layout of a vCPU's state block, and accessors for its fields.
 *
 * <p>The block is off-heap and 16-byte aligned. Engines read and write it per instruction; Java
 * code uses these accessors, generated code the offsets. Everything is owned by the vCPU's thread,
 * except the upper half of {@link #ATTENTION}, which is for others. Fields are eight bytes wide
 * unless said otherwise.
 */
public final class State {
  private State() {}

  /** Size of the block in bytes. */
  public static final int BYTES = 0x2000;

  /** General registers 0-15. */
  public static final int GPR = 0x000;

  /** Always zero; register number {@code Insn.NO_REGISTER} reads it. */
  public static final int ZERO = 0x080;

  /** Scratch of the engine: RIP at the start of the block in execution. */
  public static final int BLOCK_RIP = 0x088;

  /** Address of the current instruction, without the CS base. */
  public static final int RIP = 0x090;

  /** Address of the next instruction; branches write it. */
  public static final int NEXT_RIP = 0x098;

  /** RFLAGS; its arithmetic bits are stale while {@link #LAZY_KIND} is not 0. */
  public static final int RFLAGS = 0x0A0;

  /** Kind of the last flag-setting operation; see {@link Flags}. */
  public static final int LAZY_KIND = 0x0A8;

  /** Its result, sign-extended. */
  public static final int LAZY_RESULT = 0x0B0;

  /** Its first operand, sign-extended. */
  public static final int LAZY_A = 0x0B8;

  /** Its second operand, sign-extended. */
  public static final int LAZY_B = 0x0C0;

  /** Instructions that may still retire, counted when {@link #POSITION} was last zero. */
  public static final int BUDGET = 0x0C8;

  /** Instructions retired since then: the engine's place in its block. */
  public static final int POSITION = 0x0D0;

  /**
   * Not zero: the engine must stop at the next boundary and look. The lower four bytes are bits
   * {@code ATTENTION_*} of the vCPU's own thread; the upper four are not zero when another thread
   * has something for {@link Rendezvous#pass}.
   */
  public static final int ATTENTION = 0x0D8;

  /** The half of {@link #ATTENTION} that other threads set. */
  public static final int ATTENTION_OF_OTHERS = ATTENTION + 4;

  /** Events waiting for delivery, bits {@code PENDING_*}. */
  public static final int PENDING = 0x0E0;

  /**
   * Not zero: one instruction at a time, with {@link SystemUnit#beforeStep}; bits {@code STEP_*}.
   */
  public static final int STEP = 0x0E8;

  /** Address of the fast table of the current context and view. */
  public static final int FAST_TABLE = 0x0F0;

  /** Address of the first fast table of the current context. */
  public static final int CONTEXT = 0x0F8;

  /** Segments: for each of eight, selector, base, limit, attributes. */
  public static final int SEGMENTS = 0x100;

  /** GDTR base, then limit; IDTR base, then limit. */
  public static final int GDTR = 0x200;

  /** See {@link #GDTR}. */
  public static final int IDTR = 0x210;

  /** Control registers. */
  public static final int CR0 = 0x220;

  /** CR2. */
  public static final int CR2 = 0x228;

  /** CR3. */
  public static final int CR3 = 0x230;

  /** CR4. */
  public static final int CR4 = 0x238;

  /** XCR0. */
  public static final int XCR0 = 0x240;

  /** IA32_EFER. */
  public static final int EFER = 0x248;

  /** DR0-DR7; 4 and 5 are unused. */
  public static final int DR = 0x250;

  /** Current privilege level: 0-3. */
  public static final int CPL = 0x290;

  /** Code size in bits: 16, 32 or 64. */
  public static final int CODE_SIZE = 0x298;

  /** Activity, one of {@code ACTIVE}, {@code HALTED}, {@code SHUTDOWN}, {@code WAIT_FOR_SIPI}. */
  public static final int ACTIVITY = 0x2A0;

  /** Number of bits that a canonical address loses on the left: 16, or 7 with 5-level paging. */
  public static final int CANONICAL_SHIFT = 0x2A8;

  /** PKRU. */
  public static final int PKRU = 0x2B0;

  /** IA32_XSS. */
  public static final int XSS = 0x2B8;

  /** Data breakpoints that have hit, as DR6 bits, until the boundary. */
  public static final int DEBUG_HITS = 0x2C0;

  /** IA32_STAR, LSTAR, CSTAR, FMASK, KERNEL_GS_BASE, TSC_AUX, SYSENTER_CS, _ESP, _EIP. */
  public static final int STAR = 0x2C8;

  /** IA32_LSTAR. */
  public static final int LSTAR = 0x2D0;

  /** IA32_CSTAR. */
  public static final int CSTAR = 0x2D8;

  /** IA32_FMASK. */
  public static final int FMASK = 0x2E0;

  /** IA32_KERNEL_GS_BASE. */
  public static final int KERNEL_GS_BASE = 0x2E8;

  /** IA32_TSC_AUX. */
  public static final int TSC_AUX = 0x2F0;

  /** IA32_SYSENTER_CS. */
  public static final int SYSENTER_CS = 0x2F8;

  /** IA32_SYSENTER_ESP. */
  public static final int SYSENTER_ESP = 0x300;

  /** IA32_SYSENTER_EIP. */
  public static final int SYSENTER_EIP = 0x308;

  /** Added to guest time in ticks to give the TSC. */
  public static final int TSC_OFFSET = 0x310;

  /**
   * What the TSC will be, without {@link #TSC_OFFSET}, when {@link #BUDGET} is used up; 0 where it
   * does not count instructions one by one. For engines alone, and of no meaning between runs.
   */
  public static final int TSC_AT_END = 0x318;

  /** First of 16 longs that the CPU core may use for state of its own. */
  public static final int CORE_PRIVATE = 0x320;

  /**
   * Records of control transfers, as offsets in CS: from and to of the last branch, then of the
   * last branch before the last exception or interrupt. Written while {@link #STEP_BRANCH} is set.
   */
  public static final int BRANCH_RECORDS = 0x3A0;

  /**
   * While an instruction is stepped, the address of the one behind it: who is there has not
   * branched.
   */
  public static final int FALL_THROUGH = 0x3F8;

  /** x87 control word. */
  public static final int FCW = 0x400;

  /** x87 status word, TOP included. */
  public static final int FSW = 0x408;

  /** x87 tags in abridged form: bit i set when physical register i is not empty. */
  public static final int FTW = 0x410;

  /** Last x87 opcode, 11 bits. */
  public static final int FOP = 0x418;

  /** Last x87 instruction pointer. */
  public static final int FIP = 0x420;

  /** Last x87 data pointer. */
  public static final int FDP = 0x428;

  /** Selectors of FIP (low 16 bits) and FDP (next 16). */
  public static final int FCS_FDS = 0x430;

  /** MXCSR. */
  public static final int MXCSR = 0x438;

  /** Physical x87 registers 0-7, sixteen bytes each; MMX registers are their low eight bytes. */
  public static final int ST = 0x480;

  /** Vector registers 0-31, 64 bytes each. */
  public static final int VECTOR = 0x800;

  /** Opmask registers 0-7. */
  public static final int OPMASK = 0x1000;

  /** Four vectors of 64 bytes each: operands on their way between memory and semantics. */
  public static final int SCRATCH = 0x1040;

  /** Scratch of 2816 bytes: an XSAVE area on its way between memory and state. */
  public static final int IMAGE = 0x1200;

  /** Rest of the block, for engines. */
  public static final int ENGINE = 0x1D00;

  /** {@link #ATTENTION}: something in {@link #PENDING} may be deliverable. */
  public static final int ATTENTION_EVENT = 1;

  /** {@link #ATTENTION}: budget, code or mode changed; look at everything again. */
  public static final int ATTENTION_RECHECK = 2;

  /** {@link #ATTENTION}: the machine wants the vCPU back. */
  public static final int ATTENTION_STOP = 4;

  /** {@link #PENDING}: the local APIC or the 8259s ask for an interrupt. */
  public static final int PENDING_INTERRUPT = 1;

  /** {@link #PENDING}: NMI. */
  public static final int PENDING_NMI = 2;

  /** {@link #PENDING}: SMI. */
  public static final int PENDING_SMI = 4;

  /** {@link #PENDING}: INIT. */
  public static final int PENDING_INIT = 8;

  /** {@link #PENDING}: start-up IPI; the vector is kept by the CPU core. */
  public static final int PENDING_SIPI = 16;

  /** {@link #PENDING}: a debug trap, with its DR6 bits in {@link #DEBUG_HITS}. */
  public static final int PENDING_DEBUG = 32;

  /** {@link #PENDING}: {@link Virtualization} wants to be asked at each boundary with attention. */
  public static final int PENDING_VIRTUAL = 64;

  /** {@link #PENDING}: {@link Virtualization} has something to do at the next boundary. */
  public static final int PENDING_VIRTUAL_EVENT = 128;

  /** {@link #STEP}: STI blocks interrupts for one instruction. */
  public static final int STEP_STI = 1;

  /** {@link #STEP}: MOV SS or POP SS blocks interrupts and debug traps for one instruction. */
  public static final int STEP_MOV_SS = 2;

  /** {@link #STEP}: RFLAGS.TF is set. */
  public static final int STEP_TRAP = 4;

  /** {@link #STEP}: DR7 enables an instruction breakpoint. */
  public static final int STEP_BREAKPOINT = 8;

  /** {@link #STEP}: a user of the shell steps. */
  public static final int STEP_USER = 16;

  /** {@link #STEP}: RFLAGS.RF is set and goes with the next instruction. */
  public static final int STEP_RESUME = 32;

  /** {@link #STEP}: the hypervisor wants an exit after each instruction. */
  public static final int STEP_MONITOR = 64;

  /** {@link #STEP}: DEBUGCTL.LBR is set: taken branches are recorded. */
  public static final int STEP_BRANCH = 128;

  /** {@link #ACTIVITY}: executing. */
  public static final int ACTIVE = 0;

  /** {@link #ACTIVITY}: in HLT or MWAIT. */
  public static final int HALTED = 1;

  /** {@link #ACTIVITY}: after a triple fault. */
  public static final int SHUTDOWN = 2;

  /** {@link #ACTIVITY}: an application processor before its start-up IPI. */
  public static final int WAIT_FOR_SIPI = 3;

  /** {@return a field of the block} */
  public static long get(long state, int field) {
    return Mem.getLong(state + field);
  }

  /** Sets a field of the block. */
  public static void set(long state, int field, long value) {
    Mem.putLong(state + field, value);
  }

  /** {@return general register {@code number}, all 64 bits} */
  public static long gpr(long state, int number) {
    return Mem.getLong(state + GPR + ((long) number << 3));
  }

  /** Sets general register {@code number}, all 64 bits. */
  public static void setGpr(long state, int number, long value) {
    Mem.putLong(state + GPR + ((long) number << 3), value);
  }

  /** {@return the low {@code size} bytes of a general register, zero-extended} */
  public static long gpr(long state, int number, int size) {
    return Mem.get(state + GPR + ((long) number << 3), size);
  }

  /** Writes a general register as an instruction does: 4 bytes zero the upper half. */
  public static void setGpr(long state, int number, int size, long value) {
    long address = state + GPR + ((long) number << 3);
    switch (size) {
      case 1 -> Mem.putByte(address, (byte) value);
      case 2 -> Mem.putShort(address, (short) value);
      case 4 -> Mem.putLong(address, value & 0xFFFF_FFFFL);
      default -> Mem.putLong(address, value);
    }
  }

  /** {@return AH, CH, DH or BH} */
  public static long gprHigh(long state, int number) {
    return Mem.getByte(state + GPR + ((long) number << 3) + 1) & 0xFFL;
  }

  /** Writes AH, CH, DH or BH. */
  public static void setGprHigh(long state, int number, long value) {
    Mem.putByte(state + GPR + ((long) number << 3) + 1, (byte) value);
  }

  /** {@return a segment's selector} */
  public static int selector(long state, int segment) {
    return (int) Mem.getLong(state + SEGMENTS + (segment << 5));
  }

  /** {@return a segment's base} */
  public static long base(long state, int segment) {
    return Mem.getLong(state + SEGMENTS + (segment << 5) + 8);
  }

  /** {@return a segment's limit in bytes, 0 to FFFFFFFFh} */
  public static long limit(long state, int segment) {
    return Mem.getLong(state + SEGMENTS + (segment << 5) + 16);
  }

  /** {@return a segment's attributes; see {@link Segment}} */
  public static int attributes(long state, int segment) {
    return (int) Mem.getLong(state + SEGMENTS + (segment << 5) + 24);
  }

  /** Sets all four parts of a segment. */
  public static void setSegment(
      long state, int segment, int selector, long base, long limit, int attributes) {
    long address = state + SEGMENTS + (segment << 5);
    Mem.putLong(address, selector & 0xFFFFL);
    Mem.putLong(address + 8, base);
    Mem.putLong(address + 16, limit);
    Mem.putLong(address + 24, attributes & 0xFFFF_FFFFL);
  }

  /** Sets a segment's base alone. */
  public static void setBase(long state, int segment, long base) {
    Mem.putLong(state + SEGMENTS + (segment << 5) + 8, base);
  }

  /** {@return host address of a vector register} */
  public static long vector(long state, int number) {
    return state + VECTOR + ((long) number << 6);
  }

  /** {@return host address of scratch vector 0-3} */
  public static long scratch(long state, int number) {
    return state + SCRATCH + ((long) number << 6);
  }

  /** {@return host address of a physical x87 register} */
  public static long st(long state, int physical) {
    return state + ST + ((long) physical << 4);
  }

  /** {@return instructions that may still retire} */
  public static long remaining(long state) {
    return Mem.getLong(state + BUDGET) - Mem.getLong(state + POSITION);
  }

  /**
   * Counts retired instructions beyond the one in execution: iterations of a string instruction.
   */
  public static void retireMore(long state, long count) {
    Mem.putLong(state + BUDGET, Mem.getLong(state + BUDGET) - count);
  }

  /** {@return whether paging and IA-32e mode are on} */
  public static boolean longMode(long state) {
    return (Mem.getLong(state + EFER) & 0x400) != 0;
  }

  /** {@return whether the CPU is in 64-bit mode} */
  public static boolean mode64(long state) {
    return Mem.getLong(state + CODE_SIZE) == 64;
  }

  /** {@return whether CR0.PE is set} */
  public static boolean protectedMode(long state) {
    return (Mem.getLong(state + CR0) & 1) != 0;
  }

  /** {@return whether RFLAGS.VM is set} */
  public static boolean virtual8086(long state) {
    return (Mem.getLong(state + RFLAGS) & 0x20000) != 0;
  }

  /** {@return whether the CPU is in real or virtual-8086 mode} */
  public static boolean realOrVirtual8086(long state) {
    return !protectedMode(state) || virtual8086(state);
  }

  /** {@return current privilege level} */
  public static int cpl(long state) {
    return (int) Mem.getLong(state + CPL);
  }

  /** {@return whether an address is canonical under the current paging mode} */
  public static boolean isCanonical(long state, long address) {
    int shift = (int) Mem.getLong(state + CANONICAL_SHIFT);
    return address << shift >> shift == address;
  }
}
