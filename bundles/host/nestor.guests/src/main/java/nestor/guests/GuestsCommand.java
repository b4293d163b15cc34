// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import nestor.api.command.Command;
import nestor.api.command.CommandIo;
import nestor.api.command.NearestWord;
import nestor.api.guests.GuestImage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** {@code ./nestor guests}: fetches, lists and removes guest images. */
@Component(service = Command.class)
public final class GuestsCommand implements Command {
  private static final List<Recipe> RECIPES =
      List.of(new LinuxRecipe(), new MemtestRecipe(), new NestedRecipe());
  private static final String DOWNLOADS = "downloads";
  private static final int PATIENCE_SECONDS = 120;
  private static final List<String> VERBS = List.of("list", "fetch", "path", "remove", "help");

  /** Makes the package client that a fetch uses. */
  interface AptSource {
    Apt apt(Path folder, Consumer<String> progress);
  }

  private final GuestCache cache;
  private final AptSource aptSource;

  /** The command on the user's cache folder and the system's package client. */
  @Activate
  public GuestsCommand() {
    this(GuestCache.ofUser(), GuestsCommand::systemApt);
  }

  GuestsCommand(GuestCache cache, AptSource aptSource) {
    this.cache = cache;
    this.aptSource = aptSource;
  }

  private static Apt systemApt(Path folder, Consumer<String> progress) {
    String path = System.getenv().getOrDefault("PATH", "");
    List<Path> folders =
        Stream.of(path.split(":")).filter(part -> !part.isEmpty()).map(Path::of).toList();
    Apt.Host host =
        new Apt.Host(Path.of("/etc/apt"), folders, PATIENCE_SECONDS, DiskSpace.ofHost());
    return new Apt(folder, host, progress);
  }

  @Override
  public String name() {
    return "guests";
  }

  @Override
  public String summary() {
    return "fetch, list and remove guest images";
  }

  @Override
  public String help() {
    StringBuilder text =
        new StringBuilder(
            """
            Usage: nestor guests list | fetch NAME... | path NAME | remove NAME... | help

              list           the guests that there are, and which of them were fetched
              fetch NAME...  gets guests from Debian's packages, or brings them up to date
              path NAME      prints the folder of a fetched guest
              remove NAME... deletes guests; 'downloads' stands for the kept packages

            Guests:
            """);
    for (Recipe recipe : RECIPES) {
      text.append(String.format("  %-9s %s%n", recipe.name(), recipe.summary()));
      text.append(String.format("            makes %s%n", String.join(", ", recipe.images())));
    }
    text.append(
        """

        Debian's package client (apt-get) does the fetching, as any user, with lists
        and caches of its own. The guests are kept in $NESTOR_CACHE/guests, or else in
        ~/.cache/nestor/guests.

        Example: nestor guests fetch linux && nestor run linux
        """);
    return text.toString();
  }

  @Override
  public int run(List<String> args, CommandIo io) throws IOException {
    String verb = args.isEmpty() ? "list" : args.getFirst();
    List<String> names = args.isEmpty() ? args : args.subList(1, args.size());
    try {
      return switch (verb) {
        case "list" -> names.isEmpty() ? list(io) : usage(io, "list takes no names");
        case "fetch" -> names.isEmpty() ? usage(io, "fetch what?") : fetch(names, io);
        case "path" -> names.size() != 1 ? usage(io, "path takes one name") : path(names, io);
        case "remove" -> names.isEmpty() ? usage(io, "remove what?") : remove(names, io);
        case "help", "--help", "-h" -> {
          io.out().print(help());
          yield OK;
        }
        default -> usage(io, "no such thing: " + verb + hint(verb, VERBS));
      };
    } catch (GuestException e) {
      io.err().println("nestor guests: " + e.getMessage());
      return BAD_INPUT;
    }
  }

  private static int usage(CommandIo io, String problem) {
    io.err().println("nestor guests: " + problem);
    io.err()
        .println("Usage: nestor guests list | fetch NAME... | path NAME | remove NAME... | help");
    return USAGE;
  }

  private static String hint(String word, List<String> known) {
    String nearest = NearestWord.to(word, known);
    return nearest == null ? "" : ", did you mean " + nearest + "?";
  }

  private int list(CommandIo io) throws IOException {
    io.out().printf("%-14s %-12s %s%n", "GUEST", "STATE", "MADE FROM");
    for (Recipe recipe : RECIPES) {
      for (String name : recipe.images()) {
        Optional<GuestImage> image = cache.find(name);
        io.out()
            .printf(
                "%-14s %-12s %s%n",
                name,
                image.map(GuestsCommand::state).orElse("not fetched"),
                image.map(GuestsCommand::origin).orElse(recipe.summary()));
      }
    }
    io.out().println("Kept in " + cache.root());
    return OK;
  }

  private static String state(GuestImage image) {
    String initramfs = image.facts().get("initramfs");
    return initramfs == null || initramfs.equals(Initramfs.fingerprint()) ? "ready" : "outdated";
  }

  private static String origin(GuestImage image) {
    List<String> packages = new ArrayList<>();
    for (Map.Entry<String, String> fact : image.facts().entrySet()) {
      if (fact.getKey().startsWith("package.")) {
        packages.add(fact.getKey().substring("package.".length()) + " " + fact.getValue());
      }
    }
    return String.join(", ", packages);
  }

  private int fetch(List<String> names, CommandIo io) throws GuestException {
    Set<Recipe> recipes = new LinkedHashSet<>();
    for (String name : names) {
      recipes.add(recipe(name));
    }
    return cache.locked(
        () -> {
          Files.createDirectories(cache.packageClient());
          Consumer<String> progress = line -> say(io, line);
          Apt apt = aptSource.apt(cache.packageClient(), progress);
          io.onCancel(apt::cancel);
          apt.update();
          for (Recipe recipe : recipes) {
            recipe.fetch(apt, cache, progress);
          }
          return OK;
        });
  }

  private static void say(CommandIo io, String line) {
    io.err().println(line);
    io.err().flush();
  }

  private static Recipe recipe(String name) throws GuestException {
    List<String> known = new ArrayList<>();
    for (Recipe recipe : RECIPES) {
      if (recipe.name().equals(name) || recipe.images().contains(name)) {
        return recipe;
      }
      known.add(recipe.name());
      known.addAll(recipe.images());
    }
    throw unknown(name, known);
  }

  private static GuestException unknown(String name, List<String> known) {
    String hint = hint(name, known);
    return new GuestException(
        "there is no guest "
            + name
            + (hint.isEmpty() ? "; there are " + String.join(", ", known) : hint));
  }

  private int path(List<String> names, CommandIo io) throws GuestException {
    String name = names.getFirst();
    Optional<GuestImage> image = new CachedGuests(cache).find(name);
    if (image.isEmpty()) {
      Recipe recipe = recipe(name);
      if (recipe.name().equals(name) && !name.equals("linux")) {
        throw new GuestException(
            name + " makes several guests: name one of " + String.join(", ", recipe.images()));
      }
      throw new GuestException(
          name + " was not fetched yet: run nestor guests fetch " + recipe.name());
    }
    io.out().println(cache.folder(image.get().name()));
    return OK;
  }

  private int remove(List<String> names, CommandIo io) throws GuestException {
    Set<String> images = new LinkedHashSet<>();
    for (String name : names) {
      if (name.equals(DOWNLOADS)) {
        images.add(name);
      } else {
        Recipe recipe = recipe(name);
        images.addAll(recipe.name().equals(name) ? recipe.images() : List.of(name));
      }
    }
    return cache.locked(
        () -> {
          for (String name : images) {
            if (name.equals(DOWNLOADS)) {
              GuestCache.deleteTree(cache.downloads());
              GuestCache.deleteTree(cache.packageClient());
              say(io, "downloads: removed");
            } else {
              say(io, name + (cache.remove(name) ? ": removed" : ": was not there"));
            }
          }
          return OK;
        });
  }
}
