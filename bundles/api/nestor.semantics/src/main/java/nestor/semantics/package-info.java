// SPDX-License-Identifier: Apache-2.0
/**
 * What the instructions do: one class a family, shared by all engines.
 *
 * <p>{@link nestor.semantics.Semantics#execute} runs one decoded instruction of a plain family
 * against a vCPU. Each family keeps what it computes in static functions over values, which engines
 * may call directly. Operands are read before anything is written, so a fault leaves the state as
 * it was. Called on the vCPU's thread; nothing allocates.
 */
@Export
@Version("1.0.0")
package nestor.semantics;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
