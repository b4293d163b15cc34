// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.State;
import nestor.vcpu.TlbPolicy;
import nestor.vmx.Control.Pin;
import nestor.vmx.Control.Secondary;
import org.junit.jupiter.api.Test;

/** What the TLB keeps across entries and exits, and what extended page tables do. */
class TranslationTest {
  private static final int PAGES = 12;

  /** A policy that this test names. */
  private record Policy(String name, boolean flushesOnTransition) implements TlbPolicy {}

  /** A guest that reads {@link #PAGES} pages of its own and then executes CPUID, for ever. */
  private static Lab toucher() {
    Lab lab = new Lab().on().legal().withEpt();
    lab.secondary(Secondary.VPID).field(VIRTUAL_PROCESSOR_ID, 1);
    int[] code = new int[PAGES * 8 + 4];
    int at = 0;
    for (int page = 0; page < PAGES; page++) {
      for (int b : new int[] {0x8A, 0x0C, 0x25, 0x08, 0x10 * page, 0x01, 0x00}) {
        code[at++] = b; // mov cl, [10008h + page * 1000h]
      }
    }
    code[at++] = 0x0F;
    code[at++] = 0xA2;
    code[at++] = 0xEB;
    code[at] = -(PAGES * 7 + 4) & 0xFF;
    return lab.code(code);
  }

  private static long walks(Lab lab) {
    return lab.v.mmu.counters().get("walks.4-level");
  }

  /** {@return page walks from the resumption after a CPUID exit until the next} */
  private static long round(Lab lab) {
    lab.field(GUEST_RIP, lab.x.get(GUEST_RIP) + 2);
    long hostWalks = walks(lab);
    lab.resume();
    assertThat(lab.run()).isEqualTo(ExitReason.CPUID);
    return walks(lab) - hostWalks;
  }

  @Test
  void taggedTranslationsOutliveExitsAndTheFlushStrategyRefillsEveryPageOncePerExit() {
    Lab lab = toucher();
    lab.v.mmu.usePolicy(new Policy("tagged", false));
    lab.launch();
    lab.run();
    round(lab);
    assertThat(round(lab)).isZero();
    assertThat(round(lab)).isZero();

    lab.v.mmu.usePolicy(new Policy("flush", true));
    round(lab);
    // The pages of data, the page of code, and the one that L1's VMRESUME lies in.
    assertThat(round(lab)).isEqualTo(PAGES + 2);
    assertThat(round(lab)).isEqualTo(PAGES + 2);

    lab.v.mmu.usePolicy(new Policy("tagged", false));
    round(lab);
    assertThat(round(lab)).isZero();
  }

  @Test
  void aGuestDoesNotNoticeThatTheStrategyIsExchangedUnderIt() {
    String[] ends = new String[2];
    for (int run = 0; run < 2; run++) {
      Lab lab = toucher();
      java.util.Random random = new java.util.Random(7);
      lab.launch();
      int swaps = 0;
      for (int exits = 0; exits < 300; ) {
        lab.one();
        if (random.nextInt(30) == 0 && run == 1) {
          lab.v.mmu.usePolicy(new Policy("any", swaps++ % 2 == 0));
        }
        if (!lab.v.intercepts.guest) {
          exits++;
          lab.field(GUEST_RIP, lab.x.get(GUEST_RIP) + 2);
          lab.resume();
        }
      }
      assertThat(swaps).isGreaterThan(run == 1 ? 100 : -1);
      StringBuilder end = new StringBuilder().append(lab.clock.nanos());
      for (int i = 0; i < 16; i++) {
        end.append(' ').append(Long.toHexString(lab.gpr(i)));
      }
      ends[run] = end.append(lab.x.get(GUEST_RIP)).toString();
    }
    assertThat(ends[1]).isEqualTo(ends[0]);
  }

  @Test
  void withoutVpidEachTransitionFlushesLinearMappings() {
    Lab lab = toucher().without(SECONDARY_CONTROLS, Secondary.VPID);
    lab.launch();
    lab.run();
    round(lab);
    assertThat(round(lab)).isEqualTo(PAGES + 2);
  }

  @Test
  void inveptDropsWhatCameFromTheTables() {
    Lab lab = toucher();
    lab.launch();
    lab.run();
    round(lab);
    lab.put(0x3_9100, 8, lab.x.get(EPT_POINTER));
    lab.gpr(0, 0x3_9100);
    lab.gpr(1, 1);
    lab.execute(0x66, 0x0F, 0x38, 0x80, 0x08);
    assertThat(round(lab)).isEqualTo(PAGES + 1);
    assertThat(round(lab)).isZero();
  }

  @Test
  void invvpidDropsOneAddressOrAllOfATag() {
    Lab lab = toucher();
    lab.launch();
    lab.run();
    round(lab);
    lab.put(0x3_9100, 8, 1);
    lab.put(0x3_9108, 8, 0x1_3000);
    lab.gpr(0, 0x3_9100);
    lab.gpr(1, 0);
    lab.execute(0x66, 0x0F, 0x38, 0x81, 0x08);
    assertThat(round(lab)).isEqualTo(1);
    lab.gpr(0, 0x3_9100);
    lab.gpr(1, 1);
    lab.execute(0x66, 0x0F, 0x38, 0x81, 0x08);
    assertThat(round(lab)).isEqualTo(PAGES + 1);
    lab.put(0x3_9100, 8, 2); // another tag
    lab.gpr(0, 0x3_9100);
    lab.gpr(1, 1);
    lab.execute(0x66, 0x0F, 0x38, 0x81, 0x08);
    assertThat(round(lab)).isZero();
  }

  @Test
  void aStaleTranslationIsUsedUntilItIsInvalidated() {
    Lab lab = toucher();
    lab.put(Lab.L2_RAM + 0x1_0008, 1, 1);
    lab.launch();
    lab.run();
    round(lab);
    lab.put(Lab.eptEntry(0x1_0000), 8, 0); // not present, but cached
    assertThat(round(lab)).isZero();
    lab.v.mmu.invalidateSecondLevel(-1);
    lab.field(GUEST_RIP, lab.x.get(GUEST_RIP) + 2);
    lab.resume();
    assertThat(lab.run()).isEqualTo(ExitReason.EPT_VIOLATION);
    assertThat(lab.x.get(EXIT_QUALIFICATION) & 0x3F).isEqualTo(1);
  }

  @Test
  void executeOnlyPagesCanBeFetchedAndNotRead() {
    Lab lab = new Lab().on().legal().withEpt();
    lab.put(Lab.eptEntry(Lab.L2_CODE), 8, Lab.L2_RAM + Lab.L2_CODE | 0x34);
    lab.code(0x90, 0x8A, 0x0C, 0x25, 0, 0x80, 0, 0);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.EPT_VIOLATION);
    assertThat(lab.x.get(GUEST_RIP)).isEqualTo(Lab.L2_CODE + 1);
    assertThat(lab.x.get(EXIT_QUALIFICATION) & 0x3F).isEqualTo(1 | 1 << 5);
  }

  @Test
  void modeBasedExecuteTellsUserFromSupervisorPages() {
    Lab lab = new Lab().on().legal().withEpt().secondary(Secondary.MODE_BASED_EXECUTE);
    // L2's pages are user pages in its own tables, so bit 10 decides, at every level.
    for (int level = 0; level < 3; level++) {
      long entry = Lab.EPT_TABLES + 0x1000L * level;
      lab.put(entry, 8, lab.at(entry, 8) | 0x400);
    }
    lab.put(Lab.eptEntry(Lab.L2_CODE), 8, Lab.L2_RAM + Lab.L2_CODE | 0x37);
    lab.code(0x0F, 0xA2);
    lab.launch();
    assertThat(lab.run()).isEqualTo(ExitReason.EPT_VIOLATION);
    assertThat(lab.x.get(EXIT_QUALIFICATION) & 0x7F).isEqualTo(4 | 7 << 3);

    lab.put(Lab.eptEntry(Lab.L2_CODE), 8, Lab.L2_RAM + Lab.L2_CODE | 0x437);
    lab.v.mmu.invalidateSecondLevel(-1);
    lab.resume();
    assertThat(lab.run()).isEqualTo(ExitReason.CPUID);
  }

  @Test
  void firstWritesGoToThePageModificationLogAndAFullLogExits() {
    Lab lab = new Lab().on().legal().withEpt().secondary(Secondary.PML);
    lab.or(EPT_POINTER, 1 << 6).field(PML_ADDRESS, Lab.LIST_PAGE).field(PML_INDEX, 0);
    // The walk itself writes to three tables; they are logged first, so let them be dirty.
    for (long table = Lab.L2_TABLES; table < Lab.L2_TABLES + 0x3000; table += 0x1000) {
      lab.put(Lab.eptEntry(table), 8, Lab.L2_RAM + table | 0x337);
    }
    lab.code(0x88, 0x0C, 0x25, 0, 0, 1, 0, 0x88, 0x0C, 0x25, 0, 0x10, 1, 0);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.PML_FULL);
    assertThat(lab.x.get(GUEST_RIP)).isEqualTo(Lab.L2_CODE + 7);
    assertThat(lab.at(Lab.LIST_PAGE, 8)).isEqualTo(0x1_0000);
    assertThat(lab.x.get(PML_INDEX)).isEqualTo(0xFFFF);
  }

  @Test
  void vmfuncSwitchesTheTables() {
    Lab lab = new Lab().on().legal().withEpt().secondary(Secondary.VM_FUNCTIONS);
    lab.field(VM_FUNCTION_CONTROLS, 1).field(EPTP_LIST_ADDRESS, Lab.LIST_PAGE);
    long other = 0x6_0000;
    for (int i = 0; i < 0x4000; i += 8) {
      lab.put(other + i, 8, lab.at(Lab.EPT_TABLES + i, 8));
    }
    for (int i = 0; i < 3; i++) {
      lab.put(other + 0x1000L * i, 8, other + 0x1000L * (i + 1) | 7);
    }
    lab.put(other + 0x3000 + 0x10 * 8, 8, Lab.L2_RAM + 0x2_0000 | 0x37);
    lab.put(Lab.LIST_PAGE + 8, 8, other | 0x1E);
    lab.put(Lab.L2_RAM + 0x1_0000, 1, 1);
    lab.put(Lab.L2_RAM + 0x2_0000, 1, 2);
    // mov cl,[10000h]; mov bl,cl; xor eax,eax; mov ecx,1; vmfunc; mov cl,[10000h]; cpuid
    lab.code(
        0x8A, 0x0C, 0x25, 0, 0, 1, 0, 0x88, 0xCB, 0x31, 0xC0, 0xB9, 1, 0, 0, 0, 0x0F, 0x01, 0xD4,
        0x8A, 0x0C, 0x25, 0, 0, 1, 0, 0x0F, 0xA2);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.CPUID);
    assertThat(lab.gpr(3) & 0xFF).isEqualTo(1);
    assertThat(lab.gpr(1) & 0xFF).isEqualTo(2);
    assertThat(lab.x.get(EPT_POINTER)).isEqualTo(other | 0x1E);
  }

  @Test
  void anInvlpgOfALargePageDropsTheSmallPiecesOfIt() {
    Lab lab = new Lab().on().legal().withEpt();
    lab.secondary(Secondary.VPID).field(VIRTUAL_PROCESSOR_ID, 1);
    // mov cl,[10000h]; invlpg [20000h]; mov cl,[10000h]; cpuid: one 2 MiB page, mapped in pieces
    lab.code(
        0x8A, 0x0C, 0x25, 0, 0, 1, 0, 0x0F, 0x01, 0x3C, 0x25, 0, 0, 2, 0, 0x8A, 0x0C, 0x25, 0, 0, 1,
        0, 0x0F, 0xA2);
    lab.launch();
    long before = walks(lab);
    lab.run();
    // code, data, and after INVLPG both again
    assertThat(walks(lab) - before).isEqualTo(4);
  }

  @Test
  void theApicAccessPageExitsButItsTprIsTheShadows() {
    Lab lab = new Lab().on().legal();
    lab.secondary(Secondary.VIRTUALIZE_APIC_ACCESSES).field(APIC_ACCESS_ADDRESS, 0x5_0000);
    lab.or(PRIMARY_CONTROLS, Control.Primary.TPR_SHADOW).field(VIRTUAL_APIC_ADDRESS, Lab.APIC_PAGE);
    lab.put(Lab.APIC_PAGE + 0x80, 4, 0x70);
    // mov ecx,[50080h]; mov [500B0h],ecx
    lab.code(0x8B, 0x0C, 0x25, 0x80, 0, 5, 0, 0x89, 0x0C, 0x25, 0xB0, 0, 5, 0);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.APIC_ACCESS);
    assertThat(lab.gpr(1)).isEqualTo(0x70);
    assertThat(lab.x.get(EXIT_QUALIFICATION)).isEqualTo(0x10B0);
    assertThat(lab.x.get(GUEST_RIP)).isEqualTo(Lab.L2_CODE + 7);
  }

  @Test
  void aShadowVmcsServesTheGuestsReadsAndWrites() {
    Lab lab = new Lab().on().legal().secondary(Secondary.VMCS_SHADOWING);
    lab.put(Lab.OTHER_REGION, 4, Vmcs.REVISION | Vmcs.SHADOW);
    lab.field(VMCS_LINK_POINTER, Lab.OTHER_REGION);
    lab.field(VMREAD_BITMAP, Lab.MSR_BITMAP_PAGE).field(VMWRITE_BITMAP, Lab.MSR_BITMAP_PAGE);
    long field = GUEST_RIP.encoding();
    // mov eax,field; mov edx,1234h; vmwrite rax,rdx; vmread rbx,rax; mov al, 1Ch; vmread rbx,rax
    lab.code(
        0xB8,
        (int) field,
        (int) field >> 8,
        0,
        0,
        0xBA,
        0x34,
        0x12,
        0,
        0,
        0x0F,
        0x79,
        0xC2,
        0x0F,
        0x78,
        0xC3,
        0xB0,
        0x1C,
        0x0F,
        0x78,
        0xC3);
    lab.put(Lab.MSR_BITMAP_PAGE + (GUEST_RSP.encoding() >> 3), 1, 1 << (GUEST_RSP.encoding() & 7));
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.VMREAD);
    assertThat(lab.gpr(3)).isEqualTo(0x1234);
    assertThat(Vmcs.read(lab.memory, Lab.OTHER_REGION, GUEST_RIP)).isEqualTo(0x1234);
    assertThat(lab.x.get(EXIT_INSTRUCTION_INFO)).isEqualTo(1 << 10 | 3 << 3);
  }

  @Test
  void anL2CanBeDrivenFromJavaWithoutAnyHostState() {
    Lab lab = new Lab().on().legal().code(0x0F, 0xA2, 0xFF, 0xC3, 0xEB, 0xFA);
    lab.gpr(3, 0);
    int[] exits = new int[1];
    String refusal =
        lab.vmx.enter(
            Lab.VMCS_REGION,
            (vcpu, exit) -> {
              assertThat(exit.reason).isEqualTo(ExitReason.CPUID);
              exits[0]++;
            });
    assertThat(refusal).isNull();
    for (int round = 0; round < 5; round++) {
      lab.run();
      assertThat(lab.get(State.RIP)).isEqualTo(Lab.L2_CODE);
      lab.field(GUEST_RIP, Lab.L2_CODE + 2);
      assertThat(lab.vmx.enter(Lab.VMCS_REGION, (vcpu, exit) -> exits[0]++)).isNull();
    }
    lab.run();
    assertThat(exits[0]).isEqualTo(6);
    assertThat(lab.gpr(3)).isEqualTo(5);
  }

  @Test
  void anNmiWindowOpensWhenTheGuestsIretEndsBlocking() {
    Lab lab = new Lab().on().legal().or(PIN_BASED_CONTROLS, Pin.NMI_EXITING | Pin.VIRTUAL_NMIS);
    lab.or(PRIMARY_CONTROLS, Control.Primary.NMI_WINDOW_EXITING);
    lab.field(GUEST_INTERRUPTIBILITY_STATE, 8).field(GUEST_GDTR_BASE, 0x6000);
    lab.put(0x6008, 8, 0x00AF_9B00_0000_FFFFL);
    lab.put(0x6010, 8, 0x00CF_9300_0000_FFFFL);
    long stack = Lab.L2_STACK - 40;
    long[] frame = {Lab.L2_CODE + 0x10, 8, 2, Lab.L2_STACK, 16};
    for (int i = 0; i < frame.length; i++) {
      lab.put(stack + 8L * i, 8, frame[i]);
    }
    lab.field(GUEST_RSP, stack).code(0x90, 0x48, 0xCF);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.NMI_WINDOW);
    assertThat(lab.x.get(GUEST_RIP)).isEqualTo(Lab.L2_CODE + 0x10);
    assertThat(lab.x.get(GUEST_INTERRUPTIBILITY_STATE)).isZero();
  }
}
