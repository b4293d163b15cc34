// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import nestor.vcpu.Flags;
import nestor.vcpu.Mem;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vectors.Layout;
import nestor.vectors.Machine;
import nestor.vectors.Surroundings;

/** The registers and the data window of a user program, before or after it ran. */
final class CpuSnapshot {
  static final int VECTOR_BYTES = 64;
  static final int VECTORS = 32;

  final long[] gpr = new long[16];
  long rflags = 0x202;
  long fsBase;
  long gsBase;
  int mxcsr = 0x1F80;
  int fcw = 0x37F;
  int fsw;
  int ftw; // bit i set: physical register i is not empty
  final long[] significand = new long[8]; // by physical register
  final int[] signExponent = new int[8];
  final byte[] vectors = new byte[VECTORS * VECTOR_BYTES];
  final long[] opmask = new long[8];
  final byte[] window = new byte[Layout.DATA_BYTES];

  /** The exception that ended the program, or -1; then its error code, CR2 and RIP. */
  int exception = -1;

  long errorCode;
  long cr2;
  long rip = Layout.START;

  CpuSnapshot copy() {
    CpuSnapshot c = new CpuSnapshot();
    System.arraycopy(gpr, 0, c.gpr, 0, 16);
    c.rflags = rflags;
    c.fsBase = fsBase;
    c.gsBase = gsBase;
    c.mxcsr = mxcsr;
    c.fcw = fcw;
    c.fsw = fsw;
    c.ftw = ftw;
    System.arraycopy(significand, 0, c.significand, 0, 8);
    System.arraycopy(signExponent, 0, c.signExponent, 0, 8);
    System.arraycopy(vectors, 0, c.vectors, 0, vectors.length);
    System.arraycopy(opmask, 0, c.opmask, 0, 8);
    System.arraycopy(window, 0, c.window, 0, window.length);
    c.exception = exception;
    c.errorCode = errorCode;
    c.cr2 = cr2;
    c.rip = rip;
    return c;
  }

  /** {@return the defaults of VECTORS.md} */
  static CpuSnapshot defaults() {
    CpuSnapshot d = new CpuSnapshot();
    for (int n = 0; n < 16; n++) {
      d.gpr[n] = 0x0123_4567_89AB_CDEFL * (2 * n + 1);
    }
    d.gpr[4] = 0x1000_1800L;
    for (int n = 0; n < VECTORS; n++) {
      for (int j = 0; j < 32; j++) {
        d.vectors[n * VECTOR_BYTES + j] = (byte) (n * 17 + j * 29 + 7);
      }
    }
    for (int n = 0; n < 8; n++) {
      d.opmask[n] = 0x1111_1111_1111_1111L * n;
    }
    for (int n = 0; n < d.window.length; n++) {
      d.window[n] = Layout.fill(n);
    }
    return d;
  }

  /** Puts everything into a machine. */
  void store(Machine m) {
    m.reset(Surroundings.LONG64);
    long s = m.s;
    for (int n = 0; n < 16; n++) {
      State.setGpr(s, n, gpr[n]);
    }
    Flags.write(s, rflags);
    State.setBase(s, Segment.FS, fsBase);
    State.setBase(s, Segment.GS, gsBase);
    State.set(s, State.MXCSR, mxcsr);
    State.set(s, State.FCW, fcw);
    State.set(s, State.FSW, fsw);
    State.set(s, State.FTW, ftw);
    for (int n = 0; n < 8; n++) {
      Mem.putLong(State.st(s, n), significand[n]);
      Mem.putShort(State.st(s, n) + 8, (short) signExponent[n]);
      State.set(s, State.OPMASK + 8 * n, opmask[n]);
    }
    Mem.copyIn(vectors, 0, State.vector(s, 0), vectors.length);
    Mem.copyIn(window, 0, m.ram + Layout.DATA, window.length);
  }

  /** Takes everything but the exception from a machine. */
  void load(Machine m) {
    long s = m.s;
    for (int n = 0; n < 16; n++) {
      gpr[n] = State.gpr(s, n);
    }
    rflags = State.get(s, State.RFLAGS) & ~Flags.RF;
    fsBase = State.base(s, Segment.FS);
    gsBase = State.base(s, Segment.GS);
    mxcsr = (int) State.get(s, State.MXCSR);
    fcw = (int) State.get(s, State.FCW);
    fsw = (int) State.get(s, State.FSW);
    ftw = (int) State.get(s, State.FTW);
    for (int n = 0; n < 8; n++) {
      significand[n] = Mem.getLong(State.st(s, n));
      signExponent[n] = Mem.getShort(State.st(s, n) + 8) & 0xFFFF;
      opmask[n] = State.get(s, State.OPMASK + 8 * n);
    }
    Mem.copyOut(State.vector(s, 0), vectors, 0, vectors.length);
    Mem.copyOut(m.ram + Layout.DATA, window, 0, window.length);
  }

  int top() {
    return fsw >> 11 & 7;
  }

  /** Makes the XSAVE image, in standard format, that XRSTOR on the host takes. */
  void toXsave(ByteBuffer image, HostCpu host) {
    image.order(ByteOrder.LITTLE_ENDIAN);
    image.putShort(0, (short) fcw).putShort(2, (short) fsw).put(4, (byte) ftw);
    image.putInt(24, mxcsr);
    for (int n = 0; n < 8; n++) {
      int physical = top() + n & 7;
      image.putLong(32 + 16 * n, significand[physical]);
      image.putLong(40 + 16 * n, signExponent[physical]);
    }
    for (int n = 0; n < 16; n++) {
      image.put(160 + 16 * n, vectors, n * VECTOR_BYTES, 16);
    }
    image.putLong(512, host.components());
    if (host.has(2)) {
      for (int n = 0; n < 16; n++) {
        image.put(host.offset(2) + 16 * n, vectors, n * VECTOR_BYTES + 16, 16);
      }
    }
    if (host.has(5)) {
      for (int n = 0; n < 8; n++) {
        image.putLong(host.offset(5) + 8 * n, opmask[n]);
      }
      for (int n = 0; n < 16; n++) {
        image.put(host.offset(6) + 32 * n, vectors, n * VECTOR_BYTES + 32, 32);
        image.put(host.offset(7) + 64 * n, vectors, (n + 16) * VECTOR_BYTES, 64);
      }
    }
  }

  /** Takes the registers from an XSAVE image; a component in its initial state has no image. */
  void fromXsave(ByteBuffer image, HostCpu host) {
    image.order(ByteOrder.LITTLE_ENDIAN);
    long present = image.getLong(512);
    boolean x87 = (present & 1) != 0;
    fcw = x87 ? image.getShort(0) & 0xFFFF : 0x37F;
    fsw = x87 ? image.getShort(2) & 0xFFFF : 0;
    ftw = x87 ? image.get(4) & 0xFF : 0;
    mxcsr = image.getInt(24);
    for (int n = 0; n < 8; n++) {
      int physical = top() + n & 7;
      significand[physical] = x87 ? image.getLong(32 + 16 * n) : 0;
      signExponent[physical] = x87 ? image.getShort(40 + 16 * n) & 0xFFFF : 0;
    }
    Arrays.fill(vectors, (byte) 0);
    Arrays.fill(opmask, 0);
    for (int n = 0; n < 16; n++) {
      if ((present & 2) != 0) {
        image.get(160 + 16 * n, vectors, n * VECTOR_BYTES, 16);
      }
      if ((present & 4) != 0) {
        image.get(host.offset(2) + 16 * n, vectors, n * VECTOR_BYTES + 16, 16);
      }
      if ((present & 0x40) != 0) {
        image.get(host.offset(6) + 32 * n, vectors, n * VECTOR_BYTES + 32, 32);
      }
      if ((present & 0x80) != 0) {
        image.get(host.offset(7) + 64 * n, vectors, (n + 16) * VECTOR_BYTES, 64);
      }
      if (n < 8 && (present & 0x20) != 0) {
        opmask[n] = image.getLong(host.offset(5) + 8 * n);
      }
    }
  }
}
