// SPDX-License-Identifier: Apache-2.0
package nestor.api.device;

import org.osgi.annotation.versioning.ConsumerType;

/** Hears of a wire that changed. */
@ConsumerType
@FunctionalInterface
public interface WireListener {

  /** The wire is now high or low. */
  void changed(boolean high);
}
