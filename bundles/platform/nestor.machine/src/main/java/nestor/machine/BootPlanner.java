// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import nestor.api.boot.BootData;
import nestor.api.boot.BootException;
import nestor.api.boot.BootKind;
import nestor.api.boot.BootLoader;
import nestor.api.boot.BootModule;
import nestor.api.boot.BootPlan;
import nestor.api.boot.BootRequest;
import nestor.api.boot.LoadSegment;
import nestor.api.boot.MemoryLayout;
import nestor.api.command.FileTrouble;
import nestor.api.firmware.BoardDescription;
import nestor.api.firmware.Firmware;
import nestor.api.firmware.FirmwareTables;
import nestor.api.guests.GuestImage;
import nestor.api.guests.GuestLibrary;
import nestor.api.machine.MachineException;
import nestor.api.machine.MachineSpec;
import nestor.api.profile.BootSettings;
import nestor.api.profile.Profile;

/** Works out what must lie in RAM when a machine starts, before anything of it is made. */
final class BootPlanner {
  private final BootLoader loader;
  private final Firmware firmware;
  private final GuestLibrary guests;

  BootPlanner(BootLoader loader, Firmware firmware, GuestLibrary guests) {
    this.loader = loader;
    this.firmware = firmware;
    this.guests = guests;
  }

  BootImage plan(MachineSpec spec) throws MachineException {
    Profile profile = spec.profile();
    BootSettings boot =
        profile
            .boot()
            .orElseThrow(
                () ->
                    new MachineException(
                        "profile "
                            + profile.name()
                            + " says nothing about what to boot: name a kernel with --kernel"
                            + " FILE"));
    FirmwareTables tables = tables(profile);
    try {
      BootRequest request = request(spec, boot, tables.rsdpGpa());
      BootPlan plan = loader.plan(request);
      List<LoadSegment> segments = new ArrayList<>(plan.segments());
      segments.addAll(tables.segments());
      return new BootImage(segments, plan.start());
    } catch (BootException e) {
      throw new MachineException(e.getMessage(), e);
    } catch (UncheckedIOException e) {
      throw new MachineException(String.valueOf(e.getCause().getMessage()), e);
    }
  }

  /** A board without the registers that ACPI wants has no tables. */
  private FirmwareTables tables(Profile profile) throws MachineException {
    BoardDescription board = BoardFacts.of(profile);
    if (board.powerBase().isEmpty()) {
      return new FirmwareTables(List.of(), 0);
    }
    try {
      return firmware.tables(board);
    } catch (IllegalArgumentException e) {
      throw new MachineException("profile " + profile.name() + ": " + e.getMessage(), e);
    }
  }

  private BootRequest request(MachineSpec spec, BootSettings boot, long rsdpGpa)
      throws MachineException {
    MemoryLayout memory = MemoryLayout.pc(spec.profile().memoryBytes());
    BootData kernel = boot.kernel().map(BootData::of).orElse(null);
    List<BootModule> modules = new ArrayList<>(boot.modules());
    Optional<BootKind> kind = boot.kind();
    OptionalLong address = boot.address();
    if (boot.guest().isPresent()) {
      String name = boot.guest().get();
      Optional<byte[]> embedded = EmbeddedGuests.find(name);
      if (embedded.isPresent() && kernel == null) {
        kernel = BootData.of(name, embedded.get());
        kind = Optional.of(BootKind.FLAT32);
      } else if (kernel == null || (modules.isEmpty() && embedded.isEmpty())) {
        Optional<GuestImage> image = guests == null ? Optional.empty() : guests.find(name);
        if (image.isPresent()) {
          kernel = kernel == null ? BootData.of(image.get().kernel()) : kernel;
          if (modules.isEmpty()) {
            image.get().initrd().ifPresent(f -> modules.add(new BootModule(BootData.of(f))));
          }
        } else if (kernel == null) {
          throw new MachineException(
              "the guest "
                  + name
                  + " is not there: run ./nestor guests fetch "
                  + (name.startsWith("linux") ? "linux" : name));
        }
      }
    }
    if (kernel == null) {
      throw new MachineException(
          "profile " + spec.profile().name() + " names no kernel: give one with --kernel FILE");
    }
    if (spec.script().isPresent()) {
      addScript(modules, spec.script().get());
    }
    return new BootRequest(
        kernel, kind, address, modules, boot.append(), boot.environment(), memory, rsdpGpa);
  }

  /** The last initrd gets the script appended. */
  private void addScript(List<BootModule> modules, String script) throws MachineException {
    if (modules.isEmpty() || guests == null) {
      throw new MachineException(
          "a script needs an initrd whose init runs it, such as that of ./nestor guests fetch"
              + " linux");
    }
    BootModule last = modules.getLast();
    byte[] bytes =
        switch (last.data()) {
          case BootData.InFile file -> read(file.path());
          case BootData.InMemory memory -> memory.bytes();
        };
    byte[] scripted = guests.withScript(bytes, script);
    modules.set(
        modules.size() - 1,
        new BootModule(BootData.of(last.data().name(), scripted), last.commandLine()));
  }

  private static byte[] read(Path file) throws MachineException {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new MachineException(file + ": cannot be read: " + FileTrouble.reason(e), e);
    }
  }
}
