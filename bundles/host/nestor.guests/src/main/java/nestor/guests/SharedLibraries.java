// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds the shared libraries that a program needs, in the packages that its package depends on.
 *
 * <p>Which ones is read from the files themselves: the names that the program and its libraries ask
 * the dynamic loader for, and the names that libraries bear.
 */
final class SharedLibraries {
  private static final String FILES = "(usr/)?lib(64)?/(x86_64-linux-gnu/)?[^/]+\\.so[^/]*";

  /** How packages of libraries are named (Debian policy manual, "Shared libraries"). */
  private static final String PACKAGES = "(lib|zlib).*";

  private final Apt apt;
  private final GuestCache cache;
  private final SortedMap<String, String> origin;

  /** A library of a package. */
  @SuppressWarnings("ArrayRecordComponent") // offers are never compared
  private record Offer(Apt.Candidate by, byte[] content) {}

  /** Those that some package has, by name. */
  private final Map<String, Offer> offers = new TreeMap<>();

  private final SortedMap<String, byte[]> found = new TreeMap<>();
  private final SortedSet<String> missing = new TreeSet<>();
  private final Set<String> seen = new HashSet<>();
  private final Deque<String> packages = new ArrayDeque<>();

  /**
   * Starts with none.
   *
   * @param origin takes the versions of the packages that were used
   */
  SharedLibraries(Apt apt, GuestCache cache, SortedMap<String, String> origin) {
    this.apt = apt;
    this.cache = cache;
    this.origin = origin;
  }

  /**
   * The libraries that {@code program} of a package needs, by name, with those that they need.
   *
   * @throws GuestException if one is in no package
   */
  SortedMap<String, byte[]> of(String name, byte[] program) throws GuestException, IOException {
    ElfFile elf = ElfFile.read(program);
    missing.addAll(elf.needed());
    enqueue(name);
    while (!missing.isEmpty()) {
      if (packages.isEmpty()) {
        throw new GuestException(
            "no package that " + name + " depends on has " + String.join(", ", missing));
      }
      look(packages.remove());
    }
    return found;
  }

  private void enqueue(String name) throws GuestException, IOException {
    for (String dependency : apt.dependencies(name)) {
      if (dependency.matches(PACKAGES) && seen.add(dependency)) {
        packages.add(dependency);
      }
    }
  }

  private void look(String name) throws GuestException, IOException {
    Apt.Candidate candidate = apt.describe(name);
    PackageFiles files = new PackageFiles(apt.download(candidate, cache.downloads()));
    for (byte[] content : files.matching(FILES).values()) {
      if (ElfFile.isElf(content)) {
        String soname = ElfFile.read(content).soname();
        if (soname != null) {
          offers.putIfAbsent(soname, new Offer(candidate, content));
        }
      }
    }
    settle();
  }

  /** Takes what is missing and offered, and what that needs in turn. */
  private void settle() throws GuestException, IOException {
    Set<String> settled = new TreeSet<>(missing);
    settled.retainAll(offers.keySet());
    while (!settled.isEmpty()) {
      for (String soname : settled) {
        Offer offer = offers.get(soname);
        found.put(soname, offer.content());
        missing.addAll(ElfFile.read(offer.content()).needed());
        if (origin.put("package." + offer.by().name(), offer.by().version()) == null) {
          enqueue(offer.by().name());
        }
      }
      missing.removeAll(found.keySet());
      settled = new TreeSet<>(missing);
      settled.retainAll(offers.keySet());
    }
  }
}
