// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.io.ByteArrayInputStream;
import java.io.PrintStream;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The shell by Gogo, where that is installed. */
@Component(service = InnerShell.class)
public final class GogoShell implements InnerShell {
  private final CommandProcessor processor;

  /** Uses this command processor. */
  @Activate
  public GogoShell(@Reference CommandProcessor processor) {
    this.processor = processor;
  }

  @Override
  public Session open(PrintStream out) {
    CommandSession session =
        processor.createSession(new ByteArrayInputStream(new byte[0]), out, out);
    session.put("SCOPE", "nestor:*");
    return text -> {
      try {
        Object result = session.execute(text);
        if (result != null) {
          out.println(session.format(result, Converter.INSPECT));
        }
      } catch (Exception e) { // whatever a command throws, the user gets one line
        out.println(e.getMessage() == null ? e.toString() : e.getMessage());
      }
      out.flush();
    };
  }
}
