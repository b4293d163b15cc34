// SPDX-License-Identifier: Apache-2.0
/**
 * The instruction set as one table, and what is made from it: decoder, disassembler, assembler.
 *
 * <p>The rows stand in text files beside this package, one file a group of the manual, in opcode
 * order; {@link nestor.isa.RowParser} documents the notation. A row carries everything that is
 * static about an encoding, so no handler repeats it. Everything here is pure and may be used from
 * any thread; an {@link nestor.isa.Insn} belongs to whoever decodes into it.
 */
@Export
@Version("1.0.0")
package nestor.isa;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
