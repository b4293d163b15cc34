// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import nestor.api.state.Snapshottable;
import nestor.vcpu.Flags;
import nestor.vcpu.Mem;
import nestor.vcpu.PhysicalMemoryControl;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * One hash of all that makes two machines the same: time, architectural state, devices, RAM. Pages
 * of zeros are left out, so untouched memory costs little.
 */
final class Digest {
  private static final int PAGE = 4096;

  /** Architectural fields of the block: first byte and byte after the last. Caches are left out. */
  private static final int[][] FIELDS = {
    {State.GPR, State.ZERO},
    {State.RIP, State.NEXT_RIP},
    {State.PENDING, State.FAST_TABLE},
    {State.SEGMENTS, State.FALL_THROUGH},
    {State.FCW, State.MXCSR + 8},
    {State.ST, State.SCRATCH},
  };

  private final MessageDigest sha;
  private final ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
  private final byte[] page = new byte[PAGE];

  private Digest() {
    try {
      sha = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** {@return the hash in hexadecimal} At a safepoint. */
  static String of(Pc pc) {
    Digest digest = new Digest();
    digest.addState(pc);
    digest.add(pc.memory);
    return digest.text();
  }

  /** {@return the hash of everything but RAM, in hexadecimal} At a safepoint. */
  static String ofState(Pc pc) {
    Digest digest = new Digest();
    digest.addState(pc);
    return digest.text();
  }

  private String text() {
    return HexFormat.of().formatHex(sha.digest());
  }

  private void addState(Pc pc) {
    add(pc.clock.ticks());
    add(pc.clock.retired());
    for (Vcpu v : pc.vcpus) {
      add(v);
    }
    List<DeviceSlot> slots =
        pc.slots.all().stream().sorted(Comparator.comparing((DeviceSlot s) -> s.name)).toList();
    for (DeviceSlot slot : slots) {
      add(slot.name);
      if (slot.occupant != null && slot.occupant.state() != null) {
        add(slot.occupant.state());
      }
    }
  }

  private void add(long value) {
    sha.update(number.putLong(0, value).array());
  }

  private void add(String text) {
    add(text.getBytes(StandardCharsets.UTF_8));
  }

  private void add(byte[] bytes) {
    add(bytes.length);
    sha.update(bytes);
  }

  private void add(Vcpu v) {
    add(v.index);
    add(Flags.read(v.state));
    for (int[] range : FIELDS) {
      for (int field = range[0]; field < range[1]; field += 8) {
        add(Mem.getLong(v.state + field));
      }
    }
    add(v.apic);
    if (v.system instanceof Snapshottable state) {
      add(state);
    }
    if (v.virtualization != null) {
      add(v.virtualization);
    }
  }

  private void add(Snapshottable part) {
    SavedSection saved = SavedSection.of(part);
    add(saved.id().name());
    for (Map.Entry<String, Object> field : saved.fields().entrySet()) {
      add(field.getKey());
      switch (field.getValue()) {
        case Long value -> add(value.longValue());
        case Boolean value -> add(value ? 1 : 0);
        case byte[] value -> add(value);
        case long[] value -> {
          add(value.length);
          for (long element : value) {
            add(element);
          }
        }
        default -> add(field.getValue().toString());
      }
    }
  }

  private void add(PhysicalMemoryControl memory) {
    for (PhysicalMemoryControl.Region region : memory.regions()) {
      if (region.kind() == PhysicalMemoryControl.Kind.RAM) {
        for (long gpa = region.base(); gpa < region.base() + region.length(); gpa += PAGE) {
          addPage(memory.ramBase() + gpa, gpa);
        }
      }
    }
  }

  private void addPage(long host, long gpa) {
    long any = 0;
    for (int i = 0; i < PAGE && any == 0; i += 64) {
      for (int j = i; j < i + 64; j += 8) {
        any |= Mem.getLong(host + j);
      }
    }
    if (any != 0) {
      Mem.copyOut(host, page, 0, PAGE);
      add(gpa);
      sha.update(page);
    }
  }
}
