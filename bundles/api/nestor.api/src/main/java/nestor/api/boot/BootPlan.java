// SPDX-License-Identifier: Apache-2.0
package nestor.api.boot;

import java.util.List;

/**
 * What to put into guest memory and how to start the first vCPU.
 *
 * @param segments in ascending order of address, none overlapping, all inside RAM
 */
public record BootPlan(BootKind kind, List<LoadSegment> segments, CpuStart start) {

  public BootPlan {
    segments = List.copyOf(segments);
  }
}
