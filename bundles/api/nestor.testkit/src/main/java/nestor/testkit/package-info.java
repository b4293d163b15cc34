// SPDX-License-Identifier: Apache-2.0
/**
 * Fakes for tests of devices: a bench with a clock turned by hand, wires to look at and memory.
 *
 * <p>A test makes one {@link nestor.testkit.DeviceBench}, seats the device with {@code attach} and
 * then drives it as a guest would, by offset and size:
 *
 * {@snippet :
 * DeviceBench bench = new DeviceBench();
 * PmTimer timer = bench.attach(new PmTimer(Configs.of(PmTimer.Config.class, "width", 24)));
 * bench.advanceNanos(1_000_000_000);
 * assertThat(timer.read(0, 4)).isEqualTo(3_579_545);
 * }
 *
 * <p>Everything runs on the test's own thread.
 */
@Export
@Version("1.0.0")
package nestor.testkit;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
