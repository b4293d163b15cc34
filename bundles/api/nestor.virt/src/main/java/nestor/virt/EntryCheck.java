// SPDX-License-Identifier: Apache-2.0
package nestor.virt;

import java.util.ArrayList;
import java.util.List;

/**
 * One check of VM entry, a row: what must hold, where the manual says so, and what is wrong
 * otherwise. The same rows run the checks, name the one that failed, and answer people.
 *
 * @param <X> what a rule looks at
 */
public interface EntryCheck<X extends VirtualizationState> {

  /** {@return the manual, such as {@code SDM vol. 3C}} */
  String manual();

  /** {@return title of the section in the manual} */
  String section();

  /** {@return what is wrong if it does not hold, in words} */
  String message();

  /** {@return whether it holds} */
  boolean holds(X x);

  /** {@return what is wrong, and where the manual says so} */
  default String text() {
    return message() + " (" + manual() + ", \"" + section() + "\")";
  }

  /** {@return the first check that does not hold, or null} */
  static <X extends VirtualizationState, C extends EntryCheck<X>> C first(List<C> rows, X x) {
    for (int i = 0; i < rows.size(); i++) {
      C row = rows.get(i);
      if (!row.holds(x)) {
        return row;
      }
    }
    return null;
  }

  /** {@return all that do not hold, in words} */
  static <X extends VirtualizationState, C extends EntryCheck<X>> List<String> failures(
      List<C> rows, X x) {
    List<String> failed = new ArrayList<>();
    for (C row : rows) {
      if (!row.holds(x)) {
        failed.add(row.text());
      }
    }
    return failed;
  }
}
