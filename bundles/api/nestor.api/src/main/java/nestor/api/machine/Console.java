// SPDX-License-Identifier: Apache-2.0
package nestor.api.machine;

import java.io.OutputStream;
import org.osgi.annotation.versioning.ProviderType;

/** The outer end of a device's character stream. Any thread may call it. */
@ProviderType
public interface Console {

  /** {@return name of the device that owns the stream} */
  String device();

  /** {@return where the profile leads it, such as {@code terminal} or {@code tcp 7001}} */
  String destination();

  /** {@return whether the profile leads it to the terminal} */
  boolean isTerminal();

  /** {@return the last bytes that the guest sent, at most 64 KiB} */
  byte[] recent();

  /** Types: the bytes enter the guest at the next point where the machine takes input. */
  void type(byte[] bytes);

  /**
   * Copies all that the guest sends from now on to a stream, each byte once and in order, on a
   * thread of its own. A stream that fails is let go.
   *
   * @param replay whether to begin with {@link #recent}
   * @param live whether a person sits there: an idle machine then waits on the wall clock
   * @return to be closed by whoever no longer wants it; waits until all was written
   */
  Connection connect(OutputStream out, boolean replay, boolean live);

  /** A stream that gets what the guest sends. */
  interface Connection extends AutoCloseable {
    /** Writes what is left and lets the stream go, without closing it. */
    @Override
    void close();
  }
}
