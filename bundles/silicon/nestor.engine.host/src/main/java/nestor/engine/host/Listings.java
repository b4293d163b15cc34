// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.util.List;
import nestor.vcpu.CodeListing;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Shows blocks to people. */
final class Listings {
  private Listings() {}

  /** {@return the block at RIP, or null} Nothing is translated, and no access bit is set. */
  static CodeListing at(Vcpu v, BlockTable blocks) {
    long s = v.state;
    long rip = State.get(s, State.RIP);
    int mode = CodeMode.of(v);
    long linear = State.base(s, Segment.CS) + rip;
    long gpa = v.mmu.peek(CodeMode.codeSize(mode) == 64 ? rip : linear & 0xFFFF_FFFFL);
    HostBlock block = gpa < 0 ? null : blocks.find(gpa, rip, mode);
    if (block == null && gpa >= 0) {
      block = blocks.around(gpa, rip, mode);
    }
    return block == null ? null : of(block);
  }

  /** {@return the blocks with most samples} */
  static List<CodeListing> busiest(BlockTable blocks, int most) {
    return blocks.sampled().stream().limit(most).map(Listings::of).toList();
  }

  private static CodeListing of(HostBlock b) {
    CodeListing listing =
        new CodeListing(b.rip, b.gpa, CodeMode.codeSize(b.mode), b.code.clone(), b.samples);
    if (b.entry != 0) {
      listing.hostAddress = b.entry;
      listing.host = CodeCache.copy(b.entry, b.hotBytes);
      listing.coldAddress = b.coldEntry;
      listing.cold = CodeCache.copy(b.coldEntry, b.coldBytes);
    }
    return listing;
  }
}
