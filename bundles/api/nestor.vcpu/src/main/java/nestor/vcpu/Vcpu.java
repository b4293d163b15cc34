// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

import nestor.api.device.ExternalInterruptController;
import nestor.api.device.Wire;
import nestor.api.time.VirtualClock;
import nestor.isa.Row;

/**
 * One virtual CPU: its state block and the parts that serve it, bound once before it runs.
 *
 * <p>Belongs to the thread that runs it. Others may only call {@link #pend}, or touch it at a
 * safepoint or in {@linkplain Rendezvous#exclusively exclusive work}.
 */
public final class Vcpu {
  /** Number of the vCPU in its machine, from 0. */
  public final int index;

  /** Host address of the {@link State} block. */
  public final long state;

  /** Address translation and the slow path of memory. */
  public Mmu mmu;

  /** Exceptions, interrupts and system instructions. */
  public SystemUnit system;

  /** What hardware for virtual machines may ask of the CPU core. */
  public CoreControl core;

  /** Physical memory, MMIO and ports. */
  public PhysicalMemory memory;

  /** The local APIC. */
  public LocalApic apic;

  /**
   * Who answers the interrupt-acknowledge cycle while {@link #externalRequest} is set and {@link
   * LocalApic#acceptsExternal}; null if nobody does. The local APIC's own vector goes first.
   */
  public ExternalInterruptController external;

  /** Whether the 8259 pair asks this vCPU for an interrupt: the level of the wire {@code intr}. */
  public boolean externalRequest;

  /** What leaves guest mode; all zero outside guest mode. */
  public final InterceptMasks intercepts = new InterceptMasks();

  /** The hardware support for virtual machines, or null if there is none. */
  public Virtualization virtualization;

  /**
   * FERR#: driven high for an unmasked x87 exception while CR0.NE is 0; null if it leads nowhere.
   */
  public Wire numericError;

  /** IGNNE#: the board asks to ignore x87 exceptions while CR0.NE is 0. */
  public boolean ignoreNumericErrors;

  /** The machine's clock. */
  public VirtualClock clock;

  /** For each row of the table, by {@link Row#index}: whether the CPU model offers it. */
  public boolean[] offered;

  /** Whether the vendor is AMD, where the manuals differ. */
  public boolean amd;

  /** Whether the model has pages of 1 GiB. */
  public boolean gigabytePages = true;

  /** Scratch object of the shared semantics. */
  public Object semantics;

  /** Whether PAUSE ends the turn: there are other vCPUs that may run. */
  public boolean yieldOnPause;

  /** Where vCPUs have threads of their own, how they meet; null where they take turns. */
  public Rendezvous rendezvous;

  /** Whether the instruction in execution writes back by {@link GuestMemory#storeBack}'s rules. */
  public boolean locked;

  /** What {@link GuestMemory#loadForWrite} found while {@link #locked}. */
  long lockedValue;

  private final GuestFault fault = new GuestFault();
  private final VmExit exit = new VmExit();

  /** Makes a vCPU over a zeroed block of {@link State#BYTES} bytes. */
  public Vcpu(int index, long state) {
    this.index = index;
    this.state = state;
  }

  /** {@return this vCPU's fault, filled in, to be thrown} */
  public GuestFault fault(int vector, int errorCode) {
    fault.vector = vector;
    fault.errorCode = errorCode;
    fault.address = 0;
    return fault;
  }

  /** {@return this vCPU's VM exit, empty but for its reason, to be filled in and thrown} */
  public VmExit exit(int reason) {
    exit.clear(reason);
    return exit;
  }

  /** {@return #UD, to be thrown} */
  public GuestFault undefined() {
    return fault(GuestFault.UD, 0);
  }

  /** {@return #GP(0), to be thrown} */
  public GuestFault protection() {
    return fault(GuestFault.GP, 0);
  }

  /** {@return #PF, to be thrown} */
  public GuestFault pageFault(long linear, int errorCode) {
    fault(GuestFault.PF, errorCode);
    fault.address = linear;
    return fault;
  }

  /** Makes the engine look up at the next instruction boundary; bits {@code ATTENTION_*}. */
  public void attention(int bits) {
    // The upper half belongs to other threads, which set it at any time.
    Mem.putInt(state + State.ATTENTION, Mem.getInt(state + State.ATTENTION) | bits);
  }

  /** Ends what {@link #attention} began; what other threads ask stays. */
  public void clearAttention(int bits) {
    Mem.putInt(state + State.ATTENTION, Mem.getInt(state + State.ATTENTION) & ~bits);
  }

  /** Notes that an event waits; bits {@code PENDING_*}. Any thread. */
  public void pend(int bits) {
    if (rendezvous != null && rendezvous.isForeign(this)) {
      rendezvous.post(this, bits);
      return;
    }
    Mem.putLong(state + State.PENDING, Mem.getLong(state + State.PENDING) | bits);
    attention(State.ATTENTION_EVENT);
  }

  /**
   * For the clock alone, which counts what it cuts. Cuts the budget so that at most {@code
   * instructions} more retire after the current one.
   */
  public void limitBudget(long instructions) {
    long retired = Mem.getLong(state + State.POSITION) + 1;
    if (Mem.getLong(state + State.BUDGET) > retired + instructions) {
      Mem.putLong(state + State.BUDGET, retired + instructions);
      attention(State.ATTENTION_RECHECK);
    }
  }

  /** PAUSE: gives up the rest of the turn if others may use it. */
  public void yieldTurn() {
    if (rendezvous != null) {
      rendezvous.spin();
    } else if (yieldOnPause) {
      attention(State.ATTENTION_STOP);
    }
  }

  /**
   * Draws the consequences of a write to RFLAGS: IF may let an event in, TF needs stepping, AC
   * changes the view.
   */
  public void flagsWritten(long rflags) {
    long step = Mem.getLong(state + State.STEP) & ~State.STEP_TRAP;
    Mem.putLong(state + State.STEP, (rflags & Flags.TF) != 0 ? step | State.STEP_TRAP : step);
    FastTable.select(state);
    if (Mem.getLong(state + State.PENDING) != 0) {
      attention(State.ATTENTION_EVENT);
    }
  }

  /** {@return linear address of the current instruction} */
  public long linearRip() {
    return State.base(state, Segment.CS) + Mem.getLong(state + State.RIP);
  }
}
