// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

/**
 * The instruction families: the unit in which semantics are written, one class a family.
 *
 * <p>A family is either <i>plain</i>, with semantics shared by all engines, or <i>system</i>:
 * executed by the CPU bundle because it touches what only the processor core may change.
 */
public enum Family {
  ALU(false),
  MOVES(false),
  SHIFT_ROTATE(false),
  BITS(false),
  MULTIPLY_DIVIDE(false),
  DECIMAL(false),
  STRINGS(false),
  BRANCHES(false),
  STACK(false),
  ATOMIC(false),
  FLAG_OPS(false),
  HINTS(false),
  X87(false),
  MMX(false),
  SSE_MOVES(false),
  SSE_FLOAT(false),
  SSE_CONVERT(false),
  SSE_INTEGER(false),
  SSE_SHUFFLE(false),
  SSE_STRING(false),
  CRYPTO(false),
  AVX_SPECIAL(false),
  FMA(false),
  OPMASK(false),
  AVX512_INTEGER(false),
  AVX512_PERMUTE(false),
  AVX512_MEMORY(false),
  AVX512_FLOAT(false),
  BFLOAT16(false),
  XSAVE_STATE(false),
  SEGMENTS(true),
  FAR_TRANSFERS(true),
  INTERRUPTS(true),
  CONTROL(true),
  DESCRIPTOR_TABLES(true),
  MSRS(true),
  PORTS(true),
  CACHE_TLB(true),
  IDENTIFICATION(true),
  POWER(true),
  VMX(true),
  SVM(true);

  private final boolean system;

  Family(boolean system) {
    this.system = system;
  }

  /** {@return whether the CPU bundle executes it} */
  public boolean isSystem() {
    return system;
  }
}
