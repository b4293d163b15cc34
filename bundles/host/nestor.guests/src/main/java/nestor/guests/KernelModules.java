// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.tukaani.xz.XZInputStream;

/**
 * The modules of a kernel that a guest may want to load: hypervisor, disks, network, with those
 * they depend on, and the {@code modules.dep} that modprobe reads (modules.dep(5)).
 */
final class KernelModules {
  /**
   * Names as modprobe takes them, and what they depend on in Linux 6.1, so that one pass over the
   * package is mostly enough. Those that a kernel flavour lacks are left out.
   */
  private static final Set<String> WANTED =
      Set.of(
          ("kvm kvm_amd kvm_intel irqbypass ccp rng_core msr cpuid"
                  + " virtio virtio_ring virtio_pci virtio_pci_legacy_dev virtio_pci_modern_dev"
                  + " virtio_mmio virtio_blk virtio_net net_failover failover virtio_console"
                  + " virtio_rng libata ata_piix ata_generic ahci libahci scsi_mod scsi_common"
                  + " sd_mod t10_pi crc64 crc64_rocksoft crc64_rocksoft_generic crc_t10dif"
                  + " crct10dif_common crct10dif_generic cdrom sr_mod isofs")
              .split(" "));

  private static final Pattern MODULE =
      Pattern.compile("(usr/)?lib/modules/[^/]+/kernel/(.+/)?(?<name>[^/]+)\\.ko(\\.xz)?");
  private static final String DEPENDS = "depends=";

  private final String release;

  /** Content by name. */
  private final SortedMap<String, byte[]> modules = new TreeMap<>();

  /** Path below the release's folder, by name. */
  private final SortedMap<String, String> paths = new TreeMap<>();

  private KernelModules(String release) {
    this.release = release;
  }

  static KernelModules none() {
    return new KernelModules("");
  }

  /** Whether a first pass over a package should read this file. */
  static boolean isWanted(String path) {
    return WANTED.contains(nameOf(path));
  }

  /** Completes what a first pass found, by further passes if anything needed is missing. */
  static KernelModules of(PackageFiles files, SortedMap<String, byte[]> found, String release)
      throws GuestException {
    KernelModules result = new KernelModules(release);
    Set<String> tried = new HashSet<>(WANTED);
    result.add(found);
    while (true) {
      Set<String> missing = result.dependencies();
      missing.removeAll(tried);
      if (missing.isEmpty()) {
        return result;
      }
      tried.addAll(missing);
      result.add(files.matching(path -> missing.contains(nameOf(path))));
    }
  }

  private void add(SortedMap<String, byte[]> found) throws GuestException {
    for (Map.Entry<String, byte[]> file : found.entrySet()) {
      String name = nameOf(file.getKey());
      if (name.isEmpty()) {
        continue;
      }
      String path = file.getKey().substring(file.getKey().indexOf("/kernel/") + 1);
      modules.put(name, path.endsWith(".xz") ? unpack(path, file.getValue()) : file.getValue());
      paths.put(name, path.replaceAll("\\.xz$", ""));
    }
  }

  private Set<String> dependencies() {
    Set<String> all = new HashSet<>();
    modules.values().forEach(module -> all.addAll(dependenciesOf(module)));
    return all;
  }

  void addTo(CpioArchive archive) {
    if (modules.isEmpty()) {
      return;
    }
    String root = "lib/modules/" + release + "/";
    StringBuilder dependencies = new StringBuilder();
    for (Map.Entry<String, byte[]> module : modules.entrySet()) {
      archive.addFile(root + paths.get(module.getKey()), 0x1A4, module.getValue());
      dependencies.append(paths.get(module.getKey())).append(':');
      for (String needed : closure(module.getKey())) {
        dependencies.append(' ').append(paths.get(needed));
      }
      dependencies.append('\n');
    }
    archive.addFile(
        root + "modules.dep", 0x1A4, dependencies.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** What must be loaded before a module, nearest first: modprobe goes through it backwards. */
  private List<String> closure(String name) {
    List<String> order = new ArrayList<>();
    collect(name, order);
    order.remove(name);
    return order.reversed();
  }

  private void collect(String name, List<String> order) {
    if (order.contains(name) || !modules.containsKey(name)) {
      return;
    }
    dependenciesOf(modules.get(name)).forEach(needed -> collect(needed, order));
    order.add(name);
  }

  /** The comma-separated list that the kernel's build left in the section .modinfo. */
  private static List<String> dependenciesOf(byte[] module) {
    String text = new String(module, StandardCharsets.ISO_8859_1);
    int at = text.indexOf("\0" + DEPENDS);
    if (at < 0) {
      return List.of();
    }
    int start = at + 1 + DEPENDS.length();
    String list = text.substring(start, text.indexOf('\0', start));
    return list.isEmpty() ? List.of() : List.of(list.replace('-', '_').split(","));
  }

  /** The module's name, in which modprobe takes dashes for underscores; empty if it is none. */
  private static String nameOf(String path) {
    var matcher = MODULE.matcher(path);
    return matcher.matches() ? matcher.group("name").replace('-', '_') : "";
  }

  private static byte[] unpack(String path, byte[] packed) throws GuestException {
    try (XZInputStream in = new XZInputStream(new ByteArrayInputStream(packed))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new GuestException(path + " cannot be unpacked: " + e.getMessage(), e);
    }
  }
}
