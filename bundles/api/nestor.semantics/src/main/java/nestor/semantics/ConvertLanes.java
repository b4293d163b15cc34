// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import static nestor.semantics.ConvertOp.F16;
import static nestor.semantics.ConvertOp.F32;
import static nestor.semantics.ConvertOp.F64;
import static nestor.semantics.ConvertOp.I32;
import static nestor.semantics.ConvertOp.I64;
import static nestor.semantics.ConvertOp.U32;
import static nestor.semantics.ConvertOp.U64;

import nestor.semantics.fp.FpConvert;
import nestor.semantics.fp.FpFlags;

/** The conversions of {@link ConvertOp} on one element. */
final class ConvertLanes {
  private static final int TO = 4;

  private ConvertLanes() {}

  /**
   * {@return the converted element; bits above its size are not defined}
   *
   * @param control the immediate of VCVTPS2PH
   */
  static long convert(int pair, long value, int control, int env, FpFlags f) {
    int single = (int) value;
    return switch (pair) {
      case F32 | F64 << TO -> FpConvert.f32ToF64(single, env, f);
      case F64 | F32 << TO -> FpConvert.f64ToF32(value, env, f);
      case F32 | I32 << TO -> FpConvert.f32ToInt32(single, env, f);
      case F64 | I32 << TO -> FpConvert.f64ToInt32(value, env, f);
      case F32 | I64 << TO -> FpConvert.f32ToInt64(single, env, f);
      case F64 | I64 << TO -> FpConvert.f64ToInt64(value, env, f);
      case I32 | F32 << TO -> FpConvert.int32ToF32(single, env, f);
      case I32 | F64 << TO -> FpConvert.int32ToF64(single);
      case I64 | F32 << TO -> FpConvert.int64ToF32(value, env, f);
      case I64 | F64 << TO -> FpConvert.int64ToF64(value, env, f);
      case F16 | F32 << TO -> nestor.semantics.fp.F16.toF32(single, f);
      case F32 | F16 << TO -> nestor.semantics.fp.F16.fromF32(single, control, env, f);
      default -> unsigned(pair, value, env, f);
    };
  }

  private static long unsigned(int pair, long value, int env, FpFlags f) {
    int single = (int) value;
    return switch (pair) {
      case F32 | U32 << TO -> FpConvert.f32ToUint32(single, env, f);
      case F64 | U32 << TO -> FpConvert.f64ToUint32(value, env, f);
      case F32 | U64 << TO -> FpConvert.f32ToUint64(single, env, f);
      case F64 | U64 << TO -> FpConvert.f64ToUint64(value, env, f);
      case U32 | F32 << TO -> FpConvert.uint32ToF32(single, env, f);
      case U32 | F64 << TO -> FpConvert.uint32ToF64(single);
      case U64 | F32 << TO -> FpConvert.uint64ToF32(value, env, f);
      case U64 | F64 << TO -> FpConvert.uint64ToF64(value, env, f);
      default -> throw new IllegalStateException("conversion " + Integer.toHexString(pair));
    };
  }
}
