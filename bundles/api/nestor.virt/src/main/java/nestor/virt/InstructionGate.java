// SPDX-License-Identifier: Apache-2.0
package nestor.virt;

import nestor.isa.Insn;
import nestor.vcpu.ExitGate;
import nestor.vcpu.VmExit;

/** The part of a vendor's {@link ExitGate} that is asked inside instructions. */
public interface InstructionGate {

  /** See {@link ExitGate#instruction}. */
  boolean instruction(Insn insn);

  /** See {@link ExitGate#port}. */
  void port(Insn insn, int port, int size, long linear);

  /** {@return see {@link ExitGate#exception}} */
  VmExit exception(int event, int errorCode, long address);
}
