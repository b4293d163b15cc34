// SPDX-License-Identifier: Apache-2.0
package nestor.api.device;

import org.osgi.annotation.versioning.ConsumerType;

/** A part of a machine that guests can see. */
@ConsumerType
public interface Device {

  /**
   * Puts the device into a machine, in its power-on state. Called once, at a safepoint.
   *
   * @param context all that the device may touch; valid until {@link #detach} returns
   */
  void attach(DeviceContext context);

  /** Takes the device out. When this returns nobody calls it any more and its timers are gone. */
  void detach();

  /** Puts the device into its power-on state: the machine was reset. */
  void reset();
}
