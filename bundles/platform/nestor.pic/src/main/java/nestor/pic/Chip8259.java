// SPDX-License-Identifier: Apache-2.0
package nestor.pic;

import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;

/**
 * One 8259A programmable interrupt controller, without its wiring.
 *
 * <p>Written after Intel's 8259A data sheet (231468-003). Where the PC's chipsets differ it follows
 * them: trigger mode comes from the ELCR and ICW1's LTIM bit is ignored.
 *
 * <p>Deviation: an edge once seen stays requested although its line falls again before the
 * acknowledge. The data sheet gives a default IR7 then; a device model that pulses its line would
 * lose interrupts to it. Level-triggered inputs and the cascade follow their line.
 */
final class Chip8259 {
  /** What {@link #take} gives, beside a level, when nothing is requested: the default IR7. */
  static final int SPURIOUS = 7 | 0x100;

  private static final int EOI = 0x20;
  private static final int SPECIFIC = 0x40;
  private static final int ROTATE = 0x80;

  private final int elcrWritable;
  private final int follows;
  private int lines;
  private int irr;
  private int isr;
  private int imr;
  private int elcr;
  private int vectorBase;
  private int icw1;
  private int icw3;
  private int icw4;
  private int nextIcw;
  private int lowest = 7;
  private boolean specialMask;
  private boolean rotateOnAeoi;
  private boolean readsIsr;
  private boolean polls;

  /**
   * @param elcrWritable which inputs may be made level-triggered
   * @param follows inputs whose request goes when the line falls: the cascade
   */
  Chip8259(int elcrWritable, int follows) {
    this.elcrWritable = elcrWritable;
    this.follows = follows;
  }

  /** Power-on. Unspecified: everything is masked until the guest initialises the chip. */
  void reset(int currentLines) {
    elcr = 0;
    vectorBase = 0;
    icw1 = 0;
    icw3 = 0;
    icw4 = 0;
    nextIcw = 0;
    readsIsr = false;
    polls = false;
    isr = 0;
    irr = 0;
    lowest = 7;
    specialMask = false;
    rotateOnAeoi = false;
    imr = 0xFF;
    lines = currentLines;
  }

  /** One of the eight inputs is now high or low. */
  void input(int level, boolean high) {
    int bit = 1 << level;
    if (high) {
      if ((lines & bit) == 0 || (elcr & bit) != 0) {
        irr |= bit;
      }
      lines |= bit;
    } else {
      lines &= ~bit;
      irr &= ~(bit & (elcr | follows));
    }
  }

  /** {@return whether the INT output is high} */
  boolean requests() {
    return candidate() >= 0;
  }

  /**
   * Takes the most urgent request, as the first INTA pulse does.
   *
   * @return its level, or {@link #SPURIOUS}
   */
  int take() {
    int level = candidate();
    if (level < 0) {
      return SPURIOUS;
    }
    int bit = 1 << level;
    irr &= ~(bit & ~elcr);
    if (!hasAutoEoi()) {
      isr |= bit;
    } else if (rotateOnAeoi) {
      lowest = level;
    }
    return level;
  }

  int vector(int level) {
    return vectorBase | (level & 7);
  }

  /** {@return whether a slave was announced on this input} Only a master is asked. */
  boolean hasSlaveOn(int level) {
    return !isSingle() && ((icw3 >>> level) & 1) != 0;
  }

  /** {@return whether this slave answers to this cascade address} */
  boolean hasSlaveId(int id) {
    return !isSingle() && (icw3 & 7) == id;
  }

  /** {@return whether the next read is a poll, which acknowledges} */
  boolean polls() {
    return polls;
  }

  int read(int address) {
    if (polls) {
      polls = false;
      int level = take();
      return level == SPURIOUS ? 0 : 0x80 | level;
    }
    if (address == 1) {
      return imr;
    }
    return readsIsr ? isr : irr;
  }

  void write(int address, int value) {
    if (address == 0) {
      if ((value & 0x10) != 0) {
        startInitialization(value);
      } else if ((value & 0x08) != 0) {
        operationCommand3(value);
      } else {
        operationCommand2(value);
      }
    } else if (nextIcw != 0) {
      initializationWord(value);
    } else {
      imr = value;
    }
  }

  int elcr() {
    return elcr;
  }

  void setElcr(int value) {
    int levelTriggered = value & elcrWritable;
    // An input that becomes level-triggered follows its line from now on; one that becomes
    // edge-triggered waits for the next edge.
    irr = (irr & ~(levelTriggered | elcr)) | (lines & levelTriggered);
    elcr = levelTriggered;
  }

  void save(StateWriter out, String prefix) {
    out.putLongs(
        prefix,
        lines,
        irr,
        isr,
        imr,
        elcr,
        vectorBase,
        icw1,
        icw3,
        icw4,
        nextIcw,
        lowest,
        specialMask ? 1 : 0,
        rotateOnAeoi ? 1 : 0,
        readsIsr ? 1 : 0,
        polls ? 1 : 0);
  }

  void restore(StateReader in, String prefix) {
    long[] saved = in.getLongs(prefix);
    lines = (int) saved[0];
    irr = (int) saved[1];
    isr = (int) saved[2];
    imr = (int) saved[3];
    elcr = (int) saved[4];
    vectorBase = (int) saved[5];
    icw1 = (int) saved[6];
    icw3 = (int) saved[7];
    icw4 = (int) saved[8];
    nextIcw = (int) saved[9];
    lowest = (int) saved[10];
    specialMask = saved[11] != 0;
    rotateOnAeoi = saved[12] != 0;
    readsIsr = saved[13] != 0;
    polls = saved[14] != 0;
  }

  /** "Initialization Command Words 1 and 2", points a to f. */
  private void startInitialization(int value) {
    icw1 = value;
    irr = lines & elcr;
    isr = 0;
    imr = 0;
    lowest = 7;
    specialMask = false;
    rotateOnAeoi = false;
    readsIsr = false;
    polls = false;
    icw4 = 0;
    nextIcw = 2;
  }

  private void initializationWord(int value) {
    switch (nextIcw) {
      case 2 -> {
        vectorBase = value & 0xF8;
        nextIcw = isSingle() ? afterIcw3() : 3;
      }
      case 3 -> {
        icw3 = value;
        nextIcw = afterIcw3();
      }
      default -> {
        icw4 = value;
        nextIcw = 0;
      }
    }
  }

  private int afterIcw3() {
    return (icw1 & 0x01) != 0 ? 4 : 0;
  }

  private void operationCommand2(int value) {
    int level = value & 7;
    if ((value & EOI) != 0) {
      int ended = (value & SPECIFIC) != 0 ? level : mostUrgent(isr & ~maskedInService());
      if (ended >= 0) {
        isr &= ~(1 << ended);
        if ((value & ROTATE) != 0) {
          lowest = ended;
        }
      }
    } else if ((value & SPECIFIC) == 0) {
      rotateOnAeoi = (value & ROTATE) != 0;
    } else if ((value & ROTATE) != 0) {
      lowest = level;
    }
  }

  private void operationCommand3(int value) {
    if ((value & 0x40) != 0) {
      specialMask = (value & 0x20) != 0;
    }
    if ((value & 0x02) != 0) {
      readsIsr = (value & 0x01) != 0;
    }
    polls = (value & 0x04) != 0;
  }

  /** {@return the level that INT stands for, or -1} */
  private int candidate() {
    if (nextIcw != 0) {
      return -1;
    }
    int pending = mostUrgent(irr & ~imr);
    if (pending < 0) {
      return -1;
    }
    int blocking = isr & ~maskedInService();
    if (isSpecialFullyNested()) {
      blocking &= ~icw3;
    }
    int inService = mostUrgent(blocking);
    return inService < 0 || rank(pending) < rank(inService) ? pending : -1;
  }

  /** {@return the bits of ISR that block nothing: "Special Mask Mode" hides the masked ones} */
  private int maskedInService() {
    return specialMask ? imr : 0;
  }

  private int mostUrgent(int bits) {
    if (bits == 0) {
      return -1;
    }
    int first = (lowest + 1) & 7;
    int rotated = ((bits >>> first) | (bits << (8 - first))) & 0xFF;
    return (Integer.numberOfTrailingZeros(rotated) + first) & 7;
  }

  private int rank(int level) {
    return (level - lowest - 1) & 7;
  }

  private boolean isSingle() {
    return (icw1 & 0x02) != 0;
  }

  private boolean hasAutoEoi() {
    return (icw4 & 0x02) != 0;
  }

  private boolean isSpecialFullyNested() {
    return (icw4 & 0x10) != 0;
  }
}
