// SPDX-License-Identifier: Apache-2.0
package nestor.api.machine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The state of one vCPU at a safepoint.
 *
 * @param mode such as {@code 64-bit}, {@code protected 16-bit}, {@code real}
 * @param activity {@code active}, {@code halted}, {@code shutdown} or {@code wait for SIPI}
 * @param linearRip linear address of the next instruction
 * @param codeSize 16, 32 or 64
 * @param registers general, segment, control and debug registers by lower-case name, in the order
 *     in which people want to read them
 * @param vectors x87 and vector registers by name, as hexadecimal text, highest byte first
 * @param lastEvent the last exception or interrupt, in words
 */
public record CpuView(
    int index,
    String engine,
    String mode,
    String activity,
    long linearRip,
    int codeSize,
    Map<String, Long> registers,
    Map<String, String> vectors,
    String lastEvent) {

  public CpuView {
    registers = Collections.unmodifiableMap(new LinkedHashMap<>(registers));
    vectors = Collections.unmodifiableMap(new LinkedHashMap<>(vectors));
  }
}
