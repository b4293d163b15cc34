// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

/**
 * A direct way out of a block: a jump that leads to the next block's code once that exists, and to
 * Java before.
 *
 * <p>Within a page the jump alone is enough: whoever runs the one block may run the other. Into
 * another page it is guarded by the fetch key that the target's page must have now.
 */
final class Edge {
  /** A key that no entry of a fast table holds. */
  static final long NO_KEY = -2;

  /** RIP of the target. */
  final long rip;

  /** Host address of the jump's displacement. */
  final long jump;

  /** Host address of the key of the guard, or 0 within a page. */
  final long guard;

  /** Host address of the exit that the jump takes while it is not linked. */
  final long stub;

  /** Where it leads, or null. */
  HostBlock target;

  /** Next edge into the same target. */
  Edge nextIncoming;

  Edge(long rip, long jump, long guard, long stub) {
    this.rip = rip;
    this.jump = jump;
    this.guard = guard;
    this.stub = stub;
  }
}
