// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import nestor.vcpu.FastTable;

/** Lets blocks lead into each other without Java, and not any more. */
final class Links {
  private final CodeCache cache;

  /** Edges that were made to lead somewhere. */
  long made;

  Links(CodeCache cache) {
    this.cache = cache;
  }

  /**
   * Lets an edge lead to a block.
   *
   * @param key the fetch key that the block's page has now
   */
  void connect(HostBlock from, Edge edge, HostBlock block, long key) {
    if (edge.guard != 0) {
      if (key == FastTable.NO_FETCH) {
        return;
      }
      cache.patchConstant(edge.guard, key);
    } else if (((from.gpa ^ block.gpa) & -4096L) != 0) {
      return; // the page was mapped anew on the way
    }
    cache.patchJump(edge.jump, block.entry);
    made++;
    if (edge.target != block) {
      unlist(edge);
      edge.target = block;
      edge.nextIncoming = block.incoming;
      block.incoming = edge;
    }
  }

  private static void unlist(Edge edge) {
    HostBlock old = edge.target;
    if (old == null) {
      return;
    }
    Edge kept = null;
    for (Edge e = old.incoming, next; e != null; e = next) {
      next = e.nextIncoming;
      if (e != edge) {
        e.nextIncoming = kept;
        kept = e;
      }
    }
    old.incoming = kept;
    edge.target = null;
  }

  /** Nothing leads into a block any more, nor out of it. */
  void unlink(HostBlock block) {
    for (Edge edge = block.incoming, next; edge != null; edge = next) {
      next = edge.nextIncoming;
      cache.patchJump(edge.jump, edge.stub);
      edge.target = null;
      edge.nextIncoming = null;
    }
    block.incoming = null;
    for (Edge edge : block.edges) {
      if (edge != null) {
        unlist(edge);
      }
    }
  }
}
