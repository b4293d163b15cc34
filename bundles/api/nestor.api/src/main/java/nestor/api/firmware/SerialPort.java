// SPDX-License-Identifier: Apache-2.0
package nestor.api.firmware;

/**
 * A 16550 on the board.
 *
 * @param base the first of its eight I/O ports
 * @param irq its ISA interrupt line
 */
public record SerialPort(int base, int irq) {}
