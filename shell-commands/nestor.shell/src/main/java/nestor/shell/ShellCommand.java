// SPDX-License-Identifier: Apache-2.0
package nestor.shell;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import org.apache.felix.service.command.CommandProcessor;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * The interactive shell: JLine's on a terminal, else the script that standard input brings.
 *
 * <p>Gogo's JLine bundle runs the shell on a thread of its own as long as the bundle is started,
 * and stops the framework at its end; this command waits for that.
 */
@Component
public final class ShellCommand implements Command {
  private static final String GOGO_JLINE = "org.apache.felix.gogo.jline";
  private static final String JLINE = "org.jline";

  private final BundleContext context;
  private final CommandProcessor processor;
  private final CountDownLatch left = new CountDownLatch(1);

  @Activate
  public ShellCommand(BundleContext context, @Reference CommandProcessor processor) {
    this.context = context;
    this.processor = processor;
  }

  @Deactivate
  void leave() {
    left.countDown();
  }

  @Override
  public String name() {
    return "shell";
  }

  @Override
  public String summary() {
    return "open the shell (what a bare ./nestor does)";
  }

  @Override
  public String help() {
    return """
        Usage: ./nestor [--hot DIR] [shell]

        Opens the shell, in which machines are created, run, looked into and changed.
        On a terminal it completes words (TAB), colours them and keeps a history in
        ~/.nestor/history; without one it reads commands from standard input.

        'help' lists the commands and 'help NAME' explains one; 'exit' or
        Ctrl-D leaves. A bundle put into the hot folder (DIR, or .nestor/hot in the
        Nestor tree) is installed at once; one taken out is removed.
        """;
  }

  @Override
  public int run(List<String> args, CommandIo io) throws Exception {
    if (!args.isEmpty()) {
      throw new CommandException(USAGE, "shell takes no arguments, found '" + args.get(0) + "'");
    }
    if (!io.isTerminal()) {
      String script = new String(io.in().readAllBytes(), StandardCharsets.UTF_8);
      return new Script(processor, io).run(script, "standard input");
    }
    // JLine looks for its terminals through the context class loader of the starting thread.
    Thread.currentThread().setContextClassLoader(loaderOf(bundle(JLINE)));
    bundle(GOGO_JLINE).start(Bundle.START_TRANSIENT);
    left.await();
    return OK;
  }

  private Bundle bundle(String symbolicName) throws BundleException {
    for (Bundle bundle : context.getBundles()) {
      if (symbolicName.equals(bundle.getSymbolicName())) {
        return bundle;
      }
    }
    throw new BundleException(symbolicName + " is not installed: features/shell.json lists it");
  }

  private static ClassLoader loaderOf(Bundle bundle) {
    return bundle.adapt(BundleWiring.class).getClassLoader();
  }
}
