// SPDX-License-Identifier: Apache-2.0
package nestor.shell;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.felix.service.command.Descriptor;
import org.osgi.service.component.annotations.Component;

/** The few general words that scripts need and that Gogo offers only on a terminal. */
@Component(
    service = ScriptWords.class,
    property = {"osgi.command.scope=script", "osgi.command.function=echo"})
public final class ScriptWords {

  /** Prints its arguments. */
  @Descriptor("print the arguments")
  public String echo(Object... words) {
    return Arrays.stream(words).map(String::valueOf).collect(Collectors.joining(" "));
  }
}
