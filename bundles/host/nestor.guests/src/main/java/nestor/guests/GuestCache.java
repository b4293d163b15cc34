// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import nestor.api.guests.GuestImage;

/**
 * The folder of fetched guests, a subfolder each.
 *
 * <p>A guest appears whole or not at all: it is put together in a hidden folder, flushed, and
 * renamed. Whoever finds {@code guest.properties} in a folder finds the files that it lists.
 */
final class GuestCache {
  static final String FACTS = "guest.properties";
  static final String KERNEL = "vmlinuz";
  static final String INITRD = "initrd";

  /** Opens files for writing; tests put a full disk here. */
  interface Opener {
    OutputStream open(Path file) throws IOException;
  }

  private final Path root;
  private final Opener opener;

  GuestCache(Path root) {
    this(root, file -> Files.newOutputStream(file, StandardOpenOption.CREATE_NEW));
  }

  GuestCache(Path root, Opener opener) {
    this.root = root.toAbsolutePath();
    this.opener = opener;
  }

  /** Where the guests are kept: below NESTOR_CACHE, else XDG_CACHE_HOME, else ~/.cache. */
  static Path defaultRoot(Map<String, String> environment, String home) {
    String own = environment.getOrDefault("NESTOR_CACHE", "");
    if (!own.isEmpty()) {
      return Path.of(own, "guests");
    }
    String shared = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path base = shared.isEmpty() ? Path.of(home, ".cache") : Path.of(shared);
    return base.resolve("nestor").resolve("guests");
  }

  /** The cache of the user who started this process. */
  static GuestCache ofUser() {
    return new GuestCache(defaultRoot(System.getenv(), System.getProperty("user.home")));
  }

  Path root() {
    return root;
  }

  /** The packages that the package client brought. */
  Path downloads() {
    return root.resolve(".downloads");
  }

  /** Lists and state of the package client. */
  Path packageClient() {
    return root.resolve(".apt");
  }

  Path folder(String name) {
    return root.resolve(name);
  }

  /** Runs {@code action} while no other process changes the cache. */
  <T> T locked(Action<T> action) throws GuestException {
    try {
      Files.createDirectories(root);
      try (FileChannel channel =
              FileChannel.open(
                  root.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.tryLock()) {
        if (lock == null) {
          throw busy(null);
        }
        clean();
        return action.run();
      }
    } catch (OverlappingFileLockException e) {
      throw busy(e); // another command of this process
    } catch (IOException e) {
      throw Failures.writing(root, e);
    }
  }

  private GuestException busy(Throwable cause) {
    return new GuestException(
        "another nestor is fetching guests into " + root + ": try again when it is done", cause);
  }

  /** Drops what an interrupted run left behind. */
  private void clean() throws IOException {
    try (Stream<Path> files = Files.list(root)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.startsWith(".new-") || name.startsWith(".old-")) {
          deleteTree(file);
        }
      }
    }
  }

  /** What {@link #locked} runs. */
  interface Action<T> {
    T run() throws GuestException, IOException;
  }

  /** Puts a guest in place of an older one of that name, and notes the digests of its files. */
  void install(String name, SortedMap<String, byte[]> files, SortedMap<String, String> origin)
      throws GuestException {
    SortedMap<String, String> facts = new TreeMap<>(origin);
    files.forEach(
        (file, content) -> facts.put(GuestFacts.digestKey(file), GuestFacts.digest(content)));
    try {
      Path staging = Files.createDirectory(root.resolve(".new-" + name));
      try {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
          write(staging.resolve(file.getKey()), file.getValue());
        }
        write(staging.resolve(FACTS), GuestFacts.format(facts));
        replace(name, staging);
      } finally {
        deleteTree(staging);
      }
    } catch (IOException e) {
      throw Failures.writing(root, e);
    }
  }

  /** Whether a guest is there, made from just that, with every file as it was written. */
  boolean isIntact(String name, Map<String, String> origin) throws IOException {
    Optional<GuestImage> image = find(name);
    if (image.isEmpty() || !image.get().facts().entrySet().containsAll(origin.entrySet())) {
      return false;
    }
    if (!image.get().facts().containsKey(GuestFacts.digestKey(KERNEL))) {
      return false;
    }
    for (Map.Entry<String, String> fact : image.get().facts().entrySet()) {
      String file = GuestFacts.fileOfDigest(fact.getKey());
      if (file != null) {
        Path path = folder(name).resolve(file);
        if (!Files.isRegularFile(path)
            || !GuestFacts.digest(Files.readAllBytes(path)).equals(fact.getValue())) {
          return false;
        }
      }
    }
    return true;
  }

  private void write(Path file, byte[] content) throws IOException {
    try (OutputStream out = opener.open(file)) {
      out.write(content);
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private void replace(String name, Path staging) throws IOException {
    Path target = folder(name);
    Path old = root.resolve(".old-" + name);
    deleteTree(old);
    if (Files.exists(target)) {
      Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
    }
    Files.move(staging, target, StandardCopyOption.ATOMIC_MOVE);
    deleteTree(old);
  }

  Optional<GuestImage> find(String name) throws IOException {
    Path folder = folder(name);
    if (name.isEmpty() || name.startsWith(".") || name.contains("/") || !isComplete(folder)) {
      return Optional.empty();
    }
    Path initrd = folder.resolve(INITRD);
    return Optional.of(
        new GuestImage(
            name,
            folder.resolve(KERNEL),
            Files.exists(initrd) ? Optional.of(initrd) : Optional.empty(),
            facts(folder)));
  }

  private static boolean isComplete(Path folder) {
    return Files.isRegularFile(folder.resolve(FACTS))
        && Files.isRegularFile(folder.resolve(KERNEL));
  }

  private static SortedMap<String, String> facts(Path folder) throws IOException {
    return GuestFacts.parse(Files.readAllBytes(folder.resolve(FACTS)));
  }

  List<GuestImage> list() throws IOException {
    List<GuestImage> images = new ArrayList<>();
    if (Files.isDirectory(root)) {
      try (Stream<Path> folders = Files.list(root)) {
        for (Path folder : folders.sorted().toList()) {
          find(folder.getFileName().toString()).ifPresent(images::add);
        }
      }
    }
    return images;
  }

  /** True if there was a guest of that name, and now is none. */
  boolean remove(String name) throws GuestException {
    try {
      if (find(name).isEmpty()) {
        return false;
      }
      // Hidden first: a half deleted guest must not be found.
      Path old = root.resolve(".old-" + name);
      deleteTree(old);
      Files.move(folder(name), old, StandardCopyOption.ATOMIC_MOVE);
      deleteTree(old);
      return true;
    } catch (IOException e) {
      throw Failures.writing(root, e);
    }
  }

  static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException failure)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
