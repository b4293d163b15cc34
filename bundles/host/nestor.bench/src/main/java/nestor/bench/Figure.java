// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One line of a result: what something cost, in Nestor and elsewhere. NaN stands for absent.
 *
 * @param ratio cost over QEMU's cost, so below 1 means that Nestor is faster
 * @param more further figures by name, the same names in all of a result
 */
record Figure(
    String name,
    String unit,
    double nestor,
    double qemu,
    double bare,
    double ratio,
    SortedMap<String, Double> more) {
  private static final MathContext DIGITS = new MathContext(4);

  Figure(String name, String unit, double nestor, double qemu, double bare, double ratio) {
    this(name, unit, nestor, qemu, bare, ratio, new TreeMap<>());
  }

  static Figure of(String name, String unit, double nestor, double qemu, double bare) {
    return new Figure(name, unit, nestor, qemu, bare, nestor / qemu);
  }

  /** {@return this with one more figure} */
  Figure with(String key, double value) {
    SortedMap<String, Double> all = new TreeMap<>(more);
    all.put(key, value);
    return new Figure(name, unit, nestor, qemu, bare, ratio, all);
  }

  /** {@return the figure as JSON members, absent values null} */
  Map<String, Object> members() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("name", name);
    members.put("unit", unit);
    members.put("nestor", rounded(nestor));
    members.put("qemu", rounded(qemu));
    members.put("native", rounded(bare));
    members.put("ratio", rounded(ratio));
    more.forEach((key, value) -> members.put(key, rounded(value)));
    return members;
  }

  /** {@return four significant digits, or null if it is absent} */
  static BigDecimal rounded(double value) {
    return Double.isFinite(value) ? new BigDecimal(value).round(DIGITS) : null;
  }

  /** {@return text of a table} */
  static String text(double value) {
    BigDecimal rounded = rounded(value);
    return rounded == null ? "-" : rounded.toPlainString();
  }
}
