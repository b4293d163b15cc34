// SPDX-License-Identifier: Apache-2.0
package nestor.shell.memory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nestor.api.command.CommandException;
import nestor.api.json.Json;
import nestor.api.machine.CpuView;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.Machines;
import nestor.api.machine.Translation;
import nestor.api.shell.Choice;
import nestor.api.shell.Syntax;
import nestor.api.shell.Table;
import nestor.api.shell.Verb;
import nestor.api.shell.Verbs;
import nestor.api.shell.WordKind;
import nestor.api.shell.Words;
import nestor.isa.DecodeResult;
import nestor.isa.Decoder;
import nestor.isa.Disassembler;
import nestor.isa.Insn;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Looking at guest memory. */
@Component
public final class MemoryCommands implements Verbs {
  private static final int MOST_CPUS = 255;
  private static final int MOST_BYTES = 1 << 20;
  private static final int BYTES = 128;
  private static final int INSTRUCTIONS = 10;
  private static final int ROW = 16;
  private static final String ADDRESS = "a register, 0x and hexadecimal digits, or decimal";

  private final Machines machines;

  /** Speaks of the memory of these machines. */
  @Activate
  public MemoryCommands(@Reference Machines machines) {
    this.machines = machines;
  }

  @Override
  public List<Verb> verbs() {
    return List.of(
        new Verb(
            aboutCpu(Syntax.of("mem", "show bytes of guest memory").machine())
                .word("ADDRESS", WordKind.ADDRESS, ADDRESS)
                .optional("BYTES", WordKind.TEXT, "how many, " + BYTES + " if not given")
                .flag("--physical", "-p", "the address is guest-physical, not linear")
                .json()
                .example("mem m0 rsp 64"),
            this::mem),
        new Verb(
            aboutCpu(Syntax.of("disas", "disassemble guest memory").machine())
                .optional("ADDRESS", WordKind.ADDRESS, ADDRESS + "; rip if not given")
                .optional("COUNT", WordKind.TEXT, "how many, " + INSTRUCTIONS + " if not given")
                .json()
                .example("disas m0 rip 20"),
            this::disas),
        new Verb(
            aboutCpu(Syntax.of("walk", "show an address on its way through every paging level"))
                .machine()
                .word("ADDRESS", WordKind.ADDRESS, ADDRESS)
                .flag("--second", "-s", "a guest-physical address, through EPT or NPT alone")
                .json()
                .example("walk m0 0xffffffff81000000"),
            this::walk));
  }

  private static Syntax aboutCpu(Syntax syntax) {
    return syntax.option("--cpu", "-c", "N", WordKind.TEXT, "whose address space; 0 if not given");
  }

  private static int cpu(Words words) throws CommandException {
    return (int) words.whole("--cpu", 0, MOST_CPUS).orElse(0);
  }

  private String mem(Words words) throws MachineException, CommandException {
    Machine machine = words.machine(machines);
    int cpu = cpu(words);
    long start = Choice.address(Choice.cpu(machine, cpu), words.text("ADDRESS"));
    int count = (int) words.whole("BYTES", 1, MOST_BYTES).orElse(BYTES);
    byte[] bytes = machine.read(words.has("--physical") ? -1 : cpu, start, count);
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
    if (words.isJson()) {
      return table.print(true);
    }
    String end =
        bytes.length < count ? String.format("no RAM at %016x%n", start + bytes.length) : "";
    return (bytes.length == 0 ? "" : table.print(false)) + end;
  }

  private String disas(Words words) throws MachineException, CommandException {
    Machine machine = words.machine(machines);
    int cpu = cpu(words);
    CpuView view = Choice.cpu(machine, cpu);
    long address = Choice.address(view, words.text("ADDRESS", "rip"));
    int most = MOST_BYTES / Decoder.MAX_LENGTH;
    int count = (int) words.whole("COUNT", 1, most).orElse(INSTRUCTIONS);
    byte[] code = machine.read(cpu, address, count * Decoder.MAX_LENGTH);
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
    return at == 0 && !words.isJson()
        ? String.format("no RAM at %016x", address)
        : table.print(words.isJson());
  }

  private String walk(Words words) throws MachineException, CommandException {
    Machine machine = words.machine(machines);
    int cpu = cpu(words);
    long linear = Choice.address(Choice.cpu(machine, cpu), words.text("ADDRESS"));
    Translation way =
        words.has("--second")
            ? machine.virtualization().secondLevel(cpu, linear)
            : machine.translate(cpu, linear);
    if (words.isJson()) {
      return json(way);
    }
    String space = words.has("--second") ? "physical" : "gpa";
    String end = way.fault() == null ? space + String.format(" %x", way.gpa()) : way.fault();
    String last = String.format("%016x -> %s%n", linear, end);
    if (way.steps().isEmpty()) {
      return (words.has("--second") ? "there is no second level\n" : "paging is off\n") + last;
    }
    Table table = new Table("Level", "Entry at", "Entry", "Meaning");
    for (Translation.Step step : way.steps()) {
      table.row(
          step.level(),
          String.format("%x", step.address()),
          String.format("%016x", step.value()),
          step.meaning());
    }
    return table.print(false) + last;
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
