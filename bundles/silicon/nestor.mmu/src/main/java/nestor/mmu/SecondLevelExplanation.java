// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import java.util.ArrayList;
import java.util.List;
import nestor.api.machine.Translation;
import nestor.api.machine.Translation.Step;
import nestor.vcpu.Mem;
import nestor.vcpu.SecondLevel;
import nestor.vcpu.Vcpu;

/**
 * A walk of second-level tables in words, from the tables in memory alone: it sets no bit and asks
 * no cache (SDM vol. 3C, "EPT Translation Mechanism"; APM vol. 2, "Nested Paging").
 */
final class SecondLevelExplanation {
  private static final String[] LEVELS = {"", "PTE", "PDE", "PDPTE", "PML4E", "PML5E"};
  private static final int LARGE = 1 << 7;

  private final Vcpu v;
  private final int physicalBits;
  private final SecondLevel world = new SecondLevel();
  private final SecondLevelWalker walker;
  private final PagingMode mode;

  SecondLevelExplanation(Vcpu v, int physicalBits) {
    this.v = v;
    this.physicalBits = physicalBits;
    this.walker = new SecondLevelWalker(v, world, physicalBits, 1);
    this.mode = new PagingMode(physicalBits);
  }

  /** {@return the walk; its gpa is the physical address} */
  Translation explain(SecondLevel of, long gpa) {
    world.copy(of);
    List<Step> steps = new ArrayList<>();
    if (world.kind == SecondLevel.Kind.NONE) {
      return new Translation(gpa, gpa, null, steps);
    }
    boolean nested = world.kind == SecondLevel.Kind.NPT;
    if (nested) {
      mode.nested(world.levels, world.noExecute, v.gigabytePages);
    }
    String fault = nested ? nested(gpa, steps) : extended(gpa, steps);
    return new Translation(gpa, fault == null ? walker.peek(gpa) : -1, fault, steps);
  }

  private String extended(long gpa, List<Step> steps) {
    if (gpa >>> 12 + 9 * world.levels != 0) {
      return "EPT violation: the address has more bits than the tables translate";
    }
    long table = world.root;
    long mask = (1L << physicalBits) - 1 & -4096L;
    for (int level = world.levels; ; level--) {
      long address = table + (gpa >>> 12 + 9 * (level - 1) & 0x1FF) * 8;
      long entry = read(address, 8);
      boolean leaf = level == 1 || (entry & LARGE) != 0 && level <= 3;
      String name = "EPT " + LEVELS[level];
      boolean present = walker.isPresent(entry);
      steps.add(
          new Step(
              name,
              address,
              entry,
              present ? extendedBits(entry, leaf) + target(entry & mask, level, 9, leaf) : ABSENT));
      if (!present) {
        return "EPT violation: " + name + " not present";
      }
      if (walker.isMalformed(entry, level, leaf)) {
        return "EPT misconfiguration: " + name;
      }
      if (leaf) {
        return null;
      }
      table = entry & mask;
    }
  }

  private static final String ABSENT = "not present";

  private String extendedBits(long entry, boolean leaf) {
    StringBuilder words = new StringBuilder();
    words.append((entry & 1) != 0 ? 'r' : '-').append((entry & 2) != 0 ? 'w' : '-');
    words.append((entry & 4) != 0 ? 'x' : '-');
    if (world.modeBasedExecute) {
      words.append((entry & 1 << 10) != 0 ? 'u' : '-');
    }
    if (leaf) {
      words.append(' ').append(MemoryType.of(entry >>> 3).words);
      words.append((entry & 1 << 6) != 0 ? " ignore-PAT" : "");
    }
    if (world.accessedDirty) {
      words.append((entry & 1 << 8) != 0 ? " accessed" : "");
      words.append(leaf && (entry & 1 << 9) != 0 ? " dirty" : "");
    }
    return words.append(", ").toString();
  }

  private String nested(long gpa, List<Step> steps) {
    if (mode.levels > 3 && gpa >>> 12 + 9 * mode.levels != 0) {
      return "nested page fault: the address has more bits than the tables translate";
    }
    long table = mode.root(world.root);
    for (int level = mode.levels; ; level--) {
      boolean pointer = mode.levels == 3 && level == 3;
      long index = gpa >>> 12 + mode.indexBits * (level - 1) & (1L << mode.indexBits) - 1;
      long address = table + (pointer ? index & 3 : index) * mode.entryBytes;
      long entry = read(address, mode.entryBytes);
      boolean leaf = !pointer && (level == 1 || (entry & LARGE) != 0 && mode.large[level]);
      String name = "NPT " + LEVELS[level];
      boolean present = (entry & 1) != 0;
      long frame = leaf ? mode.frame(entry, level) : next(entry);
      steps.add(
          new Step(
              name,
              address,
              entry,
              present
                  ? nestedBits(entry, leaf, pointer) + target(frame, level, mode.indexBits, leaf)
                  : ABSENT));
      if (!present) {
        return "nested page fault: " + name + " not present";
      }
      long reserved =
          pointer
              ? mode.reservedInPdpte()
              : (leaf ? mode.reservedInLeaf : mode.reservedInTable)[level];
      if ((entry & reserved) != 0) {
        return "nested page fault: reserved bits in " + name;
      }
      if (leaf) {
        return null;
      }
      table = next(entry);
    }
  }

  private long next(long entry) {
    return mode.levels == 2 ? entry & 0xFFFF_F000L : entry & mode.addressMask;
  }

  private String nestedBits(long entry, boolean leaf, boolean pointer) {
    if (pointer) {
      return "";
    }
    return ((entry & 2) != 0 ? "writable" : "read-only")
        + ((entry & 4) != 0 ? " user" : " supervisor")
        + (mode.noExecute && entry < 0 ? " no-execute" : "")
        + ((entry & 0x20) != 0 ? " accessed" : "")
        + (leaf && (entry & 0x40) != 0 ? " dirty" : "")
        + ", ";
  }

  private static String target(long frame, int level, int bits, boolean leaf) {
    if (!leaf) {
      return "table at 0x" + Long.toHexString(frame);
    }
    long kib = 4L << bits * (level - 1);
    String size =
        kib >= 1 << 20 ? (kib >> 20) + " GiB" : kib >= 1024 ? (kib >> 10) + " MiB" : "4 KiB";
    return size + " page at 0x" + Long.toHexString(frame & -(kib << 10));
  }

  private long read(long address, int bytes) {
    return v.memory.isRam(address) ? Mem.get(v.memory.ramBase() + address, bytes) : 0;
  }
}
