// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import nestor.api.command.FileTrouble;
import nestor.api.machine.MachineException;
import nestor.api.machine.MachineSpec;

/**
 * Input from outside with the instants at which it entered, as text: a line each with the tick, the
 * device and the bytes in hexadecimal.
 */
final class InputLog implements Closeable {
  private static final String HEADER = "nestor-input 1";

  /** Input that entered, or will enter, at a tick. */
  static final class Entry {
    final long tick;
    final String device;
    final byte[] bytes;

    Entry(long tick, String device, byte[] bytes) {
      this.tick = tick;
      this.device = device;
      this.bytes = bytes;
    }
  }

  private final Deque<Entry> entries = new ArrayDeque<>();
  private final Writer writer;
  private IOException failure;

  private InputLog(Writer writer) {
    this.writer = writer;
  }

  /** {@return what a machine shall record into or replay; null for neither} */
  static InputLog open(MachineSpec spec) throws MachineException {
    if (spec.replay().isPresent()) {
      return replay(spec.replay().get());
    }
    return spec.record().isPresent() ? record(spec.record().get()) : null;
  }

  /** {@return a log that is written to a file from its beginning} */
  static InputLog record(Path file) throws MachineException {
    try {
      Writer writer = Files.newBufferedWriter(file);
      writer.write(HEADER + "\n");
      writer.flush();
      return new InputLog(writer);
    } catch (IOException e) {
      throw new MachineException(file + ": cannot record input: " + FileTrouble.reason(e), e);
    }
  }

  /** {@return the log in a file} */
  static InputLog replay(Path file) throws MachineException {
    InputLog log = new InputLog(null);
    int number = 1;
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      if (!HEADER.equals(reader.readLine())) {
        throw new MachineException(
            file + ":1: not a record of input: the first line is not \"" + HEADER + "\"");
      }
      long last = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        String[] words = line.split(" ");
        long tick = Long.parseLong(words[0]);
        if (words.length != 3 || tick < last) {
          throw new IllegalArgumentException("expected a tick, a device and bytes");
        }
        last = tick;
        log.entries.add(new Entry(tick, words[1], HexFormat.of().parseHex(words[2])));
      }
      return log;
    } catch (IllegalArgumentException e) {
      throw new MachineException(file + ":" + number + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new MachineException(file + ": cannot be read: " + FileTrouble.reason(e), e);
    }
  }

  boolean isReplay() {
    return writer == null;
  }

  /** {@return the tick of the next input to replay, or {@code Long.MAX_VALUE}} */
  long nextTick() {
    return entries.isEmpty() ? Long.MAX_VALUE : entries.getFirst().tick;
  }

  /** {@return the next input if it is due, or null} */
  Entry take(long tick) {
    return nextTick() <= tick ? entries.removeFirst() : null;
  }

  /** Notes input that enters now. */
  void note(long tick, String device, byte[] bytes) {
    if (writer != null && failure == null) {
      try {
        writer.write(tick + " " + device + " " + HexFormat.of().formatHex(bytes) + "\n");
        writer.flush();
      } catch (IOException e) {
        failure = e;
      }
    }
  }

  /** {@return why the record is not complete, or null} */
  IOException failure() {
    return failure;
  }

  @Override
  public void close() throws IOException {
    if (writer != null) {
      writer.close();
    }
  }
}
