// SPDX-License-Identifier: Apache-2.0
package nestor.launcher;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.NearestWord;
import org.apache.felix.framework.Felix;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.util.tracker.ServiceTracker;

/**
 * A running OSGi framework with everything that some features list.
 *
 * <p>{@link #start} returns when every bundle is active; a bundle that cannot start is an error.
 * Safe for any thread.
 */
public final class NestorFramework implements AutoCloseable {
  private static final int FINAL_START_LEVEL = 10;
  private static final long STOP_MILLIS = 10_000;

  /** How long a command may take to appear after all bundles are active: components are lazy. */
  private static final long COMMAND_MILLIS = 500;

  private final Framework framework;
  private final TemporaryFolder cache;
  private final List<String> failures = new CopyOnWriteArrayList<>();

  private NestorFramework(Framework framework, TemporaryFolder cache) {
    this.framework = framework;
    this.cache = cache;
  }

  /**
   * Starts a framework.
   *
   * @throws IOException if a feature or a bundle is missing or broken; the text says which
   * @throws BundleException if the framework itself or a bundle does not start
   */
  public static NestorFramework start(LaunchOptions options) throws IOException, BundleException {
    TemporaryFolder cache = TemporaryFolder.create("nestor-");
    SharedPackages shared = SharedPackages.ofClassPath();
    Map<String, Object> configuration = new HashMap<>(options.properties());
    configuration.put(Constants.FRAMEWORK_STORAGE, cache.path().resolve("bundles").toString());
    configuration.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, shared.exports());
    // The JDK writes calls of its own into event classes of JFR; no bundle could import them.
    configuration.put(Constants.FRAMEWORK_BOOTDELEGATION, "jdk.jfr.internal.event");
    configuration.put(
        Constants.FRAMEWORK_BEGINNING_STARTLEVEL, Integer.toString(FINAL_START_LEVEL));
    configuration.put("felix.cache.locking", "false"); // the folder is ours alone
    configuration.put("felix.log.logger", new FrameworkLog(System.err));
    configuration.put("felix.fileinstall.tmpdir", cache.path().resolve("hot").toString());
    configuration.put("gosh.home", options.home().resolve("runtime").toString());
    // A component that nobody uses for a moment must not forget what it knows.
    configuration.put("ds.delayed.keepInstances", "true");
    configuration.put("org.apache.felix.eventadmin.ThreadPoolSize", "4"); // 20, all at the start
    configuration.put("org.apache.felix.eventadmin.LogLevel", "1"); // no word about being stopped
    configuration.put("nestor.home", options.home().toString());

    // The constructor takes strings only by convention: the logger has to be passed as an object.
    Framework framework = new Felix(configuration);
    NestorFramework started = new NestorFramework(framework, cache);
    try {
      started.startAll(options, shared);
      return started;
    } catch (IOException | BundleException | RuntimeException e) {
      started.close();
      throw e;
    }
  }

  private void startAll(LaunchOptions options, SharedPackages shared)
      throws IOException, BundleException {
    framework.init();
    BundleContext context = framework.getBundleContext();
    context.addFrameworkListener(this::note);
    BundleRepository repository = new BundleRepository(options.home());
    String version = Version.ofTree();
    for (String name : options.features()) {
      for (Feature.Entry entry : Feature.read(options.home(), name, version).bundles()) {
        if (!shared.bundles().contains(entry.artifact())) {
          install(context, repository.find(entry.id()), entry.startLevel());
        }
      }
    }
    framework.start();
    if (!failures.isEmpty()) {
      throw new BundleException(String.join("\n", failures));
    }
  }

  private static void install(BundleContext context, Path jar, int startLevel)
      throws BundleException {
    Bundle bundle = context.installBundle("reference:" + jar.toUri());
    if (startLevel > 0) {
      bundle.adapt(BundleStartLevel.class).setStartLevel(startLevel);
      bundle.start(Bundle.START_ACTIVATION_POLICY);
    }
  }

  private void note(FrameworkEvent event) {
    if (event.getType() == FrameworkEvent.ERROR) {
      failures.add(
          event.getBundle().getSymbolicName() + ": " + Main.describe(event.getThrowable()));
    }
  }

  /** {@return the context of the system bundle} */
  public BundleContext context() {
    return framework.getBundleContext();
  }

  /**
   * {@return the service of this type, of the highest ranking if there are several}
   *
   * @param filter an LDAP filter, or null for any
   * @param millis how long to wait for it
   * @throws IllegalStateException if none came in time
   */
  public <T> T await(Class<T> type, String filter, long millis) throws InterruptedException {
    String typeFilter = "(" + Constants.OBJECTCLASS + "=" + type.getName() + ")";
    String both = filter == null ? typeFilter : "(&" + typeFilter + filter + ")";
    try {
      ServiceTracker<T, T> tracker =
          new ServiceTracker<>(context(), context().createFilter(both), null);
      tracker.open(true);
      try {
        if (tracker.waitForService(millis) == null) {
          throw new IllegalStateException("no service " + both + " after " + millis + " ms");
        }
        // A use of our own: the tracker's ends with it, and a service made per bundle goes then.
        return context().getService(tracker.getServiceReference());
      } finally {
        tracker.close();
      }
    } catch (InvalidSyntaxException e) {
      throw new IllegalArgumentException("not a filter: " + both, e);
    }
  }

  /**
   * {@return the command of this name}
   *
   * @throws CommandException if there is none; the text suggests another
   */
  public Command command(String name) throws CommandException, InterruptedException {
    long giveUp = System.currentTimeMillis() + COMMAND_MILLIS;
    Map<String, Command> commands = commands();
    while (!commands.containsKey(name) && System.currentTimeMillis() < giveUp) {
      Thread.sleep(20);
      commands = commands();
    }
    Command command = commands.get(name);
    if (command == null) {
      throw new CommandException(Command.USAGE, unknown(name, commands.keySet()));
    }
    return command;
  }

  private static String unknown(String name, Collection<String> known) {
    List<String> words = new ArrayList<>(known);
    words.add("test"); // these two are the start script's own
    words.add("check");
    String nearest = NearestWord.to(name, words);
    return "there is no command '"
        + name
        + "'"
        + (nearest == null ? "" : "; did you mean '" + nearest + "'?")
        + "\nCommands: "
        + String.join(", ", known)
        + ". './nestor help' explains them.";
  }

  private Map<String, Command> commands() {
    Map<String, Command> found = new TreeMap<>();
    try {
      for (ServiceReference<Command> reference :
          context().getServiceReferences(Command.class, null)) {
        Command command = context().getService(reference);
        if (command != null) {
          found.put(command.name(), command);
        }
      }
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException(e); // there is no filter that could be wrong
    }
    return found;
  }

  /** Stops every bundle and removes what the framework stored. Does nothing the second time. */
  @Override
  public void close() {
    try {
      framework.stop();
      framework.waitForStop(STOP_MILLIS);
    } catch (BundleException e) {
      throw new IllegalStateException("the framework does not stop", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      cache.delete();
    }
  }
}
