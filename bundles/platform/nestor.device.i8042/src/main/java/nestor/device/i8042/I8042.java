// SPDX-License-Identifier: Apache-2.0
package nestor.device.i8042;

import java.util.ArrayDeque;
import java.util.Arrays;
import nestor.api.device.Device;
import nestor.api.device.DeviceContext;
import nestor.api.device.MachinePort;
import nestor.api.device.PortDevice;
import nestor.api.device.Wire;
import nestor.api.state.SectionId;
import nestor.api.state.Snapshottable;
import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * The 8042 keyboard controller with a keyboard, and with a mouse if the profile asks for one.
 *
 * <p>After IBM's Personal System/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary
 * Device Controller". Offset 0 is the data port, 1 status and command. Interrupts are {@code isa1}
 * and {@code isa12}; both stay high while their byte waits.
 *
 * <p>Without a mouse the auxiliary port fails its test and loops back as keyboard data, which tells
 * a guest at once that there is none.
 */
@Component(
    configurationPid = "nestor.device.i8042",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Device.class, PortDevice.class, Snapshottable.class})
@Designate(ocd = I8042.Config.class, factory = true)
public final class I8042 implements PortDevice, Snapshottable {

  /** Where the controller sits and what is plugged into it. */
  @ObjectClassDefinition(name = "8042 keyboard controller")
  public @interface Config {
    /** {@return data port, command port} */
    @AttributeDefinition(description = "Ports: data, status and command")
    String nestor_ports() default "0x60+1,0x64+1";

    /** {@return whether a mouse is plugged into the auxiliary port} */
    @AttributeDefinition(description = "A mouse is there")
    boolean mouse() default false;
  }

  private static final SectionId SECTION = new SectionId("i8042", 1);

  private static final int FULL = 0x01;
  private static final int SYSTEM = 0x04;
  private static final int LAST_WAS_COMMAND = 0x08;
  private static final int NOT_LOCKED = 0x10;
  private static final int FROM_AUX = 0x20;

  private static final int KEYBOARD_INTERRUPT = 0x01;
  private static final int AUX_INTERRUPT = 0x02;
  private static final int KEYBOARD_OFF = 0x10;
  private static final int AUX_OFF = 0x20;
  private static final int TRANSLATE = 0x40;

  private static final int NOT_RESET = 0x01;
  private static final int A20_OPEN = 0x02;

  private final boolean hasMouse;
  private final int[] ram = new int[32];
  private final ArrayDeque<Integer> replies = new ArrayDeque<>();
  private Ps2Keyboard keyboard;
  private Ps2Mouse mouse;
  private MachinePort machine;
  private Wire a20;
  private Wire keyboardIrq;
  private Wire auxIrq;
  private int status;
  private int outputPort;
  private int data;
  private int awaitsDataFor;

  /** Made by its configuration. */
  @Activate
  public I8042(Config config) {
    hasMouse = config.mouse();
  }

  @Override
  public void attach(DeviceContext context) {
    machine = context.machine();
    a20 = context.wire("a20");
    keyboardIrq = context.wire("isa1");
    auxIrq = context.wire("isa12");
    reset();
  }

  @Override
  public void detach() {
    machine = null;
  }

  @Override
  public void reset() {
    keyboard = new Ps2Keyboard();
    mouse = new Ps2Mouse();
    Arrays.fill(ram, 0);
    // As firmware leaves it: the keyboard works and translates, the auxiliary port is off.
    ram[0] = KEYBOARD_INTERRUPT | SYSTEM | AUX_OFF | TRANSLATE;
    replies.clear();
    status = NOT_LOCKED | SYSTEM;
    data = 0;
    awaitsDataFor = 0;
    writeOutputPort(NOT_RESET | A20_OPEN);
    update();
  }

  @Override
  public int read(int offset, int size) {
    if (offset == 1) {
      return status;
    }
    int value = data;
    status &= ~(FULL | FROM_AUX);
    update();
    return value;
  }

  @Override
  public void write(int offset, int size, int value) {
    if (offset == 1) {
      status |= LAST_WAS_COMMAND;
      awaitsDataFor = 0;
      command(value);
    } else {
      status &= ~LAST_WAS_COMMAND;
      if (awaitsDataFor != 0) {
        int command = awaitsDataFor;
        awaitsDataFor = 0;
        commandData(command, value);
      } else {
        // A byte for the keyboard switches its clock on.
        ram[0] &= ~KEYBOARD_OFF;
        keyboard.receive(value);
      }
    }
    update();
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {
    out.putLongs("registers", status, outputPort, data, awaitsDataFor);
    byte[] cells = new byte[ram.length];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = (byte) ram[i];
    }
    out.putBytes("ram", cells);
    out.putLongs("replies", replies.stream().mapToLong(Integer::longValue).toArray());
    keyboard.save(out, "keyboard");
    mouse.save(out, "mouse");
  }

  @Override
  public void restore(int version, StateReader in) {
    long[] registers = in.getLongs("registers");
    status = (int) registers[0];
    outputPort = (int) registers[1];
    data = (int) registers[2];
    awaitsDataFor = (int) registers[3];
    byte[] cells = in.getBytes("ram");
    for (int i = 0; i < ram.length; i++) {
      ram[i] = cells[i] & 0xFF;
    }
    replies.clear();
    for (long each : in.getLongs("replies")) {
      replies.add((int) each);
    }
    keyboard.restore(in, "keyboard");
    mouse.restore(in, "mouse");
    a20.set((outputPort & A20_OPEN) != 0);
    update();
  }

  private void command(int command) {
    if (command >= 0x20 && command <= 0x3F) {
      replies.add(ram[command & 0x1F]);
      return;
    }
    if (command >= 0xF0) {
      // Pulses output lines low: bit 0 is the processor's reset.
      if ((command & NOT_RESET) == 0) {
        machine.requestReset("8042 reset pulse");
      }
      return;
    }
    switch (command) {
      case 0xA7 -> ram[0] |= AUX_OFF;
      case 0xA8 -> ram[0] &= ~AUX_OFF;
      case 0xA9 -> replies.add(hasMouse ? 0 : 1); // 1: the clock line is stuck low
      case 0xAA -> {
        status |= SYSTEM;
        ram[0] |= SYSTEM | KEYBOARD_OFF | AUX_OFF;
        replies.add(0x55);
      }
      case 0xAB -> replies.add(0);
      case 0xAD -> ram[0] |= KEYBOARD_OFF;
      case 0xAE -> ram[0] &= ~KEYBOARD_OFF;
      case 0xC0 -> replies.add(0x80); // the input port: the keyboard is not locked
      case 0xD0 -> replies.add(outputPortNow());
      case 0xDD -> writeOutputPort(outputPort & ~A20_OPEN);
      case 0xDF -> writeOutputPort(outputPort | A20_OPEN);
      case 0xE0 -> replies.add(0); // the test inputs: both clock lines are low
      default -> {
        boolean takesData = (command >= 0x60 && command <= 0x7F) || (command & 0xFC) == 0xD0;
        if (takesData || command == 0xD4) {
          awaitsDataFor = command;
        }
      }
    }
  }

  private void commandData(int command, int value) {
    switch (command) {
      case 0xD1 -> writeOutputPort(value);
      case 0xD2 -> replies.add(value);
      case 0xD3 -> replies.add(hasMouse ? value | FROM_AUX << 8 : value);
      case 0xD4 -> {
        if (hasMouse) {
          ram[0] &= ~AUX_OFF;
          mouse.receive(value);
        } else {
          replies.add(Ps2Device.RESEND | FROM_AUX << 8);
        }
      }
      default -> {
        ram[command & 0x1F] = value;
        if ((command & 0x1F) == 0) {
          status = (status & ~SYSTEM) | (value & SYSTEM);
        }
      }
    }
  }

  private int outputPortNow() {
    boolean isFull = (status & FULL) != 0;
    boolean isAux = (status & FROM_AUX) != 0;
    return outputPort | (isFull && !isAux ? 0x10 : 0) | (isFull && isAux ? 0x20 : 0);
  }

  private void writeOutputPort(int value) {
    outputPort = value & 0xCF;
    a20.set((value & A20_OPEN) != 0);
    if ((value & NOT_RESET) == 0) {
      machine.requestReset("8042 output port");
    }
  }

  /** Moves the next waiting byte into the output buffer, and drives the interrupt lines. */
  private void update() {
    if ((status & FULL) == 0) {
      // A line falls for every byte, since what listens is edge-triggered.
      keyboardIrq.set(false);
      auxIrq.set(false);
      if (!replies.isEmpty()) {
        int reply = replies.remove();
        fill(reply & 0xFF, reply >>> 8);
      } else if ((ram[0] & KEYBOARD_OFF) == 0 && keyboard.hasAnswer()) {
        fill(translated(keyboard.nextAnswer()), 0);
      } else if ((ram[0] & AUX_OFF) == 0 && mouse.hasAnswer()) {
        fill(mouse.nextAnswer(), FROM_AUX);
      }
    }
    boolean isFull = (status & FULL) != 0;
    boolean isAux = (status & FROM_AUX) != 0;
    keyboardIrq.set(isFull && !isAux && (ram[0] & KEYBOARD_INTERRUPT) != 0);
    auxIrq.set(isFull && isAux && (ram[0] & AUX_INTERRUPT) != 0);
  }

  private void fill(int value, int source) {
    data = value;
    status |= FULL | source;
  }

  /** Scan code set 2 to 1, as far as this keyboard sends anything that differs between the two. */
  private int translated(int value) {
    return (ram[0] & TRANSLATE) != 0 && value == 0x83 ? 0x41 : value;
  }
}
