// SPDX-License-Identifier: Apache-2.0
/**
 * For people who write engines: the state of a vCPU, and the contracts between an engine, the MMU,
 * the CPU core, the local APIC and physical memory.
 *
 * <p>All that is touched per instruction lies off-heap in the {@link nestor.vcpu.State} block, so
 * that generated code and Java see the same thing. The parts behind the slow paths are bound once
 * into a {@link nestor.vcpu.Vcpu}; nobody looks up a service while a guest runs.
 *
 * <p>The way of one instruction: the engine fetches and decodes it; fast forms run inside the
 * engine; other plain families go to the shared semantics, system families to {@link
 * nestor.vcpu.SystemUnit#execute}. While an instruction runs, {@code State.rip} is its own address
 * and {@code State.nextRip} that of the next; a branch writes {@code nextRip}. A {@link
 * nestor.vcpu.GuestFault} leaves {@code rip} where it was; the engine hands it to {@link
 * nestor.vcpu.SystemUnit#raise}.
 */
@Export
@Version("1.0.0")
package nestor.vcpu;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
