// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.ArrayList;
import java.util.List;
import nestor.isa.CodeText;
import nestor.vcpu.CodeListing;
import nestor.vcpu.Engine;

/** What the engines have made of guest code, as text. On the machine's thread. */
final class EngineReport {
  private EngineReport() {}

  /** {@return guest and host code of the block that a vCPU stands at; empty if there is none} */
  static List<String> at(Pc pc, int cpu) {
    Engine engine = pc.engines[Math.max(cpu, 0)];
    CodeListing listing = engine == null ? null : engine.listing();
    return listing == null ? List.of() : text(listing);
  }

  /** {@return the same of the blocks that are sampled most} */
  static List<List<String>> busiest(Pc pc, int most) {
    List<CodeListing> all = new ArrayList<>();
    for (Engine engine : pc.engines) {
      if (engine != null) {
        all.addAll(engine.busiest(most));
      }
    }
    all.sort((a, b) -> Long.compare(b.samples, a.samples));
    return all.stream().limit(most).map(EngineReport::text).toList();
  }

  private static List<String> text(CodeListing listing) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            "block %016x, physical %x, %d-bit, %d bytes, %d samples",
            listing.rip, listing.gpa, listing.codeSize, listing.guest.length, listing.samples));
    lines.addAll(CodeText.of(listing.guest, listing.rip, listing.codeSize));
    if (listing.hostAddress == 0) {
      lines.add("not translated: all of it runs in Java");
      return lines;
    }
    lines.add(String.format("host code, %d bytes", listing.host.length));
    lines.addAll(CodeText.of(listing.host, listing.hostAddress, 64));
    lines.add(String.format("host code that seldom runs, %d bytes", listing.cold.length));
    lines.addAll(CodeText.of(listing.cold, listing.coldAddress, 64));
    return lines;
  }
}
