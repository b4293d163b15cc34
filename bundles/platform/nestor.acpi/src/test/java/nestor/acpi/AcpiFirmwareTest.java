// SPDX-License-Identifier: Apache-2.0
package nestor.acpi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import nestor.api.boot.LoadSegment;
import nestor.api.firmware.BoardDescription;
import nestor.api.firmware.FirmwareTables;
import nestor.api.firmware.PciRoot;
import nestor.api.firmware.SerialPort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcpiFirmwareTest {
  private final AcpiFirmware firmware = new AcpiFirmware();

  private static BoardDescription pc(int cpus) {
    return new BoardDescription(
        IntStream.range(0, cpus).boxed().toList(),
        Optional.of(new BoardDescription.IoApic(0, 0xFEC0_0000L, 24)),
        Optional.of(PciRoot.pc()),
        OptionalInt.of(0x600),
        9,
        List.of(new SerialPort(0x3F8, 4), new SerialPort(0x2F8, 3)),
        OptionalLong.of(0xFED0_0000L),
        true,
        true,
        true,
        true,
        true,
        true);
  }

  private static BoardDescription bare() {
    return new BoardDescription(
        List.of(0),
        Optional.empty(),
        Optional.empty(),
        OptionalInt.of(0x600),
        9,
        List.of(),
        OptionalLong.empty(),
        false,
        false,
        false,
        false,
        false,
        false);
  }

  @Test
  void leadsFromTheRootPointerToEveryTableByBothIndexes() {
    FirmwareTables tables = firmware.tables(pc(4));
    ByteBuffer rsdp = at(tables, tables.rsdpGpa());

    assertThat(tables.rsdpGpa() & 0xF).isZero();
    assertThat(tables.rsdpGpa()).isBetween(0xE0000L, 0xFFFFFL);
    assertThat(text(rsdp, 0, 8)).isEqualTo("RSD PTR ");
    assertThat(sum(rsdp, 20)).isZero();
    assertThat(sum(rsdp, 36)).isZero();
    ByteBuffer rsdt = at(tables, rsdp.getInt(16));
    ByteBuffer xsdt = at(tables, rsdp.getLong(24));
    List<String> found = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      long gpa = rsdt.getInt(36 + 4 * i);
      assertThat(xsdt.getLong(36 + 8 * i)).isEqualTo(gpa);
      found.add(text(at(tables, gpa), 0, 4));
    }
    assertThat(found).containsExactly("FACP", "APIC", "MCFG", "HPET");
    assertThat(rsdt.capacity()).isEqualTo(36 + 16);
  }

  @Test
  void givesEveryTableItsLengthAndChecksumInsideTheBiosArea() {
    FirmwareTables tables = firmware.tables(pc(1024));

    long end = 0xE0000;
    for (LoadSegment segment : tables.segments()) {
      ByteBuffer table = at(tables, segment.gpa());
      assertThat(segment.gpa()).isGreaterThanOrEqualTo(end);
      end = segment.endGpa();
      if (!segment.what().equals("RSDP")) {
        assertThat(text(table, 0, 4)).isEqualTo(segment.what());
        assertThat(table.getInt(4)).isEqualTo(table.capacity());
      }
      if (!segment.what().equals("FACS")) {
        assertThat(sum(table, table.capacity())).as(segment.what()).isZero();
      }
    }
    assertThat(end).isLessThanOrEqualTo(0x100000);
    assertThat(segment(tables, "FACS").gpa() % 64).isZero();
  }

  @Test
  void describesTheFixedRegisters() {
    FirmwareTables tables = firmware.tables(pc(1));
    ByteBuffer fadt = table(tables, "FACP");

    assertThat(fadt.capacity()).isEqualTo(276);
    assertThat(fadt.get(8)).isEqualTo((byte) 6);
    assertThat((long) fadt.getInt(36)).isEqualTo(segment(tables, "FACS").gpa());
    assertThat((long) fadt.getInt(40)).isEqualTo(segment(tables, "DSDT").gpa());
    assertThat(fadt.getLong(140)).isEqualTo(segment(tables, "DSDT").gpa());
    assertThat(fadt.getShort(46)).as("SCI").isEqualTo((short) 9);
    assertThat(fadt.getInt(48)).as("SMI_CMD").isZero();
    assertThat(fadt.getInt(56)).isEqualTo(0x600);
    assertThat(fadt.getInt(64)).isEqualTo(0x604);
    assertThat(fadt.getInt(76)).isEqualTo(0x608);
    assertThat(bytes(fadt, 88, 4)).containsExactly(4, 2, 0, 4);
    assertThat(fadt.get(108)).as("century").isEqualTo((byte) 0x32);
    assertThat(fadt.getShort(109)).as("legacy, 8042, no VGA").isEqualTo((short) 7);
    assertThat(fadt.getInt(112) & 1 << 10).as("reset register").isNotZero();
    assertThat(fadt.getInt(112) & 1 << 20).as("hardware reduced").isZero();
    assertThat(fadt.get(116)).isEqualTo((byte) 1);
    assertThat(fadt.getLong(120)).isEqualTo(0xCF9);
    assertThat(fadt.get(128)).isEqualTo((byte) 6);
    assertThat(fadt.getLong(152)).isEqualTo(0x600);
    assertThat(fadt.getLong(176)).isEqualTo(0x604);
    assertThat(fadt.getLong(212)).isEqualTo(0x608);
  }

  @Test
  void listsProcessorsTheIoapicAndTheOverrides() {
    Map<Integer, List<ByteBuffer>> entries = madtEntries(firmware.tables(pc(3)));

    assertThat(entries.get(0)).hasSize(3);
    assertThat(entries.get(0).get(2).array()).containsExactly(0, 8, 2, 2, 1, 0, 0, 0);
    assertThat(entries.get(1).getFirst().getInt(4)).isEqualTo(0xFEC0_0000);
    assertThat(entries.get(2)).hasSize(2);
    assertThat(entries.get(2).get(0).array()).containsExactly(2, 10, 0, 0, 2, 0, 0, 0, 0, 0);
    assertThat(entries.get(2).get(1).array()).containsExactly(2, 10, 0, 9, 9, 0, 0, 0, 0x0D, 0);
    assertThat(entries.get(4).getFirst().array()).containsExactly(4, 6, (byte) 0xFF, 0, 0, 1);
    assertThat(entries).doesNotContainKey(9);
  }

  @Test
  void usesWideEntriesForApicIdsBeyond254() {
    List<Integer> ids = List.of(0, 254, 255, 300);
    BoardDescription pc = pc(1);
    BoardDescription wide =
        new BoardDescription(
            ids,
            pc.ioapic(),
            pc.pci(),
            pc.powerBase(),
            9,
            List.of(),
            pc.hpetGpa(),
            true,
            true,
            true,
            true,
            false,
            true);

    Map<Integer, List<ByteBuffer>> entries = madtEntries(firmware.tables(wide));

    assertThat(entries.get(0)).hasSize(2);
    assertThat(entries.get(9)).hasSize(2);
    assertThat(entries.get(9).get(1).getInt(4)).isEqualTo(300);
    assertThat(entries.get(9).get(1).getInt(12)).as("_UID").isEqualTo(3);
    assertThat(entries).containsKey(10);
  }

  @Test
  void namesConfigurationSpaceAndTheHpet() {
    FirmwareTables tables = firmware.tables(pc(1));

    ByteBuffer mcfg = table(tables, "MCFG");
    assertThat(mcfg.getLong(44)).isEqualTo(0xE000_0000L);
    assertThat(mcfg.get(55)).isEqualTo((byte) 255);
    ByteBuffer hpet = table(tables, "HPET");
    assertThat(hpet.getInt(36)).isEqualTo(0x8086_A201);
    assertThat(hpet.getLong(44)).isEqualTo(0xFED0_0000L);
  }

  @Test
  void leavesOutWhatTheBoardLacks() {
    FirmwareTables tables = firmware.tables(bare());

    assertThat(tables.segments().stream().map(LoadSegment::what))
        .containsExactly("RSDP", "FACS", "DSDT", "FACP", "APIC", "RSDT", "XSDT");
    assertThat(table(tables, "FACP").getShort(109)).isEqualTo((short) 0x25);
    assertThat(table(tables, "FACP").getInt(112) & 1 << 10).isZero();
    assertThat(table(tables, "APIC").getInt(40)).as("no 8259").isZero();
  }

  @Test
  void refusesABoardThatAcpiCannotDescribe() {
    BoardDescription pc = pc(1);
    BoardDescription noPower =
        new BoardDescription(
            List.of(0),
            pc.ioapic(),
            pc.pci(),
            OptionalInt.empty(),
            9,
            List.of(),
            pc.hpetGpa(),
            true,
            true,
            true,
            true,
            false,
            true);

    assertThatThrownBy(() -> firmware.tables(noPower)).hasMessageContaining("acpipm");
    assertThatThrownBy(() -> firmware.tables(pc(1025))).hasMessageContaining("at most 1024");
  }

  @Test
  void passesTheAcpiCompiler(@TempDir Path folder) throws Exception {
    assumeTrue(isOnPath("iasl"), "this host has no ACPI compiler (iasl)");

    Path first = Files.createDirectory(folder.resolve("shown"));
    checkWithCompiler(firmware.tables(pc(2)), first);
    assertThat(Files.readString(first.resolve("DSDT.dsl")))
        .containsSubsequence(
            "Device (PCI0)",
            "EisaId (\"PNP0A08\")",
            "0xB0000000,         // Range Minimum",
            "0xDFFFFFFF,         // Range Maximum",
            "0xF0000000,         // Range Minimum",
            "0xFEBFFFFF,         // Range Maximum",
            "Device (COM1)",
            "EisaId (\"PNP0501\")",
            "0x03F8,             // Range Minimum",
            "Device (HPET)",
            "Device (MBRD)",
            "0xE0000000,         // Address Base",
            "0x10000000,         // Address Length",
            "_S5, Package");
    for (int cpus : new int[] {1, 300}) {
      checkWithCompiler(
          firmware.tables(pc(cpus)), Files.createDirectory(folder.resolve("" + cpus)));
    }
    checkWithCompiler(firmware.tables(bare()), Files.createDirectory(folder.resolve("bare")));
  }

  private static void checkWithCompiler(FirmwareTables tables, Path folder)
      throws IOException, InterruptedException {
    for (LoadSegment segment : tables.segments()) {
      String name = segment.what();
      if (name.equals("RSDP")) {
        continue;
      }
      Files.write(folder.resolve(name + ".aml"), segment.data().toArray(ValueLayout.JAVA_BYTE));
      String shown = run(folder, "iasl", "-d", name + ".aml");
      assertThat(shown).as(name).doesNotContainIgnoringCase("error").doesNotContain("Invalid");
      assertThat(Files.readString(folder.resolve(name + ".dsl")))
          .doesNotContain("Incorrect checksum")
          .doesNotContain("**** ");
    }
    assertThat(run(folder, "iasl", "-ve", "-vi", "-vs", "-p", "again", "DSDT.dsl"))
        .contains("0 Errors, 0 Warnings");
  }

  private static String run(Path folder, String... command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String shown = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return shown;
  }

  private static boolean isOnPath(String program) {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private static Map<Integer, List<ByteBuffer>> madtEntries(FirmwareTables tables) {
    ByteBuffer madt = table(tables, "APIC");
    Map<Integer, List<ByteBuffer>> entries = new HashMap<>();
    int at = 44;
    while (at < madt.capacity()) {
      byte[] entry = bytes(madt, at, madt.get(at + 1));
      entries
          .computeIfAbsent((int) entry[0], _ -> new ArrayList<>())
          .add(ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN));
      at += entry.length;
    }
    return entries;
  }

  private static LoadSegment segment(FirmwareTables tables, String what) {
    return tables.segments().stream().filter(s -> s.what().equals(what)).findFirst().orElseThrow();
  }

  private static ByteBuffer table(FirmwareTables tables, String what) {
    return at(tables, segment(tables, what).gpa());
  }

  private static ByteBuffer at(FirmwareTables tables, long gpa) {
    byte[] bytes =
        tables.segments().stream()
            .filter(s -> s.gpa() == gpa)
            .findFirst()
            .orElseThrow()
            .data()
            .toArray(ValueLayout.JAVA_BYTE);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String text(ByteBuffer table, int offset, int length) {
    return new String(bytes(table, offset, length), StandardCharsets.US_ASCII);
  }

  private static byte[] bytes(ByteBuffer table, int offset, int length) {
    byte[] bytes = new byte[length];
    table.get(offset, bytes);
    return bytes;
  }

  private static int sum(ByteBuffer table, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += table.get(i);
    }
    return sum & 0xFF;
  }
}
