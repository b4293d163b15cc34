// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.json.Json;
import nestor.api.json.JsonException;

/** Reads files of vectors: JSON lines, plain or compressed with gzip. */
final class VectorFile {
  private VectorFile() {}

  /** A line of a file, not yet parsed. */
  record Line(Path file, int number, String text) {

    /** {@return the case that the line holds} */
    Vector parse() throws CommandException {
      String place = file.getFileName() + " line " + number;
      try {
        return new Vector(Json.parse(text, place).asObject());
      } catch (JsonException e) {
        throw new CommandException(Command.BAD_INPUT, e.getMessage());
      } catch (RuntimeException e) {
        throw new CommandException(
            Command.BAD_INPUT, place + ": JSON, but not a vector: " + e.getMessage());
      }
    }

    /** {@return the family, or the empty text if the line names none} */
    String family() {
      int id = text.indexOf("\"id\"");
      int from = text.indexOf('"', text.indexOf(':', id) + 1) + 1;
      int slash = text.indexOf('/', from);
      return id < 0 || from <= 0 || slash < 0 ? "" : text.substring(from, slash);
    }
  }

  /** {@return the files of vectors in a folder, by name, or the file itself} */
  static List<Path> expand(Path path, String typed) throws IOException, CommandException {
    if (!Files.isReadable(path)) {
      throw new CommandException(Command.BAD_INPUT, typed + ": no such file, or not readable");
    }
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> files = Files.list(path)) {
      List<Path> found = files.filter(VectorFile::isVectors).sorted().toList();
      if (found.isEmpty()) {
        throw new CommandException(
            Command.BAD_INPUT, typed + ": no files *.jsonl or *.jsonl.gz in this folder");
      }
      return found;
    }
  }

  private static boolean isVectors(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".jsonl") || name.endsWith(".jsonl.gz");
  }

  /** {@return the lines of a file, not yet parsed} */
  static List<Line> lines(Path file) throws IOException, CommandException {
    List<Line> lines = new ArrayList<>();
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()))) {
      int number = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        if (!line.isBlank()) {
          lines.add(new Line(file, number, line));
        }
      }
    } catch (EOFException e) {
      throw new CommandException(
          Command.BAD_INPUT, file + ": the compressed file is cut off after line " + lines.size());
    } catch (ZipException e) {
      throw new CommandException(
          Command.BAD_INPUT, file + ": not a good gzip file: " + e.getMessage());
    } catch (CharacterCodingException e) {
      throw new CommandException(
          Command.BAD_INPUT, file + ": not text; a compressed file must be named *.gz");
    }
    return lines;
  }
}
