// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

import nestor.vcpu.Vcpu;

/**
 * Entry points of the arithmetic that has a first and a second operand: for each form and operation
 * one, so that the compiler leaves one straight path. See {@link BlockRunner} on why they are
 * methods of their own.
 */
final class AluHandlers {
  private AluHandlers() {}

  static void addRegisterRegister(long s, long w) {
    FastArithmetic.registerRegister(Handlers.ADD, s, w);
  }

  static void orRegisterRegister(long s, long w) {
    FastArithmetic.registerRegister(Handlers.OR, s, w);
  }

  static void adcRegisterRegister(long s, long w) {
    FastArithmetic.registerRegister(Handlers.ADC, s, w);
  }

  static void sbbRegisterRegister(long s, long w) {
    FastArithmetic.registerRegister(Handlers.SBB, s, w);
  }

  static void andRegisterRegister(long s, long w) {
    FastArithmetic.registerRegister(Handlers.AND, s, w);
  }

  static void subRegisterRegister(long s, long w) {
    FastArithmetic.registerRegister(Handlers.SUB, s, w);
  }

  static void xorRegisterRegister(long s, long w) {
    FastArithmetic.registerRegister(Handlers.XOR, s, w);
  }

  static void cmpRegisterRegister(long s, long w) {
    FastArithmetic.registerRegister(Handlers.CMP, s, w);
  }

  static void testRegisterRegister(long s, long w) {
    FastArithmetic.registerRegister(Handlers.TEST, s, w);
  }

  static void addRegisterImmediate(long s, long w, long w2) {
    FastArithmetic.registerImmediate(Handlers.ADD, s, w, w2);
  }

  static void orRegisterImmediate(long s, long w, long w2) {
    FastArithmetic.registerImmediate(Handlers.OR, s, w, w2);
  }

  static void adcRegisterImmediate(long s, long w, long w2) {
    FastArithmetic.registerImmediate(Handlers.ADC, s, w, w2);
  }

  static void sbbRegisterImmediate(long s, long w, long w2) {
    FastArithmetic.registerImmediate(Handlers.SBB, s, w, w2);
  }

  static void andRegisterImmediate(long s, long w, long w2) {
    FastArithmetic.registerImmediate(Handlers.AND, s, w, w2);
  }

  static void subRegisterImmediate(long s, long w, long w2) {
    FastArithmetic.registerImmediate(Handlers.SUB, s, w, w2);
  }

  static void xorRegisterImmediate(long s, long w, long w2) {
    FastArithmetic.registerImmediate(Handlers.XOR, s, w, w2);
  }

  static void cmpRegisterImmediate(long s, long w, long w2) {
    FastArithmetic.registerImmediate(Handlers.CMP, s, w, w2);
  }

  static void testRegisterImmediate(long s, long w, long w2) {
    FastArithmetic.registerImmediate(Handlers.TEST, s, w, w2);
  }

  static void addRegisterMemory(Vcpu v, long s, long w, long w2) {
    FastArithmetic.registerMemory(Handlers.ADD, v, s, w, w2);
  }

  static void orRegisterMemory(Vcpu v, long s, long w, long w2) {
    FastArithmetic.registerMemory(Handlers.OR, v, s, w, w2);
  }

  static void adcRegisterMemory(Vcpu v, long s, long w, long w2) {
    FastArithmetic.registerMemory(Handlers.ADC, v, s, w, w2);
  }

  static void sbbRegisterMemory(Vcpu v, long s, long w, long w2) {
    FastArithmetic.registerMemory(Handlers.SBB, v, s, w, w2);
  }

  static void andRegisterMemory(Vcpu v, long s, long w, long w2) {
    FastArithmetic.registerMemory(Handlers.AND, v, s, w, w2);
  }

  static void subRegisterMemory(Vcpu v, long s, long w, long w2) {
    FastArithmetic.registerMemory(Handlers.SUB, v, s, w, w2);
  }

  static void xorRegisterMemory(Vcpu v, long s, long w, long w2) {
    FastArithmetic.registerMemory(Handlers.XOR, v, s, w, w2);
  }

  static void cmpRegisterMemory(Vcpu v, long s, long w, long w2) {
    FastArithmetic.registerMemory(Handlers.CMP, v, s, w, w2);
  }

  static void testRegisterMemory(Vcpu v, long s, long w, long w2) {
    FastArithmetic.registerMemory(Handlers.TEST, v, s, w, w2);
  }

  static void addMemoryRegister(Vcpu v, long s, long w, long w2) {
    FastArithmetic.memoryRegister(Handlers.ADD, v, s, w, w2);
  }

  static void orMemoryRegister(Vcpu v, long s, long w, long w2) {
    FastArithmetic.memoryRegister(Handlers.OR, v, s, w, w2);
  }

  static void adcMemoryRegister(Vcpu v, long s, long w, long w2) {
    FastArithmetic.memoryRegister(Handlers.ADC, v, s, w, w2);
  }

  static void sbbMemoryRegister(Vcpu v, long s, long w, long w2) {
    FastArithmetic.memoryRegister(Handlers.SBB, v, s, w, w2);
  }

  static void andMemoryRegister(Vcpu v, long s, long w, long w2) {
    FastArithmetic.memoryRegister(Handlers.AND, v, s, w, w2);
  }

  static void subMemoryRegister(Vcpu v, long s, long w, long w2) {
    FastArithmetic.memoryRegister(Handlers.SUB, v, s, w, w2);
  }

  static void xorMemoryRegister(Vcpu v, long s, long w, long w2) {
    FastArithmetic.memoryRegister(Handlers.XOR, v, s, w, w2);
  }

  static void cmpMemoryRegister(Vcpu v, long s, long w, long w2) {
    FastArithmetic.memoryRegister(Handlers.CMP, v, s, w, w2);
  }

  static void testMemoryRegister(Vcpu v, long s, long w, long w2) {
    FastArithmetic.memoryRegister(Handlers.TEST, v, s, w, w2);
  }

  static void addMemoryImmediate(Vcpu v, long s, long w, long w2) {
    FastArithmetic.memoryImmediate(Handlers.ADD, v, s, w, w2);
  }

  static void orMemoryImmediate(Vcpu v, long s, long w, long w2) {
    FastArithmetic.memoryImmediate(Handlers.OR, v, s, w, w2);
  }

  static void adcMemoryImmediate(Vcpu v, long s, long w, long w2) {
    FastArithmetic.memoryImmediate(Handlers.ADC, v, s, w, w2);
  }

  static void sbbMemoryImmediate(Vcpu v, long s, long w, long w2) {
    FastArithmetic.memoryImmediate(Handlers.SBB, v, s, w, w2);
  }

  static void andMemoryImmediate(Vcpu v, long s, long w, long w2) {
    FastArithmetic.memoryImmediate(Handlers.AND, v, s, w, w2);
  }

  static void subMemoryImmediate(Vcpu v, long s, long w, long w2) {
    FastArithmetic.memoryImmediate(Handlers.SUB, v, s, w, w2);
  }

  static void xorMemoryImmediate(Vcpu v, long s, long w, long w2) {
    FastArithmetic.memoryImmediate(Handlers.XOR, v, s, w, w2);
  }

  static void cmpMemoryImmediate(Vcpu v, long s, long w, long w2) {
    FastArithmetic.memoryImmediate(Handlers.CMP, v, s, w, w2);
  }

  static void testMemoryImmediate(Vcpu v, long s, long w, long w2) {
    FastArithmetic.memoryImmediate(Handlers.TEST, v, s, w, w2);
  }
}
