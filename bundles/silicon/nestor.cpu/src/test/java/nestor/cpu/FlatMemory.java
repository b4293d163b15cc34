// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import java.util.ArrayList;
import java.util.List;
import nestor.vcpu.CodeListener;
import nestor.vcpu.Mem;
import nestor.vcpu.PhysicalMemory;
import nestor.vcpu.Vcpu;

/** All RAM, and ports that count their reads and note their writes. */
final class FlatMemory implements PhysicalMemory {
  private final long ram;
  private final List<CodeListener> listeners = new ArrayList<>();

  /** Writes as {@code port:size=value}, all in hexadecimal. */
  final List<String> written = new ArrayList<>();

  private int next;

  FlatMemory(long ram) {
    this.ram = ram;
  }

  @Override
  public long ramBase() {
    return ram;
  }

  @Override
  public boolean isRam(long gpa) {
    return gpa < TestMachine.RAM;
  }

  @Override
  public long a20Mask() {
    return -1;
  }

  @Override
  public long load(Vcpu v, long gpa, int size) {
    return Mem.get(ram + gpa, size);
  }

  @Override
  public void store(Vcpu v, long gpa, int size, long value) {
    Mem.put(ram + gpa, size, value);
  }

  @Override
  public int in(Vcpu v, int port, int size) {
    return port << 8 | next++;
  }

  @Override
  public void out(Vcpu v, int port, int size, int value) {
    written.add(String.format("%x:%d=%x", port, size, value));
  }

  @Override
  public boolean isWriteWatched(long gpa) {
    return false;
  }

  @Override
  public boolean watchCode(long gpa, int length) {
    return false;
  }

  @Override
  public void addCodeListener(CodeListener listener) {
    listeners.add(listener);
  }

  @Override
  public void removeCodeListener(CodeListener listener) {
    listeners.remove(listener);
  }

  @Override
  public void written(long gpa, int length) {
    listeners.forEach(listener -> listener.codeWritten(gpa, length));
  }
}
