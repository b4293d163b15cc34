// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import nestor.vcpu.SecondLevel;

/**
 * Space numbers: what stands in the TLB for the tags of a translation (SDM vol. 3C, "Caching
 * Translation Information").
 *
 * <p>A world is a VPID or ASID together with the root of the second-level tables. In a world each
 * PCID has a number, one number stands for the global translations of all, and one for addresses
 * without paging. A flush takes numbers away; the next use gets one never used before, so that old
 * translations match nothing.
 */
final class Spaces {
  private static final int LIMIT = 1 << Tlb.SPACE_BITS;
  private static final int PCIDS = 4096;

  /** More worlds than this are worth a flush of everything. */
  private static final int MOST_WORLDS = 64;

  /** Space of the identity mapping in root mode without paging; the TLB holds nothing of it. */
  static final int IDENTITY = 1;

  /** The numbers of one world. */
  private static final class World {
    final int tag;
    final long root;
    final int flavour;

    /** Numbers of PCIDs; null while only PCID 0 was ever used, as without CR4.PCIDE. */
    int[] byPcid;

    int ofPcid0;
    int global;
    int unpaged;

    World(int tag, long root, int flavour) {
      this.tag = tag;
      this.root = root;
      this.flavour = flavour;
    }

    int of(int pcid) {
      return pcid == 0 ? ofPcid0 : byPcid == null ? 0 : byPcid[pcid];
    }

    void set(int pcid, int number) {
      if (pcid == 0) {
        ofPcid0 = number;
        return;
      }
      if (byPcid == null) {
        byPcid = new int[PCIDS];
      }
      byPcid[pcid] = number;
    }

    void clearPcids() {
      ofPcid0 = 0;
      if (byPcid != null) {
        Arrays.fill(byPcid, 0);
      }
    }
  }

  /** The number of the guest-physical mappings of one root. */
  private static final class Root {
    final long root;
    final int flavour;
    int number;

    Root(long root, int flavour) {
      this.root = root;
      this.flavour = flavour;
    }
  }

  private static final long NO_ROOT = -1;

  private final List<World> worlds = new ArrayList<>();
  private final List<Root> roots = new ArrayList<>();
  private int last = IDENTITY;
  private World current;
  private Root currentRoot;

  Spaces() {
    enter(0, NO_ROOT, 0);
  }

  /** Makes a world current. */
  void enter(SecondLevel world) {
    boolean none = world.kind == SecondLevel.Kind.NONE;
    // Entries of one root mean other things under other rules, so these are part of the tag too.
    int flavour =
        none
            ? 0
            : world.kind.ordinal() << 8
                | world.levels << 4
                | (world.accessedDirty ? 1 : 0)
                | (world.modeBasedExecute ? 2 : 0)
                | (world.noExecute ? 4 : 0);
    enter(world.tag, none ? NO_ROOT : world.root, flavour);
  }

  private void enter(int tag, long root, int flavour) {
    current = null;
    for (World world : worlds) {
      if (world.tag == tag && world.root == root && world.flavour == flavour) {
        current = world;
      }
    }
    if (current == null) {
      current = new World(tag, root, flavour);
      worlds.add(current);
    }
    currentRoot = null;
    for (Root known : roots) {
      if (known.root == root && known.flavour == flavour) {
        currentRoot = known;
      }
    }
    if (currentRoot == null) {
      currentRoot = new Root(root, flavour);
      roots.add(currentRoot);
    }
  }

  /**
   * Whether the numbers will soon be used up: everything must be flushed, with {@link #restart}.
   * Asked before each choice of a space, which takes two at most.
   */
  boolean exhausted() {
    return last + 4 >= LIMIT || worlds.size() > MOST_WORLDS;
  }

  /** All numbers may be used again; nothing may remember an old one. */
  void restart() {
    World world = current;
    worlds.clear();
    roots.clear();
    last = IDENTITY;
    enter(world.tag, world.root, world.flavour);
  }

  /** {@return the number that global translations of the world have} */
  int global() {
    if (current.global == 0) {
      current.global = fresh();
    }
    return current.global;
  }

  /** {@return the number of a PCID} */
  int of(int pcid) {
    if (current.of(pcid) == 0) {
      current.set(pcid, fresh());
    }
    return current.of(pcid);
  }

  /** {@return the number of addresses without paging} */
  int unpaged() {
    if (current.root == NO_ROOT) {
      return IDENTITY;
    }
    if (current.unpaged == 0) {
      current.unpaged = fresh();
    }
    return current.unpaged;
  }

  /** {@return the number of the guest-physical mappings of the root} */
  int guestPhysical() {
    if (currentRoot.number == 0) {
      currentRoot.number = fresh();
    }
    return currentRoot.number;
  }

  /** {@return the number of a PCID, or 0 if it has none} */
  int existing(int pcid) {
    return current.of(pcid);
  }

  /** Flushes the translations of a PCID, but not global ones. */
  void flush(int pcid) {
    current.set(pcid, fresh());
  }

  /** Flushes the translations of all PCIDs of the world, but not global ones. */
  void flushAll() {
    flushAll(current, true);
  }

  private static void flushAll(World world, boolean keepGlobal) {
    world.clearPcids();
    if (!keepGlobal) {
      world.global = 0;
      world.unpaged = 0;
    }
  }

  /** Flushes the worlds of a tag, or of all tags for -1. */
  void flushTag(int tag, boolean keepGlobal) {
    for (World world : worlds) {
      if (tag == -1 || world.tag == tag) {
        flushAll(world, keepGlobal);
      }
    }
  }

  /** Flushes what came from second-level tables at a root, or from all of them for -1. */
  void flushRoot(long root) {
    for (World world : worlds) {
      if (world.root != NO_ROOT && (root == -1 || world.root == root)) {
        flushAll(world, false);
      }
    }
    for (Root known : roots) {
      if (root == -1 || known.root == root) {
        known.number = 0;
      }
    }
  }

  /** Calls for the numbers of all PCIDs, and of the globals, in all worlds of a tag. */
  void forEach(int tag, java.util.function.IntConsumer space) {
    for (World world : worlds) {
      if (world.tag == tag) {
        accept(world.ofPcid0, space);
        if (world.byPcid != null) {
          for (int number : world.byPcid) {
            accept(number, space);
          }
        }
        accept(world.global, space);
        accept(world.unpaged, space);
      }
    }
  }

  private static void accept(int number, java.util.function.IntConsumer space) {
    if (number != 0) {
      space.accept(number);
    }
  }

  private int fresh() {
    return ++last;
  }
}
