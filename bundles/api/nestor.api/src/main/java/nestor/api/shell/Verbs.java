// SPDX-License-Identifier: Apache-2.0
package nestor.api.shell;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * The shell commands that a bundle offers: a service of this type puts them into the scope {@code
 * nestor}, with help, completion and {@code --help}.
 */
@ConsumerType
public interface Verbs {

  /** {@return the commands; asked for once, when the service appears} */
  List<Verb> verbs();
}
