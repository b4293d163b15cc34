// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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
  private static final long MEBIBYTE = 1 << 20;
  private static final int PROGRESS_SECONDS = 5;

  /** A package as the lists describe it. */
  record Candidate(String name, String version, long size, String sha256) {}

  private record Result(int status, String output) {}

  private final Path folder;
  private final Path etcApt;
  private final List<Path> searchPath;
  private final Consumer<String> progress;

  /**
   * @param folder where lists and state are kept between runs
   * @param etcApt the system's configuration folder, normally {@code /etc/apt}
   * @param searchPath folders in which the programs are looked for
   */
  Apt(Path folder, Path etcApt, List<Path> searchPath, Consumer<String> progress) {
    this.folder = folder.toAbsolutePath();
    this.etcApt = etcApt;
    this.searchPath = searchPath;
    this.progress = progress;
  }

  /** Brings the package lists up to date; keeps the older ones if that fails and there are any. */
  void update() throws GuestException, IOException {
    Path program = program("apt-get");
    configure();
    progress.accept("Reading Debian's package lists");
    Result result = run(folder, program.toString(), "-c", config(), "-q", "update");
    if (hasLists()) {
      if (result.status() != 0) {
        progress.accept("The package lists could not be renewed; using the older ones");
      }
      return;
    }
    throw failure("Debian's package lists could not be read", result);
  }

  /** Follows a metapackage to the one package that it depends on and whose name starts so. */
  String resolve(String name, String prefix) throws GuestException, IOException {
    Result result =
        run(
            folder,
            program("apt-cache").toString(),
            "-c",
            config(),
            "depends",
            "--important",
            name);
    Matcher matcher = DEPENDS.matcher(result.output());
    while (matcher.find()) {
      if (matcher.group("name").startsWith(prefix)) {
        return matcher.group("name");
      }
    }
    throw failure("the configured package sources do not offer " + name, result);
  }

  Candidate describe(String name) throws GuestException, IOException {
    Result result =
        run(
            folder,
            program("apt-cache").toString(),
            "-c",
            config(),
            "show",
            "--no-all-versions",
            name);
    Matcher size = SIZE.matcher(result.output());
    Matcher version = VERSION.matcher(result.output());
    Matcher digest = DIGEST.matcher(result.output());
    if (!size.find() || !version.find() || !digest.find()) {
      throw failure("the configured package sources do not offer " + name, result);
    }
    return new Candidate(
        name, version.group("version"), Long.parseLong(size.group("size")), digest.group("digest"));
  }

  /** Downloads one package into {@code target}, unless it is there whole. */
  Path download(Candidate candidate, Path target) throws GuestException, IOException {
    Path kept = find(target, candidate);
    if (kept != null) {
      progress.accept("Using the downloaded " + kept.getFileName());
      return kept;
    }
    Files.createDirectories(target);
    Path staging = Files.createTempDirectory(target, ".partial-");
    try {
      progress.accept(
          String.format(
              Locale.ROOT,
              "Downloading %s %s (%.1f MiB)",
              candidate.name(),
              candidate.version(),
              candidate.size() / (double) MEBIBYTE));
      Result result = runWatched(staging, candidate);
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

  private Result runWatched(Path staging, Candidate candidate) throws GuestException, IOException {
    return run(
        staging,
        elapsed -> {
          long sum = sizeOf(staging);
          if (sum > 0) {
            progress.accept(
                String.format(
                    Locale.ROOT,
                    "  %d of %d MiB",
                    sum / MEBIBYTE,
                    (candidate.size() + MEBIBYTE - 1) / MEBIBYTE));
          }
        },
        program("apt-get").toString(),
        "-c",
        config(),
        "-q",
        "download",
        candidate.name() + "=" + candidate.version());
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

  private static long sizeOf(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      return 0; // only for a progress line
    }
  }

  private boolean hasLists() throws IOException {
    try (Stream<Path> lists = Files.list(folder.resolve("lists"))) {
      return lists.anyMatch(file -> file.getFileName().toString().contains("_Packages"));
    }
  }

  private String config() {
    return folder.resolve("apt.conf").toString();
  }

  private void configure() throws GuestException, IOException {
    Files.createDirectories(folder.resolve("lists/partial"));
    Files.createDirectories(folder.resolve("archives/partial"));
    Path parts = Files.createDirectories(folder.resolve("sources"));
    AptSources sources = AptSources.of(etcApt);
    if (sources.isEmpty()) {
      throw new GuestException(
          "no package sources are configured in "
              + etcApt
              + " (sources.list, sources.list.d): add Debian's, then try again");
    }
    writeList(parts.resolve("debian.list"), sources.oneLine(), "\n");
    writeList(parts.resolve("debian.sources"), sources.stanzas(), "\n\n");
    Files.writeString(folder.resolve("status"), "");
    Files.writeString(folder.resolve("empty.list"), "");
    Files.writeString(folder.resolve("apt.conf"), configuration());
  }

  private static void writeList(Path file, List<String> entries, String separator)
      throws IOException {
    if (entries.isEmpty()) {
      Files.deleteIfExists(file);
    } else {
      Files.writeString(file, String.join(separator, entries) + "\n");
    }
  }

  private String configuration() {
    return """
        // The system's hooks are about the system's state, which is not touched here.
        #clear APT::Update::Pre-Invoke;
        #clear APT::Update::Post-Invoke;
        #clear APT::Update::Post-Invoke-Success;
        #clear Acquire::IndexTargets;
        Acquire::IndexTargets::deb::Packages {
          MetaKey "$(COMPONENT)/binary-$(ARCHITECTURE)/Packages";
          flatMetaKey "Packages";
          ShortDescription "Packages";
          Description "$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Packages";
          flatDescription "$(RELEASE) Packages";
          Optional "0";
        };
        Acquire::Languages "none";
        Acquire::PDiffs "false";
        Acquire::Retries "2";
        APT::Architecture "amd64";
        #clear APT::Architectures;
        APT::Architectures { "amd64"; };
        APT::Sandbox::User "";
        APT::Get::List-Cleanup "true";
        APT::Color "false";
        Dir::Etc::sourcelist "@/empty.list";
        Dir::Etc::sourceparts "@/sources";
        Dir::Etc::preferences "@/no-preferences";
        Dir::Etc::preferencesparts "@/no-preferences.d";
        Dir::State "@";
        Dir::State::lists "@/lists";
        Dir::State::status "@/status";
        Dir::State::extended_states "@/extended_states";
        Dir::Cache "@";
        Dir::Cache::archives "@/archives";
        Dir::Cache::pkgcache "@/pkgcache.bin";
        Dir::Cache::srcpkgcache "@/srcpkgcache.bin";
        Dir::Log "@/log";
        """
        .replace("@", folder.toString());
  }

  private Path program(String name) throws GuestException {
    for (Path folder : searchPath) {
      Path candidate = folder.resolve(name);
      if (Files.isExecutable(candidate)) {
        return candidate;
      }
    }
    throw new GuestException(
        name
            + ", Debian's package client, is not on this machine (looked in PATH). Fetch the guests"
            + " on a Debian system or in a Debian container and copy its cache folder here, or boot"
            + " your own kernel with: nestor run linux --kernel FILE --initrd FILE");
  }

  private GuestException failure(String what, Result result) {
    String output = result.output();
    String reason;
    if (Failures.isDiskFull(output)) {
      reason = "the disk that holds " + folder + " is full";
    } else if (output.matches(
        "(?s).*(Could not resolve|Temporary failure|Could not connect|Unable to connect"
            + "|Network is unreachable|Connection (refused|timed out|failed)).*")) {
      reason = "this machine is offline or cannot reach its configured package sources";
    } else {
      List<String> lines =
          output.lines().filter(line -> line.startsWith("E:") || line.startsWith("W:")).toList();
      reason = lines.isEmpty() ? "exit status " + result.status() : lines.getFirst().substring(2);
    }
    return new GuestException(what + ": " + reason.strip());
  }

  private static Result run(Path folder, String... command) throws GuestException, IOException {
    return run(folder, elapsed -> {}, command);
  }

  private static Result run(Path folder, Consumer<Integer> tick, String... command)
      throws GuestException, IOException {
    Path log = Files.createTempFile(folder, ".log-", "");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(new ArrayList<>(List.of(command)))
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(log.toFile());
      builder.environment().put("LC_ALL", "C");
      builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
      builder.environment().remove("APT_CONFIG");
      Process process = builder.start();
      try {
        int elapsed = 0;
        while (!process.waitFor(PROGRESS_SECONDS, TimeUnit.SECONDS)) {
          elapsed += PROGRESS_SECONDS;
          tick.accept(elapsed);
        }
      } catch (InterruptedException e) {
        process.destroy();
        Thread.currentThread().interrupt();
        throw new GuestException("interrupted", e);
      }
      return new Result(process.exitValue(), Files.readString(log, StandardCharsets.ISO_8859_1));
    } finally {
      Files.deleteIfExists(log);
    }
  }
}
