// SPDX-License-Identifier: Apache-2.0
package nestor.shell.memory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nestor.api.json.Json;
import nestor.api.machine.CpuView;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.Machines;
import nestor.api.machine.Translation;
import nestor.api.shell.Choice;
import nestor.api.shell.Table;
import nestor.isa.DecodeResult;
import nestor.isa.Decoder;
import nestor.isa.Disassembler;
import nestor.isa.Insn;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Looking at guest memory. */
@Component(
    service = MemoryCommands.class,
    property = {
      "osgi.command.scope=nestor",
      "osgi.command.function=mem",
      "osgi.command.function=disas",
      "osgi.command.function=walk"
    })
public final class MemoryCommands {
  private static final int MOST_BYTES = 1 << 20;
  private static final int BYTES = 128;
  private static final int INSTRUCTIONS = 10;
  private static final int ROW = 16;

  private final Machines machines;

  /** Speaks of the memory of these machines. */
  @Activate
  public MemoryCommands(@Reference Machines machines) {
    this.machines = machines;
  }

  /** Shows bytes. */
  @Descriptor("show bytes of guest memory")
  public String mem(
      @Descriptor("print JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("the address is guest-physical")
          @Parameter(
              names = {"-p", "--physical"},
              presentValue = "true",
              absentValue = "false")
          boolean physical,
      @Descriptor("which machine")
          @Parameter(
              names = {"-m", "--machine"},
              absentValue = "")
          String machine,
      @Descriptor("whose address space")
          @Parameter(
              names = {"-c", "--cpu"},
              absentValue = "0")
          int cpu,
      @Descriptor("address: a register, 0x and hexadecimal digits, or decimal") String address,
      @Descriptor("how many bytes, 128 if not given") int... length)
      throws MachineException {
    Machine one = Choice.machine(machines, machine);
    long start = Choice.address(Choice.cpu(one, cpu), address);
    int count = length.length == 0 ? BYTES : length[0];
    if (count < 1 || count > MOST_BYTES) {
      throw new IllegalArgumentException("mem shows 1 to " + MOST_BYTES + " bytes");
    }
    byte[] bytes = one.read(physical ? -1 : cpu, start, count);
    Table table = new Table("Address", "Bytes", "Text");
    for (int row = 0; row < bytes.length; row += ROW) {
      StringBuilder hex = new StringBuilder();
      StringBuilder text = new StringBuilder();
      for (int i = row; i < Math.min(row + ROW, bytes.length); i++) {
        hex.append(String.format("%02x ", bytes[i]));
        text.append(bytes[i] >= ' ' && bytes[i] < 127 ? (char) bytes[i] : '.');
      }
      table.row(String.format("%016x", start + row), hex.toString().strip(), text);
    }
    return table.print(json)
        + (bytes.length < count && !json
            ? "no RAM at " + String.format("%016x", start + bytes.length) + "\n"
            : "");
  }

  /** Shows instructions. */
  @Descriptor("disassemble guest memory")
  public String disas(
      @Descriptor("print JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("which machine")
          @Parameter(
              names = {"-m", "--machine"},
              absentValue = "")
          String machine,
      @Descriptor("whose address space")
          @Parameter(
              names = {"-c", "--cpu"},
              absentValue = "0")
          int cpu,
      @Descriptor("address, the current instruction if not given; then how many")
          String... addressAndCount)
      throws MachineException {
    Machine one = Choice.machine(machines, machine);
    CpuView view = Choice.cpu(one, cpu);
    String where = addressAndCount.length > 0 ? addressAndCount[0] : "rip";
    long address = Choice.address(view, where);
    int count = addressAndCount.length > 1 ? Integer.parseInt(addressAndCount[1]) : INSTRUCTIONS;
    if (count < 1 || count > MOST_BYTES / Decoder.MAX_LENGTH) {
      throw new IllegalArgumentException("disas shows 1 instruction or more, not " + count);
    }
    byte[] code = one.read(cpu, address, count * Decoder.MAX_LENGTH);
    Table table = new Table("Address", "Bytes", "Instruction");
    Decoder decoder = new Decoder();
    int at = 0;
    for (int i = 0; i < count && at < code.length; i++) {
      Insn insn = new Insn();
      DecodeResult result = decoder.decode(code, at, code.length, view.codeSize(), true, insn);
      boolean good = result == DecodeResult.OK;
      int length = good ? insn.length : 1;
      StringBuilder hex = new StringBuilder();
      for (int b = at; b < at + length; b++) {
        hex.append(String.format("%02x", code[b]));
      }
      table.row(
          String.format("%016x", address + at),
          hex,
          good ? Disassembler.text(insn, address + at) : "(" + result + ")");
      at += length;
    }
    return table.print(json) + (at == 0 && !json ? "no RAM there\n" : "");
  }

  /** Shows the way of an address through paging. */
  @Descriptor("show the way of a linear address through every level of paging")
  public String walk(
      @Descriptor("print JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("which machine")
          @Parameter(
              names = {"-m", "--machine"},
              absentValue = "")
          String machine,
      @Descriptor("whose address space")
          @Parameter(
              names = {"-c", "--cpu"},
              absentValue = "0")
          int cpu,
      @Descriptor("address: a register, 0x and hexadecimal digits, or decimal") String address)
      throws MachineException {
    Machine one = Choice.machine(machines, machine);
    long linear = Choice.address(Choice.cpu(one, cpu), address);
    Translation way = one.translate(cpu, linear);
    String end = way.fault() == null ? String.format("gpa %x", way.gpa()) : way.fault();
    if (json) {
      return json(way);
    }
    Table table = new Table("Level", "Entry at", "Entry", "Meaning");
    for (Translation.Step step : way.steps()) {
      table.row(
          step.level(),
          String.format("%x", step.address()),
          String.format("%016x", step.value()),
          step.meaning());
    }
    return table.print(false) + String.format("%016x -> %s%n", linear, end);
  }

  private static String json(Translation way) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("linear", String.format("%x", way.linear()));
    all.put("gpa", way.gpa() < 0 ? null : String.format("%x", way.gpa()));
    all.put("fault", way.fault());
    List<Object> steps = new ArrayList<>();
    for (Translation.Step step : way.steps()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("level", step.level());
      one.put("address", String.format("%x", step.address()));
      one.put("value", String.format("%x", step.value()));
      one.put("meaning", step.meaning());
      steps.add(one);
    }
    all.put("steps", steps);
    return Json.write(all);
  }
}
