// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import nestor.vcpu.CodeListener;
import nestor.vcpu.PhysicalMemory;
import nestor.vcpu.Vcpu;

/** A page of code for {@link HostProbe}; nothing else can be done with it. */
final class ProbeMemory implements PhysicalMemory {
  private final long base;

  ProbeMemory(long base) {
    this.base = base;
  }

  @Override
  public long ramBase() {
    return base;
  }

  @Override
  public boolean isRam(long gpa) {
    return true;
  }

  @Override
  public long a20Mask() {
    return -1;
  }

  @Override
  public long load(Vcpu v, long gpa, int size) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void store(Vcpu v, long gpa, int size, long value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int in(Vcpu v, int port, int size) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void out(Vcpu v, int port, int size, int value) {
    throw new UnsupportedOperationException();
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
  public void addCodeListener(CodeListener listener) {}

  @Override
  public void removeCodeListener(CodeListener listener) {}

  @Override
  public void written(long gpa, int length) {}
}
