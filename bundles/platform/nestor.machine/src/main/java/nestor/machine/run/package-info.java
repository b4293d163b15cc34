// SPDX-License-Identifier: Apache-2.0
/** The commands {@code run} and {@code demo}: one machine, its terminal, its end. */
package nestor.machine.run;
