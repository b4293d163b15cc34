// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import nestor.isa.FeaturePlaces;
import nestor.isa.Isa;
import nestor.isa.Row;
import nestor.vcpu.SystemUnitFactory.CpuRequest;

/** A CPU model with the profile's changes: what it offers, and the numbers that CPUID tells. */
final class CpuModel {
  private final CpuRequest request;
  private final Set<String> features = new TreeSet<>();
  private final Properties file;

  /** Asked at each VM entry, so computed once. */
  private final int physicalBits;

  private final long cr4Bits;
  private final long eferBits;

  CpuModel(CpuRequest request) {
    this.request = request;
    file = ModelFiles.load(request.model());
    for (String name : text("features").strip().split("\\s+", -1)) {
      features.add(known(name));
    }
    if (request.model().endsWith(ModelFiles.AFFECTED)) {
      features.removeIf(name -> name.endsWith("_NO") || name.equals("ARCH_CAPABILITIES"));
    }
    for (String change : request.changes()) {
      apply(change.strip());
    }
    physicalBits = number("physicalBits");
    cr4Bits = offeredCr4();
    eferBits = offeredEfer();
  }

  private void apply(String change) {
    char sign = change.isEmpty() ? ' ' : change.charAt(0);
    if (sign != '+' && sign != '-') {
      throw new IllegalArgumentException("a feature change starts with + or -: '" + change + "'");
    }
    String name = known(change.substring(1).toUpperCase(Locale.ROOT));
    if (sign == '+') {
      add(name);
    } else {
      remove(name);
    }
  }

  /** Adds a feature with all that it cannot be without. */
  private void add(String name) {
    if (features.add(name)) {
      FeatureTable.requirements(name).forEach(this::add);
    }
  }

  /** Removes a feature with all that cannot be without it. */
  private void remove(String name) {
    features.remove(name);
    for (String other : List.copyOf(features)) {
      if (features.contains(other) && FeatureTable.requirements(other).contains(name)) {
        remove(other);
      }
    }
  }

  private static String known(String name) {
    Map<String, FeaturePlaces.Place> places = FeaturePlaces.places();
    if (!places.containsKey(name)) {
      throw new IllegalArgumentException(
          "unknown CPU feature "
              + name
              + "; did you mean "
              + ModelFiles.nearest(name, places.keySet())
              + "?");
    }
    return name;
  }

  private String text(String key) {
    String value = file.getProperty(key);
    if (value == null) {
      throw new IllegalArgumentException("CPU model " + request.model() + " lacks " + key);
    }
    return value;
  }

  private int number(String key) {
    return Integer.decode(text(key).strip());
  }

  boolean has(String feature) {
    return features.contains(feature);
  }

  Set<String> features() {
    return features;
  }

  boolean isAmd() {
    return vendor().equals("AuthenticAMD");
  }

  String vendor() {
    return text("vendor").strip();
  }

  String brand() {
    return text("brand").strip();
  }

  /** {@return CPUID.1:EAX} */
  int signature() {
    int family = number("family");
    int model = number("model");
    int base = Math.min(family, 15);
    return (family - base) << 20
        | (model >> 4) << 16
        | base << 8
        | (model & 15) << 4
        | number("stepping");
  }

  int family() {
    return number("family");
  }

  int physicalBits() {
    return physicalBits;
  }

  /** {@return number of bits that the widest canonical address loses on the left} */
  int linearShift() {
    return has("LA57") ? 7 : 16;
  }

  int cacheKib(String level) {
    return number("cache." + level);
  }

  int cpuCount() {
    return request.cpuCount();
  }

  long tscHertz() {
    return request.tscHertz();
  }

  long seed() {
    return request.seed();
  }

  /** {@return for each row of the instruction table whether this model offers it} */
  boolean[] offered() {
    List<Row> rows = Isa.rows();
    boolean[] offered = new boolean[rows.size()];
    for (Row row : rows) {
      offered[row.index] =
          row.feature.equals("-")
              || Arrays.stream(row.feature.split("\\+", -1)).allMatch(features::contains);
    }
    return offered;
  }

  private long bit(String feature, long bit) {
    return has(feature) ? bit : 0;
  }

  /** {@return the bits of CR4 that may be set} */
  long cr4Bits() {
    return cr4Bits;
  }

  private long offeredCr4() {
    return bit("VME", ControlRegisters.VME | ControlRegisters.PVI)
        | bit("TSC", ControlRegisters.TSD)
        | bit("DE", ControlRegisters.DE)
        | bit("PSE", ControlRegisters.PSE)
        | bit("PAE", ControlRegisters.PAE)
        | bit("MCE", 1 << 6)
        | bit("PGE", ControlRegisters.PGE)
        | ControlRegisters.PCE
        | bit("FXSR", 1 << 9)
        | bit("SSE", 1 << 10)
        | bit("UMIP", ControlRegisters.UMIP)
        | bit("LA57", ControlRegisters.LA57)
        | bit("VMX", ControlRegisters.VMXE)
        | bit("FSGSBASE", ControlRegisters.FSGSBASE)
        | bit("PCID", ControlRegisters.PCIDE)
        | bit("XSAVE", ControlRegisters.OSXSAVE)
        | bit("SMEP", ControlRegisters.SMEP)
        | bit("SMAP", ControlRegisters.SMAP)
        | bit("PKU", ControlRegisters.PKE);
  }

  /** {@return the bits of EFER that may be set, LMA apart} */
  long eferBits() {
    return eferBits;
  }

  private long offeredEfer() {
    return bit("SYSCALL", ControlRegisters.EFER_SCE)
        | bit("LM", ControlRegisters.EFER_LME)
        | bit("NX", ControlRegisters.EFER_NXE)
        | bit("SVM", 1 << 12)
        | bit("FFXSR", 1 << 14)
        | bit("AUTO_IBRS", 1 << 21);
  }

  /** {@return the bits of XCR0 that may be set} */
  long xcr0Bits() {
    return has("XSAVE") ? 3 | bit("AVX", 4) | bit("AVX512F", 0xE0) | bit("PKU", 0x200) : 0;
  }
}
