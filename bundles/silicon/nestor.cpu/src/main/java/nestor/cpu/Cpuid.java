// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import nestor.isa.FeaturePlaces;
import nestor.vcpu.State;

/** Answers CPUID (SDM vol. 2, "CPUID-CPU Identification"; APM vol. 3, appendix E). */
final class Cpuid {
  private static final int EXTENDED = 0x8000_0000;
  private static final int LINE = 64;

  private final Core core;
  private final CpuModel model;
  private final Msrs msrs;
  private final int maxBasic;
  private final int maxExtended;
  private final XsaveLayout xsave;
  private final byte[] brand;
  private final Map<Long, int[]> features;

  Cpuid(Core core, Msrs msrs) {
    this.core = core;
    this.msrs = msrs;
    model = core.model;
    maxBasic = model.isAmd() ? 0x10 : 0x1F;
    maxExtended = model.isAmd() ? 0x8000_0021 : 0x8000_0008;
    xsave = new XsaveLayout(core);
    features = featureBits(model);
    brand = Arrays.copyOf(model.brand().getBytes(StandardCharsets.US_ASCII), 48);
  }

  void answer(int requested, int subleaf, int[] r) {
    int leaf = requested;
    boolean extended = (leaf & EXTENDED) != 0 && Integer.compareUnsigned(leaf, 0xC000_0000) < 0;
    if (Integer.compareUnsigned(leaf, extended ? maxExtended : maxBasic) > 0) {
      if (model.isAmd()) {
        set(r, 0, 0, 0, 0);
        return;
      }
      leaf = maxBasic; // Intel: beyond the last leaf comes the last basic one.
    }
    set(r, 0, 0, 0, 0);
    features(leaf, subleaf, r);
    if ((leaf & EXTENDED) != 0) {
      extended(leaf, subleaf, r);
    } else {
      basic(leaf, subleaf, r);
    }
    if (core.v.virtualization != null) {
      core.v.virtualization.cpuid(leaf, subleaf, r);
    }
  }

  private static void set(int[] r, int a, int b, int c, int d) {
    r[0] = a;
    r[1] = b;
    r[2] = c;
    r[3] = d;
  }

  /** Feature bits by leaf and subleaf, so that an answer needs no look at names. */
  private static Map<Long, int[]> featureBits(CpuModel model) {
    Map<Long, int[]> all = new HashMap<>();
    for (FeaturePlaces.Place place : FeaturePlaces.places().values()) {
      if (model.has(place.name())) {
        int[] r = all.computeIfAbsent(key(place.leaf(), place.subleaf()), k -> new int[4]);
        r[place.register()] |= 1 << place.bit();
      }
    }
    return all;
  }

  private static long key(int leaf, int subleaf) {
    return (long) leaf << 32 | subleaf & 0xFFFF_FFFFL;
  }

  private void features(int leaf, int subleaf, int[] r) {
    boolean hasSubleaves = leaf == 7 || leaf == 0xD;
    int[] bits = features.get(key(leaf, hasSubleaves ? subleaf : 0));
    if (bits != null) {
      set(r, bits[0], bits[1], bits[2], bits[3]);
    }
  }

  private int apicId() {
    return core.v.apic == null ? core.v.index : core.v.apic.id();
  }

  private void basic(int leaf, int subleaf, int[] r) {
    switch (leaf) {
      case 0 -> vendor(r, msrs.cpuidLimited() ? 2 : maxBasic);
      case 1 -> identity(r);
      case 2 -> {
        if (!model.isAmd()) {
          set(r, 0x00FE_FF01, 0, 0, 0); // caches and TLBs: see leaves 4 and 18h
        }
      }
      case 4 -> {
        if (!model.isAmd()) {
          cache(subleaf, r);
        }
      }
      case 5 -> {
        if (model.has("MONITOR")) {
          set(r, LINE, LINE, 3, model.isAmd() ? 0x11 : 0x20);
        }
      }
      case 7 -> {
        if (subleaf == 0) {
          r[0] = 1;
          if ((core.get(State.CR4) & ControlRegisters.PKE) != 0) {
            r[2] |= 1 << 4;
          }
        }
      }
      case 0xB -> topology(subleaf, r);
      case 0xD -> xsave.answer(subleaf, r);
      case 0x15 -> {
        if (!model.isAmd()) {
          set(r, 1, 1, (int) model.tscHertz(), 0);
        }
      }
      case 0x16 -> {
        if (!model.isAmd()) {
          int mhz = (int) (model.tscHertz() / 1_000_000);
          set(r, mhz, mhz, 100, 0);
        }
      }
      case 0x1F -> {
        if (!model.isAmd()) {
          topology(subleaf, r);
        }
      }
      default -> {}
    }
  }

  private void vendor(int[] r, int max) {
    byte[] name = model.vendor().getBytes(StandardCharsets.US_ASCII);
    set(r, max, word(name, 0), word(name, 8), word(name, 4));
  }

  private static int word(byte[] bytes, int at) {
    return bytes[at] & 0xFF
        | (bytes[at + 1] & 0xFF) << 8
        | (bytes[at + 2] & 0xFF) << 16
        | (bytes[at + 3] & 0xFF) << 24;
  }

  private void identity(int[] r) {
    int count = model.cpuCount();
    r[0] = model.signature();
    r[1] = (LINE / 8) << 8 | (apicId() & 0xFF) << 24 | Math.min(count, 255) << 16;
    if ((core.get(State.CR4) & ControlRegisters.OSXSAVE) != 0) {
      r[2] |= 1 << 27;
    }
    if (core.v.virtualization == null) {
      r[2] &= ~(1 << 5); // VMX
    }
    if (count > 1) {
      r[3] |= 1 << 28;
    }
    if (core.v.apic != null && (core.v.apic.base() & 1 << 11) == 0) {
      r[3] &= ~(1 << 9);
    }
    if (!msrs.monitorEnabled()) {
      r[2] &= ~(1 << 3);
    }
  }

  /** Number of bits that tell the cores of the package apart. */
  private int coreBits() {
    return 32 - Integer.numberOfLeadingZeros(model.cpuCount() - 1);
  }

  /** Leaves 0Bh and 1Fh: one thread a core, all cores in one package. */
  private void topology(int subleaf, int[] r) {
    switch (subleaf) {
      case 0 -> set(r, 0, 1, 1 << 8, apicId());
      case 1 -> set(r, coreBits(), model.cpuCount(), 2 << 8 | 1, apicId());
      default -> set(r, 0, 0, subleaf & 0xFF, apicId());
    }
  }

  /** Leaf 4: deterministic cache parameters. */
  private void cache(int subleaf, int[] r) {
    CacheLevels.Level level = CacheLevels.level(model, subleaf);
    if (level == null) {
      return;
    }
    int sharing = level.shared() ? (1 << coreBits()) - 1 : 0;
    r[0] =
        level.type()
            | level.number() << 5
            | 1 << 8
            | sharing << 14
            | (Math.min((1 << coreBits()) - 1, 63)) << 26;
    r[1] = LINE - 1 | (level.ways() - 1) << 22;
    r[2] = level.sets(LINE) - 1;
    r[3] = 0;
  }

  private void extended(int leaf, int subleaf, int[] r) {
    switch (leaf) {
      case 0x8000_0000 -> {
        if (model.isAmd()) {
          vendor(r, maxExtended);
        } else {
          r[0] = maxExtended;
        }
      }
      case 0x8000_0001 -> extendedIdentity(r);
      case 0x8000_0002, 0x8000_0003, 0x8000_0004 -> {
        int at = (leaf - 0x8000_0002) * 16;
        set(r, word(brand, at), word(brand, at + 4), word(brand, at + 8), word(brand, at + 12));
      }
      case 0x8000_0005 -> {
        if (model.isAmd()) {
          int l1 = model.cacheKib("l1") << 24 | 8 << 16 | 1 << 8 | LINE;
          set(r, 0xFF40_FF40, 0xFF40_FF40, l1, l1);
        }
      }
      case 0x8000_0006 -> secondLevel(r);
      case 0x8000_0008 -> addressSizes(r);
      case 0x8000_001D -> {
        if (model.has("TOPOEXT")) {
          cache(subleaf, r);
          r[0] &= 0x03FF_FFFF;
        }
      }
      case 0x8000_001E -> {
        if (model.has("TOPOEXT")) {
          set(r, apicId(), core.v.index & 0xFF, 0, 0);
        }
      }
      default -> {}
    }
  }

  private void extendedIdentity(int[] r) {
    if (msrs.noExecuteDisabled()) {
      r[3] &= ~(1 << 20);
    }
    if (core.v.virtualization == null) {
      r[2] &= ~(1 << 2); // SVM
    }
    if (!model.isAmd()) {
      if (!State.mode64(core.state)) {
        r[3] &= ~(1 << 11); // Intel: SYSCALL is there in 64-bit mode only.
      }
      return;
    }
    r[0] = model.signature();
    if (model.cpuCount() > 1) {
      r[2] |= 1 << 1;
    }
    int[] first = new int[4];
    features(1, 0, first);
    r[3] |= first[3] & 0x0183_F3FF;
    if (core.v.apic != null && (core.v.apic.base() & 1 << 11) == 0) {
      r[3] &= ~(1 << 9);
    }
  }

  private void secondLevel(int[] r) {
    int kib = model.cacheKib("l2");
    if (model.isAmd()) {
      r[1] = 0x4200_4200;
      r[3] = model.cacheKib("l3") / 512 << 18 | 9 << 12 | 1 << 8 | LINE;
    }
    r[2] = kib << 16 | 6 << 12 | LINE | (model.isAmd() ? 1 << 8 : 0);
  }

  private void addressSizes(int[] r) {
    r[0] = model.physicalBits() | (model.has("LA57") ? 57 : 48) << 8;
    if (model.isAmd()) {
      r[2] = coreBits() << 12 | model.cpuCount() - 1;
    } else {
      r[1] &= 1 << 9;
    }
  }
}
