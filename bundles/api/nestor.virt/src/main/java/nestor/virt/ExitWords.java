// SPDX-License-Identifier: Apache-2.0
package nestor.virt;

/** The vendor's words for exits. */
public interface ExitWords {

  /** {@return how many reasons there are: {@link #slot} is below it} */
  int slots();

  /** {@return a small number for a reason, where it is counted} */
  int slot(int reason);

  /** {@return the reason that is counted there} */
  int reason(int slot);

  /** {@return the manual's name of a reason} */
  String name(int reason);

  /** {@return whether the manual knows the reason of a slot} */
  boolean isKnown(int slot);

  /** {@return what entering a guest is called} */
  String entry();
}
