// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;

import java.util.List;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;

/** The checks of VMRUN, in the manual's order. A failure is VMEXIT_INVALID. */
final class CheckRows {
  private CheckRows() {}

  private static final String CONSISTENCY = "Canonicalization and Consistency Checks";
  private static final String INJECTION = "Event Injection";
  private static final String NESTED = "Enabling Nested Paging";
  private static final String VNMI = "NMI Virtualization";
  private static final long CR0_NW = 1 << 29;
  private static final long CR0_CD = 1 << 30;
  private static final int LONG = 1 << 9;
  private static final int BIG = 1 << 10;

  /** A bit a port, and three more for an access that goes beyond the last. */
  private static final int IOPM_BYTES = 0x2001;

  private static final int MSRPM_BYTES = 0x2000;

  /** Vectors that are exceptions: no NMI, no reserved ones. */
  private static final int EXCEPTIONS = 0xF_7DFB & ~(1 << 15);

  static final List<Check> ROWS =
      List.of(
          consistency("EFER.SVME is 0", x -> (x.get(EFER) & Svm.EFER_SVME) != 0),
          consistency(
              "CR0.NW is set and CR0.CD is not", x -> (x.get(CR0) & (CR0_CD | CR0_NW)) != CR0_NW),
          consistency("CR0 has bits 63:32", x -> x.get(CR0) >>> 32 == 0),
          consistency("CR3 has reserved bits", CheckRows::cr3),
          consistency("CR4 has reserved bits", x -> (x.get(CR4) & ~x.v.core.cr4Bits()) == 0),
          consistency("DR6 has bits 63:32", x -> x.get(DR6) >>> 32 == 0),
          consistency("DR7 has bits 63:32", x -> x.get(DR7) >>> 32 == 0),
          consistency(
              "EFER has reserved bits",
              x -> (x.get(EFER) & ~(x.v.core.eferBits() | Svm.EFER_LMA)) == 0),
          consistency(
              "long mode with paging but without CR4.PAE",
              x -> !longMode(x) || (x.get(CR4) & Svm.CR4_PAE) != 0),
          consistency(
              "long mode with paging but without CR0.PE",
              x -> !longMode(x) || (x.get(CR0) & Svm.CR0_PE) != 0),
          consistency(
              "long mode with CS.L and CS.D",
              x -> !longMode(x) || (x.get(CS_ATTRIBUTES) & (LONG | BIG)) != (LONG | BIG)),
          consistency("VMRUN is not intercepted", x -> x.fourth(Vectors.Fourth.VMRUN)),
          consistency(
              "I/O permission map beyond physical memory",
              x -> !x.third(Vectors.Third.IOIO_PROT) || inside(x, x.get(IOPM_BASE_PA), IOPM_BYTES)),
          consistency(
              "MSR permission map beyond physical memory",
              x ->
                  !x.third(Vectors.Third.MSR_PROT) || inside(x, x.get(MSRPM_BASE_PA), MSRPM_BYTES)),
          consistency("ASID is 0", x -> x.get(GUEST_ASID) != 0),
          consistency(
              "ASID is beyond the number of ASIDs", x -> x.get(GUEST_ASID) < Capabilities.ASIDS),
          new Check(INJECTION, "reserved type of event", CheckRows::knownType),
          new Check(
              INJECTION, "exception whose vector is not an exception", CheckRows::isException),
          new Check(
              NESTED,
              "nested paging while the host's paging is off",
              x -> !x.nested() || (x.host(State.CR0, CR0) & Svm.CR0_PG) != 0),
          new Check(NESTED, "nCR3 has reserved bits", x -> !x.nested() || nestedRoot(x)),
          new Check(NESTED, "G_PAT has an unknown type", x -> !x.nested() || isPat(x.get(G_PAT))),
          new Check(
              VNMI,
              "virtual NMIs without the NMI intercept",
              x -> !x.virtualNmi() || x.third(Vectors.Third.NMI)));

  private static Check consistency(String message, Check.Rule rule) {
    return new Check(CONSISTENCY, message, rule);
  }

  static boolean longMode(Svm x) {
    return (x.get(EFER) & Svm.EFER_LME) != 0 && (x.get(CR0) & Svm.CR0_PG) != 0;
  }

  /** In every mode; with CR4.PCIDE bit 63 is one of them too. */
  private static boolean cr3(Svm x) {
    return x.fitsPhysical(x.get(CR3));
  }

  /** A map must not extend to the end of the physical addresses, nor beyond. */
  private static boolean inside(Svm x, long address, int bytes) {
    long first = address & -4096L;
    return x.fitsPhysical(first) && x.fitsPhysical(first + bytes);
  }

  private static boolean knownType(Svm x) {
    int event = (int) x.get(EVENTINJ);
    return event >= 0
        || switch (event & VmExit.EVENT_TYPE) {
          case VmExit.EXTERNAL, VmExit.NMI, VmExit.EXCEPTION, VmExit.SOFTWARE_INTERRUPT -> true;
          default -> false;
        };
  }

  private static boolean isException(Svm x) {
    int event = (int) x.get(EVENTINJ);
    int vector = event & 0xFF;
    return event >= 0
        || (event & VmExit.EVENT_TYPE) != VmExit.EXCEPTION
        || vector < 32 && (EXCEPTIONS >>> vector & 1) != 0;
  }

  private static boolean nestedRoot(Svm x) {
    return (x.host(State.EFER, EFER) & Svm.EFER_LMA) == 0 || x.fitsPhysical(x.get(N_CR3));
  }

  private static boolean isPat(long pat) {
    for (int n = 0; n < 64; n += 8) {
      long type = pat >>> n & 0xFF;
      if (type > 7 || type == 2 || type == 3) {
        return false;
      }
    }
    return true;
  }
}
