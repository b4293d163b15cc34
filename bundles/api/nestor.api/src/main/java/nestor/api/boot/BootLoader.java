// SPDX-License-Identifier: Apache-2.0
package nestor.api.boot;

import org.osgi.annotation.versioning.ProviderType;

/** Understands kernel files. Stateless; any thread may call it. */
@ProviderType
public interface BootLoader {

  /**
   * {@return the kind of this file, found by its headers} Never a flat kind: any file could be one.
   *
   * @throws BootException if no known header is there, or one that names a kind but is broken
   */
  BootKind detect(BootData kernel) throws BootException;

  /**
   * {@return what to put into memory and how to start}
   *
   * @throws BootException with one sentence naming the file, the field that failed and what to do
   */
  BootPlan plan(BootRequest request) throws BootException;
}
