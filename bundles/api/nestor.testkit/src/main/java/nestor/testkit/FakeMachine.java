// SPDX-License-Identifier: Apache-2.0
package nestor.testkit;

import java.util.ArrayList;
import java.util.List;
import nestor.api.device.MachinePort;

/** A machine that only writes down what devices ask of it. */
public final class FakeMachine implements MachinePort {
  private final List<String> resets = new ArrayList<>();
  private final List<Integer> exits = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private int powerOffs;
  private long memoryBytes = 128L << 20;
  private int cpuCount = 1;
  private long seed = 1;

  /** Sets size of RAM, number of vCPUs and seed; 128 MiB, 1 and 1 until then. */
  public void configure(long newMemoryBytes, int newCpuCount, long newSeed) {
    memoryBytes = newMemoryBytes;
    cpuCount = newCpuCount;
    seed = newSeed;
  }

  @Override
  public long memoryBytes() {
    return memoryBytes;
  }

  @Override
  public int cpuCount() {
    return cpuCount;
  }

  @Override
  public long seed() {
    return seed;
  }

  @Override
  public void requestReset(String why) {
    resets.add(why);
  }

  @Override
  public void requestPowerOff() {
    powerOffs++;
  }

  @Override
  public void requestExit(int value) {
    exits.add(value);
  }

  @Override
  public void note(String what) {
    notes.add(what);
  }

  /** {@return the reasons of the resets asked for, oldest first} */
  public List<String> resets() {
    return List.copyOf(resets);
  }

  /** {@return the values of the exits asked for, oldest first} */
  public List<Integer> exits() {
    return List.copyOf(exits);
  }

  /** {@return what devices found worth noting, oldest first} */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /** {@return how often a device asked for power-off} */
  public int powerOffs() {
    return powerOffs;
  }
}
