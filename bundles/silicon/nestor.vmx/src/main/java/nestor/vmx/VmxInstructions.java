// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;

import nestor.isa.Insn;
import nestor.semantics.EffectiveAddress;
import nestor.semantics.Operands;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;
import nestor.virt.ExitLog;
import nestor.vmx.Control.Secondary;

/** The VMX instructions but for VM entry (SDM vol. 3C, "VMX Instruction Reference"). */
final class VmxInstructions {
  private static final int FEATURE_CONTROL = 0x3A;
  private static final int LOCKED_AND_OUTSIDE_SMX = 5;

  static final int VMCALL_IN_ROOT = 1;
  static final int VMCLEAR_ADDRESS = 2;
  static final int VMCLEAR_VMXON_POINTER = 3;
  static final int VMPTRLD_ADDRESS = 9;
  static final int VMPTRLD_VMXON_POINTER = 10;
  static final int VMPTRLD_REVISION = 11;
  static final int UNSUPPORTED_COMPONENT = 12;
  static final int VMXON_IN_ROOT = 15;
  static final int INVALIDATION_OPERAND = 28;

  private final Vmx x;
  private final Transitions transitions;
  private final Invalidations invalidations;
  private final ExitLog log;

  VmxInstructions(Vmx x, Transitions transitions, ExitLog log) {
    this.x = x;
    this.transitions = transitions;
    this.log = log;
    this.invalidations = new Invalidations(x, this, log);
  }

  void execute(Insn i) {
    switch (i.row.mnemonic) {
      case VMXON -> turnOn(i);
      case VMFUNC -> function();
      case VMCALL -> call();
      default -> {
        require(x.on && inProtectedMode());
        if (x.masks.guest && !isShadowed(i)) {
          throw exit(i);
        }
        requirePrivilege();
        root(i);
      }
    }
  }

  private void root(Insn i) {
    switch (i.row.mnemonic) {
      case VMXOFF -> turnOff();
      case VMCLEAR -> clear(i);
      case VMPTRLD -> load(i);
      case VMPTRST -> store(i);
      case VMREAD -> read(i);
      case VMWRITE -> write(i);
      case VMLAUNCH -> transitions.enter(true);
      case VMRESUME -> transitions.enter(false);
      case INVEPT -> invalidations.ept(i);
      case INVVPID -> invalidations.vpid(i);
      default -> throw x.v.undefined();
    }
  }

  private void require(boolean condition) {
    if (!condition) {
      throw x.v.undefined();
    }
  }

  private void requirePrivilege() {
    if (State.cpl(x.s) != 0) {
      throw x.v.protection();
    }
  }

  /** CR0.PE = 1, RFLAGS.VM = 0, and in IA-32e mode 64-bit code. */
  private boolean inProtectedMode() {
    return !State.realOrVirtual8086(x.s)
        && (!State.longMode(x.s) || (State.attributes(x.s, Segment.CS) & Segment.LONG) != 0);
  }

  private VmExit exit(Insn i) {
    VmExit exit =
        x.instructionExit(
            switch (i.row.mnemonic) {
              case VMCLEAR -> ExitReason.VMCLEAR;
              case VMLAUNCH -> ExitReason.VMLAUNCH;
              case VMPTRLD -> ExitReason.VMPTRLD;
              case VMPTRST -> ExitReason.VMPTRST;
              case VMREAD -> ExitReason.VMREAD;
              case VMRESUME -> ExitReason.VMRESUME;
              case VMWRITE -> ExitReason.VMWRITE;
              case VMXOFF -> ExitReason.VMXOFF;
              case VMXON -> ExitReason.VMXON;
              case INVEPT -> ExitReason.INVEPT;
              case INVVPID -> ExitReason.INVVPID;
              default -> ExitReason.VMCALL;
            });
    exit.qualification = OperandInfo.displacement(x, i);
    exit.instruction =
        switch (i.row.mnemonic) {
          case VMREAD -> OperandInfo.vmcsAccess(i, 1, 0) & 0xFFFF_FFFFL;
          case VMWRITE -> OperandInfo.vmcsAccess(i, 0, 1) & 0xFFFF_FFFFL;
          case INVEPT, INVVPID -> OperandInfo.invalidation(i) & 0xFFFF_FFFFL;
          case VMCLEAR, VMPTRLD, VMPTRST, VMXON -> OperandInfo.memory(i);
          default -> 0;
        };
    return exit;
  }

  // Outcomes (SDM vol. 3C, "Conventions").

  void succeed() {
    Flags.setArithmetic(x.s, Flags.ARITHMETIC, 0);
  }

  void failInvalid() {
    Flags.setArithmetic(x.s, Flags.ARITHMETIC, Flags.CF);
  }

  /** VMfail: with a current VMCS it takes the error number. */
  void fail(int error) {
    if (x.vmcs.region == Vmcs.NONE) {
      failInvalid();
      return;
    }
    Flags.setArithmetic(x.s, Flags.ARITHMETIC, Flags.ZF);
    x.vmcs.put(VM_INSTRUCTION_ERROR, error);
  }

  private long pointer(Insn i) {
    return GuestMemory.load64(x.v, EffectiveAddress.linear(x.v, i, 8, false));
  }

  private int revision(long region) {
    return (int) x.v.memory.load(null, region, 4);
  }

  private void turnOn(Insn i) {
    require(inProtectedMode() && (x.state(State.CR4) & Vmx.CR4_VMXE) != 0);
    if (x.masks.guest) {
      throw exit(i);
    }
    requirePrivilege();
    if (x.on) {
      fail(VMXON_IN_ROOT);
      return;
    }
    long control = x.v.system.readMsr(FEATURE_CONTROL);
    boolean allowed =
        (control & LOCKED_AND_OUTSIDE_SMX) == LOCKED_AND_OUTSIDE_SMX
            && HostCheckRows.fixed(
                x.state(State.CR0), Capabilities.CR0_FIXED0, Capabilities.CR0_FIXED1)
            && x.v.memory.a20Mask() == -1;
    if (!allowed) {
      throw x.v.protection();
    }
    long region = pointer(i);
    if (!x.isPage(region) || revision(region) != Vmcs.REVISION) {
      failInvalid();
      return;
    }
    x.vmxon = region;
    x.on = true;
    x.session++;
    x.vmcs.forget();
    succeed();
  }

  private void turnOff() {
    x.vmcs.flush(x.v.memory);
    x.vmcs.forget();
    x.on = false;
    x.vmxon = Vmcs.NONE;
    succeed();
    x.v.attention(State.ATTENTION_EVENT); // an INIT may have waited
  }

  private void call() {
    if (x.masks.guest) {
      VmExit exit = x.instructionExit(ExitReason.VMCALL);
      throw exit;
    }
    require(x.on && inProtectedMode());
    requirePrivilege();
    fail(VMCALL_IN_ROOT);
  }

  /** VMFUNC: function 0 is EPTP switching (SDM vol. 3C, "VM Functions"). */
  private void function() {
    require(x.masks.guest && x.secondary(Secondary.VM_FUNCTIONS));
    int number = (int) State.gpr(x.s, 0);
    long entry = State.gpr(x.s, 1, 4);
    boolean good = number == 0 && (x.get(VM_FUNCTION_CONTROLS) & 1) != 0 && entry < 512;
    if (good) {
      long pointer = x.v.memory.load(null, x.get(EPTP_LIST_ADDRESS) + 8 * entry, 8);
      if (Invalidations.isEptPointer(x, pointer)) {
        x.vmcs.set(EPT_POINTER, pointer);
        transitions.switchTables();
        return;
      }
    }
    throw x.instructionExit(ExitReason.VMFUNC);
  }

  private void clear(Insn i) {
    long region = pointer(i);
    if (!x.isPage(region)) {
      fail(VMCLEAR_ADDRESS);
    } else if (region == x.vmxon) {
      fail(VMCLEAR_VMXON_POINTER);
    } else {
      if (region == x.vmcs.region) {
        x.vmcs.launched = false;
        x.vmcs.flush(x.v.memory);
        x.vmcs.forget();
      } else {
        Vmcs.clear(x.v.memory, region);
      }
      succeed();
    }
  }

  private void load(Insn i) {
    long region = pointer(i);
    if (!x.isPage(region)) {
      fail(VMPTRLD_ADDRESS);
      return;
    }
    if (region == x.vmxon) {
      fail(VMPTRLD_VMXON_POINTER);
      return;
    }
    int revision = revision(region);
    boolean shadow = (revision & Vmcs.SHADOW) != 0;
    if ((revision & ~Vmcs.SHADOW) != Vmcs.REVISION
        || shadow && !x.capabilities.has(Capability.VMCS_SHADOWING)) {
      fail(VMPTRLD_REVISION);
      return;
    }
    if (region != x.vmcs.region) {
      x.vmcs.flush(x.v.memory);
      x.vmcs.load(x.v.memory, region);
    }
    succeed();
  }

  private void store(Insn i) {
    long linear = EffectiveAddress.linear(x.v, i, 8, true);
    GuestMemory.store64(x.v, linear, x.vmcs.region);
    succeed();
  }

  // VMREAD and VMWRITE, also of the shadow VMCS.

  /** {@return whether a VMREAD or VMWRITE of the guest is served by the shadow VMCS} */
  private boolean isShadowed(Insn i) {
    boolean write = i.row.mnemonic == nestor.isa.Mnemonic.VMWRITE;
    if (!write && i.row.mnemonic != nestor.isa.Mnemonic.VMREAD) {
      return false;
    }
    if (!x.secondary(Secondary.VMCS_SHADOWING)) {
      return false;
    }
    long encoding = Operands.read(x.v, i, write ? 0 : 1);
    if (encoding >>> 15 != 0) {
      return false;
    }
    long bitmap = x.get(write ? VMWRITE_BITMAP : VMREAD_BITMAP);
    long bits = x.v.memory.load(null, bitmap + (encoding >>> 3), 1);
    return (bits >>> (encoding & 7) & 1) == 0;
  }

  /** {@return the field, or null after a failure} */
  private VmcsField field(long encoding) {
    VmcsField field = VmcsField.of(encoding);
    if (field == null || !x.capabilities.has(field)) {
      return null;
    }
    return field;
  }

  private boolean hasRegion() {
    boolean has = x.masks.guest ? x.get(VMCS_LINK_POINTER) != -1 : x.vmcs.region != Vmcs.NONE;
    if (!has) {
      failInvalid();
    }
    return has;
  }

  private long value(VmcsField field) {
    return x.masks.guest
        ? Vmcs.read(x.v.memory, x.get(VMCS_LINK_POINTER), field)
        : x.vmcs.get(field);
  }

  private void setValue(VmcsField field, long value) {
    if (x.masks.guest) {
      Vmcs.write(x.v.memory, x.get(VMCS_LINK_POINTER), field, value);
    } else {
      x.vmcs.set(field, value);
    }
  }

  private static final long HIGH_HALF = 1;

  private void read(Insn i) {
    if (!hasRegion()) {
      return;
    }
    long encoding = Operands.read(x.v, i, 1);
    VmcsField field = field(encoding);
    if (field == null) {
      fail(UNSUPPORTED_COMPONENT);
      return;
    }
    long value = value(field);
    Operands.write(x.v, i, 0, (encoding & HIGH_HALF) != 0 ? value >>> 32 : value);
    succeed();
  }

  private void write(Insn i) {
    if (!hasRegion()) {
      return;
    }
    long source = Operands.read(x.v, i, 1);
    long encoding = Operands.read(x.v, i, 0);
    VmcsField field = field(encoding);
    if (field == null) {
      fail(UNSUPPORTED_COMPONENT);
      return;
    }
    boolean half = field.width() == VmcsField.Width.BITS64 && i.mode != 64;
    long value = source;
    if ((encoding & HIGH_HALF) != 0) {
      value = value(field) & 0xFFFF_FFFFL | source << 32;
    } else if (half) {
      value = source & 0xFFFF_FFFFL; // outside 64-bit mode the upper half becomes 0
    }
    setValue(field, value);
    if (log.isObserved()) {
      log.written(field.label(), value);
    }
    succeed();
  }
}
