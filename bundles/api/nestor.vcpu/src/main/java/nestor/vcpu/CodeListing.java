// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/** What an engine has made of a run of guest code, for people. */
public final class CodeListing {
  /** Address of the first guest instruction, without the CS base. */
  public final long rip;

  /** Its guest-physical address. */
  public final long gpa;

  /** Code size of the guest's code: 16, 32 or 64. */
  public final int codeSize;

  /** The guest's code, as it was when it was translated. */
  public final byte[] guest;

  /**
   * How often a turn of the vCPU ended here. Turns are so many instructions long: it is a measure
   * of where the guest spends them.
   */
  public final long samples;

  /** Where the host's code lies; 0 if there is none. */
  public long hostAddress;

  /** The host's code. */
  public byte[] host = {};

  /** Where the part of it lies that seldom runs. */
  public long coldAddress;

  /** That part. */
  public byte[] cold = {};

  /** A listing without host code. */
  public CodeListing(long rip, long gpa, int codeSize, byte[] guest, long samples) {
    this.rip = rip;
    this.gpa = gpa;
    this.codeSize = codeSize;
    this.guest = guest;
    this.samples = samples;
  }
}
