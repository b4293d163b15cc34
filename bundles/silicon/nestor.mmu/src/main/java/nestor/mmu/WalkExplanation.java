// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import java.util.ArrayList;
import java.util.List;
import nestor.api.machine.Translation;
import nestor.api.machine.Translation.Step;
import nestor.vcpu.FastTable;
import nestor.vcpu.Flags;
import nestor.vcpu.Mem;
import nestor.vcpu.SecondLevel;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** A page walk in words, from the tables in memory alone: it sets no bit and asks no TLB. */
final class WalkExplanation {
  private static final String[] LEVELS = {"", "PTE", "PDE", "PDPTE", "PML4E", "PML5E"};

  private final Vcpu v;
  private final Translator translator;
  private final PagingMode mode;
  private final SecondLevelExplanation second;

  WalkExplanation(Vcpu v, Translator translator) {
    this.second = new SecondLevelExplanation(v, translator.physicalBits);
    this.v = v;
    this.translator = translator;
    this.mode = translator.mode;
  }

  Translation explain(long linear, boolean write, boolean fetch, boolean user) {
    Translation walk = walk(linear, write, fetch, user);
    if (translator.world().kind == SecondLevel.Kind.NONE) {
      return walk.fault() == null ? walk : new Translation(linear, -1, walk.fault(), walk.steps());
    }
    return throughSecondLevel(walk);
  }

  /**
   * Puts before each entry of the guest the walk that finds it, and behind all that of the page.
   */
  private Translation throughSecondLevel(Translation walk) {
    List<Step> steps = new ArrayList<>();
    String fault = walk.fault();
    for (Step step : walk.steps()) {
      if (mode.levels == 3 && step.level().equals(LEVELS[3])) {
        steps.add(step); // a register of the vCPU: nothing is read
        continue;
      }
      Translation entry = second.explain(translator.world(), step.address());
      steps.addAll(entry.steps());
      if (entry.fault() != null) {
        fault = entry.fault() + ", for the " + step.level() + " at gpa " + hex(step.address());
        return new Translation(walk.linear(), -1, fault, steps);
      }
      steps.add(step);
    }
    if (fault == null) {
      Translation page = second.explain(translator.world(), walk.gpa());
      steps.addAll(page.steps());
      fault = page.fault() == null ? null : page.fault() + ", for gpa " + hex(walk.gpa());
      if (fault == null && translator.world().kind == SecondLevel.Kind.EPT) {
        steps.add(memoryType(walk, page.steps().getLast()));
      }
    }
    return new Translation(walk.linear(), fault == null ? walk.gpa() : -1, fault, steps);
  }

  private static final int PAT_MSR = 0x277;
  private static final long CR0_CD = 1 << 30;

  /** What EPT and the guest's PAT together make of the page. */
  private Step memoryType(Translation walk, Step eptLeaf) {
    MemoryType pat = MemoryType.WB;
    if (!walk.steps().isEmpty()) {
      Step leaf = walk.steps().getLast();
      boolean large = !leaf.level().equals(LEVELS[1]);
      pat = MemoryType.byPat(v.system.readMsr(PAT_MSR), leaf.value(), large);
    }
    boolean off = (Mem.getLong(v.state + State.CR0) & CR0_CD) != 0;
    MemoryType type = MemoryType.throughEpt(eptLeaf.value(), pat, off);
    MemoryType memory = MemoryType.of(eptLeaf.value() >>> 3);
    String words = "EPT " + memory.words + ", PAT " + pat.words + ": " + type.words;
    return new Step("memory type", walk.gpa(), type.ordinal(), words);
  }

  private static String hex(long value) {
    return Long.toHexString(value);
  }

  Translation secondLevel(SecondLevel world, long gpa) {
    return second.explain(world, gpa);
  }

  /** {@return where an address is mapped, whatever the access rights, or -1} */
  long peek(long linear) {
    return translator.peekPhysical(walk(linear, false, false, false).gpa());
  }

  private Translation walk(long linear, boolean write, boolean fetch, boolean user) {
    List<Step> steps = new ArrayList<>();
    if (mode.levels == 0) {
      long gpa = linear & 0xFFFF_FFFFL & v.memory.a20Mask();
      return new Translation(linear, gpa, null, steps);
    }
    long cr3 = Mem.getLong(v.state + State.CR3);
    long table = mode.root(cr3);
    long allowed = 6;
    long denied = 0;
    for (int level = mode.levels; ; level--) {
      boolean register = mode.levels == 3 && level == 3;
      long address =
          register ? table + (linear >>> 30 & 3) * 8 : entryAddress(table, linear, level);
      long entry = register ? translator.pdptes[(int) (linear >>> 30) & 3] : read(address);
      boolean leaf = level == 1 || !register && mode.large[level] && (entry & 0x80) != 0;
      steps.add(new Step(LEVELS[level], address, entry, meaning(entry, level, leaf, register)));
      if ((entry & 1) == 0) {
        return new Translation(linear, -1, "page fault: " + LEVELS[level] + " not present", steps);
      }
      long reserved =
          register
              ? mode.reservedInPdpte()
              : (leaf ? mode.reservedInLeaf : mode.reservedInTable)[level];
      if ((entry & reserved) != 0) {
        String bits = Long.toHexString(entry & reserved);
        return new Translation(
            linear, -1, "page fault: reserved bits 0x" + bits + " in " + LEVELS[level], steps);
      }
      if (!register) {
        allowed &= entry;
        denied |= entry;
      }
      if (leaf) {
        return leaf(linear, entry, level, allowed, denied, kind(write, fetch), user, steps);
      }
      table = mode.levels == 2 ? entry & 0xFFFF_F000L : entry & mode.addressMask;
    }
  }

  private static int kind(boolean write, boolean fetch) {
    return fetch ? Rights.FETCH : write ? Rights.WRITE : Rights.READ;
  }

  private Translation leaf(
      long linear,
      long leaf,
      int level,
      long allowed,
      long denied,
      int access,
      boolean user,
      List<Step> steps) {
    long flags = (allowed & 2) != 0 ? Entry.WRITABLE : 0;
    flags |= (allowed & 4) != 0 ? Entry.USER : 0;
    flags |= mode.noExecute && denied < 0 ? Entry.NO_EXECUTE : 0;
    flags |= mode.keys ? (leaf >>> 59 & 15) << Entry.KEY_SHIFT : 0;
    boolean ac = (Mem.getLong(v.state + State.RFLAGS) & Flags.AC) != 0;
    int view = user ? FastTable.USER : ac ? FastTable.SUPERVISOR_AC : FastTable.SUPERVISOR;
    String fault = null;
    if ((translator.rights.of(flags, view) & access) == 0) {
      fault =
          "page fault: "
              + (user ? "user " : "supervisor ")
              + (access == Rights.FETCH ? "fetch" : access == Rights.WRITE ? "write" : "read")
              + (translator.rights.isKeyViolation(flags, access, view)
                  ? " denied by protection key " + Entry.key(flags)
                  : " denied");
    }
    long size = 1L << 12 + mode.indexBits * (level - 1);
    long gpa = (mode.frame(leaf, level) | linear & size - 1) & v.memory.a20Mask();
    return new Translation(linear, gpa, fault, steps);
  }

  private String meaning(long entry, int level, boolean leaf, boolean register) {
    if ((entry & 1) == 0) {
      return "not present";
    }
    StringBuilder words = new StringBuilder();
    if (!register) {
      words.append((entry & 2) != 0 ? "writable" : "read-only");
      words.append((entry & 4) != 0 ? " user" : " supervisor");
      words.append(mode.noExecute && entry < 0 ? " no-execute" : "");
      words.append((entry & 0x20) != 0 ? " accessed" : "");
      words.append(leaf && (entry & 0x40) != 0 ? " dirty" : "");
      words.append(leaf && mode.global && (entry & 0x100) != 0 ? " global" : "");
      words.append(leaf && mode.keys ? " key " + (entry >>> 59 & 15) : "");
      words.append(", ");
    }
    if (leaf) {
      long kib = 4L << mode.indexBits * (level - 1);
      words.append(
          kib >= 1 << 20 ? (kib >> 20) + " GiB" : kib >= 1024 ? (kib >> 10) + " MiB" : "4 KiB");
      words.append(" page at 0x").append(Long.toHexString(mode.frame(entry, level)));
    } else {
      long next = mode.levels == 2 ? entry & 0xFFFF_F000L : entry & mode.addressMask;
      words.append("table at 0x").append(Long.toHexString(next));
    }
    return words.toString();
  }

  private long entryAddress(long table, long linear, int level) {
    long index = linear >>> 12 + mode.indexBits * (level - 1) & (1L << mode.indexBits) - 1;
    return table + index * mode.entryBytes & v.memory.a20Mask();
  }

  private long read(long entry) {
    long address = translator.peekPhysical(entry);
    return address >= 0 && v.memory.isRam(address)
        ? Mem.get(v.memory.ramBase() + address, mode.entryBytes)
        : -1L >>> 64 - 8 * mode.entryBytes;
  }
}
