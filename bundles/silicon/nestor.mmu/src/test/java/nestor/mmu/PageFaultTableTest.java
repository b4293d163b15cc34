// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import nestor.vcpu.GuestFault;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Access rights and error codes of 4-level paging, one case a line (SDM vol. 3A, "Determination of
 * Access Rights", "Protection Keys" and "Page-Fault Exceptions").
 */
class PageFaultTableTest {
  private static final long PML4 = 0x10000;
  private static final long PDPT = 0x11000;
  private static final long PD = 0x12000;
  private static final long PT = 0x13000;
  private static final long PAGE = 0x100000;
  private static final long LINEAR = 0x5000;
  private static final int PHYSICAL_BITS = 46;

  /** {@return an entry: p, w and u are flags; x means XD, k a key of 1, r a reserved bit} */
  private static long entry(long address, String flags) {
    long entry = address;
    for (int n = 0; n < flags.length(); n++) {
      entry |=
          switch (flags.charAt(n)) {
            case 'p' -> 1;
            case 'w' -> 2;
            case 'u' -> 4;
            case 'x' -> 1L << 63;
            case 'k' -> 1L << 59;
            case 'r' -> 1L << PHYSICAL_BITS;
            default -> throw new IllegalArgumentException(flags);
          };
    }
    return entry;
  }

  private static long bit(String controls, String name, long bit) {
    return controls.contains(name) ? bit : 0;
  }

  private static Bench bench(String controls, String upper, String leaf) {
    Bench bench = new Bench(256, PHYSICAL_BITS);
    bench.put(PML4, entry(PDPT, "pwu"));
    bench.put(PDPT, entry(PD, "pwu"));
    bench.put(PD, entry(PT, upper));
    bench.put(PT + 8 * (LINEAR >>> 12), entry(PAGE, leaf));
    if (controls.contains("pkru:ad")) {
      bench.set(State.PKRU, 4);
    } else if (controls.contains("pkru:wd")) {
      bench.set(State.PKRU, 8);
    }
    bench.longMode(
        bit(controls, "wp", PagingMode.CR0_WP),
        bit(controls, "smep", PagingMode.CR4_SMEP)
            | bit(controls, "smap", PagingMode.CR4_SMAP)
            | bit(controls, "pke", PagingMode.CR4_PKE),
        bit(controls, "nxe", PagingMode.EFER_NXE),
        PML4);
    return bench;
  }

  /** {@return "none", or the error code in hexadecimal} */
  private static String access(Bench bench, String kind) {
    boolean user = kind.startsWith("user");
    bench.privilege(user ? 3 : 0, kind.contains("ac"));
    GuestFault fault =
        catchThrowableOfType(
            GuestFault.class,
            () -> {
              if (kind.contains("fetch")) {
                bench.mmu.fetch(LINEAR);
              } else if (kind.contains("implicit")) {
                bench.mmu.loadSystem(LINEAR, 8);
              } else if (kind.contains("write")) {
                bench.mmu.store(LINEAR, 8, 1);
              } else {
                bench.mmu.load(LINEAR, 8);
              }
            });
    if (fault == null) {
      return "none";
    }
    assertThat(fault.vector).isEqualTo(GuestFault.PF);
    assertThat(fault.address).isEqualTo(LINEAR);
    return Integer.toHexString(fault.errorCode);
  }

  @ParameterizedTest(name = "{0} {1} {2} {3}")
  @CsvFileSource(resources = "pagefaults.csv", numLinesToSkip = 3, delimiter = '|')
  void givesTheErrorCodeOfTheManual(
      String controls, String upper, String leaf, String kind, String expected) {
    assertThat(access(bench(controls, upper, leaf), kind)).isEqualTo(expected);
  }

  /** SDM vol. 3A, "Accessed and Dirty Flags": set by the access that is done, not by one denied. */
  @ParameterizedTest
  @CsvSource({
    "pwu, user read, 25, 27", "pwu, user write, 25, 67",
    "pu, user write, 25, 5", "pwu, user fetch, 25, 27",
  })
  void setsAccessedAndDirty(String leaf, String kind, String upper, String after) {
    Bench bench = bench("wp", "pu", "pwu");
    bench.put(PT + 8 * (LINEAR >>> 12), entry(PAGE, leaf));
    bench.put(PD, entry(PT, kind.equals("user write") && leaf.equals("pwu") ? "pwu" : "pu"));

    access(bench, kind);

    assertThat(Long.toHexString(bench.at(PD) & 0x7D)).isEqualTo(upper);
    assertThat(Long.toHexString(bench.at(PT + 8 * (LINEAR >>> 12)) & 0x7F)).isEqualTo(after);
  }

  /** SDM vol. 3A, "4-Level Paging": without pages of 1 GiB, PS is reserved in a PDPTE. */
  @Test
  void reservesPsInPdptesWithoutGigabytePages() {
    Bench bench = bench("wp", "pwu", "pwu");
    bench.put(PDPT, 0x87);
    bench.mmu.flushAll();
    assertThat(access(bench, "user read")).isEqualTo("none");

    bench.v.gigabytePages = false;
    bench.mmu.flushAll();

    assertThat(access(bench, "user read")).isEqualTo("d");
  }

  /** Bases of descriptor tables may be 57-bit addresses while paging has 48 bits. */
  @Test
  void refusesNonCanonicalTables() {
    Bench bench = bench("wp", "pwu", "pwu");

    GuestFault fault =
        catchThrowableOfType(GuestFault.class, () -> bench.mmu.loadSystem(1L << 50, 8));

    assertThat(fault.vector).isEqualTo(GuestFault.GP);
  }
}
