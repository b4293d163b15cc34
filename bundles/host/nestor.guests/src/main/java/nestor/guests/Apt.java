// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import nestor.guests.WatchedProcess.Result;

/**
 * Debian's package client, run with lists, caches and state of our own.
 *
 * <p>It needs no root and touches nothing of the system: of the system's configuration it keeps the
 * proxies, keys and Debian sources. Calls block; they run on the thread of the command.
 */
final class Apt {
  private static final Pattern DEPENDS =
      Pattern.compile("(?m)^\\s*\\|?Depends: (?<name>[^<\\s]+)$");
  private static final Pattern SIZE = Pattern.compile("(?m)^Size: (?<size>\\d+)$");
  private static final Pattern DIGEST = Pattern.compile("(?m)^SHA256: (?<digest>[0-9a-f]{64})$");
  private static final Pattern VERSION = Pattern.compile("(?m)^Version: (?<version>\\S+)$");
  private static final Pattern OFFLINE =
      Pattern.compile(
          "Could not resolve|Temporary failure|Could not connect|Unable to connect"
              + "|Network is unreachable|Connection (refused|timed out|failed)");
  private static final long MEBIBYTE = 1 << 20;

  /** Space for the lists of Debian's main section, and for the client's own indexes of them. */
  private static final long LISTS_SIZE = 120 * MEBIBYTE;

  private static final long SPARE = 16 * MEBIBYTE;

  /** A package as the lists describe it. */
  record Candidate(String name, String version, long size, String sha256) {}

  /**
   * The machine that the client runs on.
   *
   * @param etcApt the system's configuration folder, normally {@code /etc/apt}
   * @param searchPath folders in which the programs are looked for
   * @param patienceSeconds how long the client may make no progress
   * @param disk says how much is free
   */
  record Host(Path etcApt, List<Path> searchPath, int patienceSeconds, DiskSpace disk) {}

  private final Path folder;
  private final Host host;
  private final Consumer<String> progress;
  private final AptConfiguration configuration;
  private final WatchedProcess process;

  /** The last update, if it failed and older lists serve; else null. */
  private Result failedUpdate;

  /**
   * A client without lists yet.
   *
   * @param folder where lists and state are kept between runs
   */
  Apt(Path folder, Host host, Consumer<String> progress) {
    this.folder = folder.toAbsolutePath();
    this.host = host;
    this.progress = progress;
    configuration = new AptConfiguration(this.folder);
    process = new WatchedProcess(host.patienceSeconds());
  }

  /** Ends a running program of the client. Called on any thread. */
  void cancel() {
    process.cancel();
  }

  /** Brings the package lists up to date; keeps the older ones if that fails and there are any. */
  void update() throws GuestException, IOException {
    program("apt-get");
    AptSources sources = AptSources.of(host.etcApt());
    if (sources.isEmpty()) {
      throw new GuestException(
          "no package sources are configured in "
              + host.etcApt()
              + " (sources.list, sources.list.d): add Debian's, then try again");
    }
    configuration.write(sources);
    if (!hasLists()) {
      host.disk().require(folder, LISTS_SIZE);
    }
    progress.accept("Reading Debian's package lists");
    Result result = run(folder, size -> {}, "apt-get", "-q", "update");
    if (!hasLists()) {
      throw failure("Debian's package lists could not be read", result);
    }
    // The client ends with 0 although it lacks some lists.
    if (result.status() != 0 || result.output().contains("Failed to fetch")) {
      failedUpdate = result;
      progress.accept("Not all package lists could be renewed: " + reason(result));
    }
  }

  /** Follows a metapackage to the one package that it depends on and whose name starts so. */
  String resolve(String name, String prefix) throws GuestException, IOException {
    Result result = query("depends", "--important", name);
    for (String dependency : dependencies(result)) {
      if (dependency.startsWith(prefix)) {
        return dependency;
      }
    }
    throw unknown(name, result);
  }

  /** The packages that {@code name} asks for, without those that it only recommends. */
  List<String> dependencies(String name) throws GuestException, IOException {
    return dependencies(query("depends", "--important", name));
  }

  private static List<String> dependencies(Result result) {
    Matcher matcher = DEPENDS.matcher(result.output());
    List<String> names = new ArrayList<>();
    while (matcher.find()) {
      names.add(matcher.group("name"));
    }
    return names;
  }

  Candidate describe(String name) throws GuestException, IOException {
    return describe(List.of(name)).getFirst();
  }

  /** Several packages by one question, in the order of their names. */
  List<Candidate> describe(List<String> names) throws GuestException, IOException {
    List<String> arguments = new ArrayList<>(List.of("--no-all-versions"));
    arguments.addAll(names);
    Result result = query("show", arguments.toArray(String[]::new));
    List<Candidate> candidates = new ArrayList<>();
    for (String name : names) {
      Matcher text =
          Pattern.compile("(?ms)^Package: " + Pattern.quote(name) + "$.*?(?=^Package: |\\z)")
              .matcher(result.output());
      Candidate candidate = text.find() ? candidate(name, text.group()) : null;
      if (candidate == null) {
        throw unknown(name, result);
      }
      candidates.add(candidate);
    }
    return candidates;
  }

  private static Candidate candidate(String name, String text) {
    Matcher size = SIZE.matcher(text);
    Matcher version = VERSION.matcher(text);
    Matcher digest = DIGEST.matcher(text);
    return size.find() && version.find() && digest.find()
        ? new Candidate(
            name,
            version.group("version"),
            Long.parseLong(size.group("size")),
            digest.group("digest"))
        : null;
  }

  private Result query(String verb, String... arguments) throws GuestException, IOException {
    List<String> words = new ArrayList<>(List.of(verb));
    words.addAll(List.of(arguments));
    return run(folder, size -> {}, "apt-cache", words.toArray(String[]::new));
  }

  /** Downloads one package into {@code target}, unless it is there whole. */
  Path download(Candidate candidate, Path target) throws GuestException, IOException {
    Path kept = find(target, candidate);
    if (kept != null) {
      progress.accept("Using the downloaded " + kept.getFileName());
      return kept;
    }
    Files.createDirectories(target);
    host.disk().require(target, candidate.size() + SPARE);
    Path staging = Files.createTempDirectory(target, ".partial-");
    try {
      progress.accept(
          String.format(
              Locale.ROOT,
              "Downloading %s %s (%.1f MiB)",
              candidate.name(),
              candidate.version(),
              candidate.size() / (double) MEBIBYTE));
      String request = candidate.name() + "=" + candidate.version();
      Result result =
          run(staging, size -> tell(size, candidate), "apt-get", "-q", "download", request);
      Path file = find(staging, candidate);
      if (result.status() != 0 || file == null) {
        throw failure(candidate.name() + " could not be downloaded", result);
      }
      return Files.move(
          file, target.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    } finally {
      GuestCache.deleteTree(staging);
    }
  }

  private void tell(long size, Candidate candidate) {
    long whole = (candidate.size() + MEBIBYTE - 1) / MEBIBYTE;
    progress.accept(
        String.format(Locale.ROOT, "  %d of %d MiB", Math.min(size / MEBIBYTE, whole), whole));
  }

  private static Path find(Path folder, Candidate candidate) throws IOException {
    if (!Files.isDirectory(folder)) {
      return null;
    }
    // apt writes the epoch's colon as %3a in file names.
    String prefix = candidate.name() + "_" + candidate.version().replace(":", "%3a") + "_";
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.startsWith(prefix)
            && name.endsWith(".deb")
            && Files.size(file) == candidate.size()
            && GuestFacts.digest(Files.readAllBytes(file)).equals(candidate.sha256())) {
          return file;
        }
      }
    }
    return null;
  }

  private boolean hasLists() throws IOException {
    try (Stream<Path> lists = Files.list(configuration.lists())) {
      return lists.anyMatch(file -> file.getFileName().toString().contains("_Packages"));
    }
  }

  private Path program(String name) throws GuestException {
    for (Path candidate : host.searchPath()) {
      if (Files.isExecutable(candidate.resolve(name))) {
        return candidate.resolve(name);
      }
    }
    throw new GuestException(
        name
            + ", Debian's package client, is not on this machine (looked in PATH). Fetch the guests"
            + " on a Debian system or in a Debian container and copy its cache folder here, or boot"
            + " your own kernel with: nestor run linux --kernel FILE --initrd FILE");
  }

  private Result run(Path where, LongConsumer tick, String name, String... arguments)
      throws GuestException, IOException {
    List<String> command = new ArrayList<>();
    command.add(program(name).toString());
    command.add("-c");
    command.add(configuration.file().toString());
    command.addAll(List.of(arguments));
    return process.run(where, where, tick, command);
  }

  private GuestException unknown(String name, Result result) {
    return failure(
        "the configured package sources do not offer " + name,
        failedUpdate == null ? result : failedUpdate);
  }

  private GuestException failure(String what, Result result) {
    return new GuestException(what + ": " + reason(result));
  }

  private String reason(Result result) {
    String output = result.output();
    if (Failures.isDiskFull(output) || (result.stalled() && host.disk().isFull(folder))) {
      return "the disk that holds " + folder + " is full";
    }
    if (OFFLINE.matcher(output).find()) {
      return "this machine is offline or cannot reach its configured package sources";
    }
    if (result.stalled()) {
      return "the package client made no progress for " + host.patienceSeconds() + " seconds";
    }
    return output
        .lines()
        .filter(line -> line.startsWith("E:") || line.startsWith("W:"))
        .map(line -> line.substring(2).strip())
        .findFirst()
        .orElse("exit status " + result.status());
  }
}
