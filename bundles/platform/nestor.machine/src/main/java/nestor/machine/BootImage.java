// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import nestor.api.boot.CpuStart;
import nestor.api.boot.LoadSegment;
import nestor.vcpu.FastTable;
import nestor.vcpu.Mem;
import nestor.vcpu.PhysicalMemory;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** What lies in RAM and in the first vCPU when a machine starts; applied again at every reset. */
record BootImage(List<LoadSegment> segments, CpuStart start) {
  private static final int CHUNK = 1 << 16;
  private static final long CR0_PE_ET = 0x11;
  private static final long CR0_PG = 1L << 31;
  private static final long CR4_PAE = 1 << 5;
  private static final long EFER_LME_LMA = 0x500;
  private static final long FLAT = 0xFFFF_FFFFL;
  private static final int DATA =
      Segment.PRESENT | Segment.S | Segment.WRITABLE_OR_READABLE | Segment.ACCESSED;
  private static final int CODE = DATA | Segment.CODE;
  private static final int WIDE = Segment.BIG | Segment.GRANULAR;

  /** Copies the segments into RAM. */
  void load(PhysicalMemory memory) {
    byte[] chunk = new byte[CHUNK];
    for (LoadSegment segment : segments) {
      MemorySegment data = segment.data();
      for (long done = 0; done < segment.length(); done += CHUNK) {
        int length = (int) Math.min(CHUNK, segment.length() - done);
        int given = Math.clamp(data.byteSize() - done, 0, length);
        if (given > 0) { // what follows the data is all zero: a program's bss
          MemorySegment.copy(data, ValueLayout.JAVA_BYTE, done, chunk, 0, given);
        }
        Arrays.fill(chunk, given, length, (byte) 0);
        Mem.copyIn(chunk, 0, memory.ramBase() + segment.gpa() + done, length);
        for (int page = 0; page < length; page += 4096) {
          memory.written(segment.gpa() + done + page, Math.min(4096, length - page));
        }
      }
    }
  }

  /** Sets the registers of the first vCPU, which is in its power-on state. */
  void enter(Vcpu v) {
    long s = v.state;
    State.set(s, State.RIP, start.rip());
    long[] general = {
      start.rax(), start.rcx(), start.rdx(), start.rbx(),
      start.rsp(), start.rbp(), start.rsi(), start.rdi()
    };
    for (int i = 0; i < general.length; i++) {
      State.setGpr(s, i, general[i]);
    }
    State.set(s, State.RFLAGS, 2);
    State.set(s, State.GDTR, start.gdtGpa());
    State.set(s, State.GDTR + 8, start.gdtLimit());
    switch (start.mode()) {
      case REAL16 -> {
        for (int segment = Segment.ES; segment <= Segment.GS; segment++) {
          int selector = segment == Segment.CS ? start.cs() : start.ds();
          State.setSegment(s, segment, selector, (long) selector << 4, 0xFFFF, DATA);
        }
        State.set(s, State.CODE_SIZE, 16);
      }
      case PROTECTED32 -> {
        State.set(s, State.CR0, CR0_PE_ET);
        flat(s, CODE | WIDE);
        State.set(s, State.CODE_SIZE, 32);
      }
      case LONG64 -> {
        State.set(s, State.CR0, CR0_PG | CR0_PE_ET);
        State.set(s, State.CR3, start.cr3());
        State.set(s, State.CR4, CR4_PAE);
        State.set(s, State.EFER, EFER_LME_LMA);
        flat(s, CODE | Segment.LONG | Segment.GRANULAR);
        State.set(s, State.CODE_SIZE, 64);
      }
    }
    State.set(s, State.CPL, 0);
    v.mmu.modeChanged();
    v.mmu.addressSpaceChanged(false);
    FastTable.select(s);
  }

  private void flat(long s, int code) {
    for (int segment = Segment.ES; segment <= Segment.GS; segment++) {
      if (segment != Segment.CS) {
        State.setSegment(s, segment, start.ds(), 0, FLAT, DATA | WIDE);
      }
    }
    State.setSegment(s, Segment.CS, start.cs(), 0, FLAT, code);
  }
}
