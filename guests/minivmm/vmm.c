// SPDX-License-Identifier: Apache-2.0
// A guest on the KVM API (the kernel's virt/kvm/api document), up to its run loop.
#include "vmm.h"

enum { EINTR = 4, EAGAIN = 11, O_RDWR_CLOEXEC = 2 | 02000000 };
enum { READ_WRITE = 3, MAP_SHARED = 1 };
enum { DEBUG_EXIT = 0xF4, COM1 = 0x3F8, CMOS = 0x70, CMOS_DATA = 0x71, KEYBOARD = 0x64 };

void fail(const char *what, long error) {
  struct line line = {.used = 0};
  put(&line, "minivmm: ");
  put(&line, what);
  put(&line, ": error ");
  put_signed(&line, -error);
  put(&line, "\n");
  print(&line);
  leave(1);
}

int control(int fd, unsigned long request, const void *argument, const char *what) {
  long result = call3(SYS_IOCTL, fd, (long)request, (long)argument);
  if (result < 0) {
    fail(what, result);
  }
  return (int)result;
}

static void set_cpuid(struct guest *guest) {
  static struct {
    struct kvm_cpuid2 head;
    struct kvm_cpuid_entry2 entry[128];
  } cpuid;
  cpuid.head.nent = 128;
  control(guest->kvm, KVM_GET_SUPPORTED_CPUID, &cpuid, "cpuid");
  for (unsigned i = 0; i < cpuid.head.nent; i++) {
    if (cpuid.entry[i].function == 1) {
      cpuid.entry[i].ecx |= 1u << 31; // under a hypervisor: the guest looks for kvm-clock
    }
  }
  control(guest->vcpu, KVM_SET_CPUID2, &cpuid, "set cpuid");
}

// Fast strings on, as firmware leaves them: Linux 6.1 moves short blocks wrongly on a processor that
// has FSRM but not ERMS, and takes ERMS away without them. KVM on AMD may not know the MSR.
static void set_msrs(struct guest *guest) {
  static struct {
    struct kvm_msrs head;
    struct kvm_msr_entry entry[1];
  } msrs;
  msrs.head.nmsrs = 1;
  msrs.entry[0].index = 0x1A0; // IA32_MISC_ENABLE
  msrs.entry[0].data = 0x1801; // fast strings; neither BTS nor PEBS
  control(guest->vcpu, KVM_SET_MSRS, &msrs, "set msrs");
}

void create_guest(struct guest *guest, uint64_t ram_size, int with_interrupt_chips) {
  guest->kvm = (int)call3(SYS_OPEN, (long)"/dev/kvm", O_RDWR_CLOEXEC, 0);
  if (guest->kvm < 0) {
    fail("/dev/kvm", guest->kvm);
  }
  if (control(guest->kvm, KVM_GET_API_VERSION, 0, "api") != KVM_API_VERSION) {
    fail("unknown KVM API version", 0);
  }
  guest->vm = control(guest->kvm, KVM_CREATE_VM, 0, "KVM_CREATE_VM");
  // Needed on Intel without unrestricted guest only, so failure is no matter.
  call3(SYS_IOCTL, guest->vm, (long)KVM_SET_TSS_ADDR, 0xFFFBD000l);
  uint64_t identity_map = 0xFFFBC000u;
  call3(SYS_IOCTL, guest->vm, (long)KVM_SET_IDENTITY_MAP_ADDR, (long)&identity_map);
  if (with_interrupt_chips) {
    control(guest->vm, KVM_CREATE_IRQCHIP, 0, "irqchip");
    struct kvm_pit_config pit = {.flags = KVM_PIT_SPEAKER_DUMMY};
    control(guest->vm, KVM_CREATE_PIT2, &pit, "pit");
  }
  guest->ram_size = ram_size;
  guest->ram = memory(ram_size);
  struct kvm_userspace_memory_region region = {
      .memory_size = ram_size, .userspace_addr = (uint64_t)guest->ram};
  control(guest->vm, KVM_SET_USER_MEMORY_REGION, &region, "memory");
  guest->vcpu = control(guest->vm, KVM_CREATE_VCPU, 0, "vcpu");
  int size = control(guest->kvm, KVM_GET_VCPU_MMAP_SIZE, 0, "mmap size");
  long run = call6(SYS_MMAP, 0, size, READ_WRITE, MAP_SHARED, guest->vcpu, 0);
  if (run < 0 && run > -4096) {
    fail("run mmap", run);
  }
  guest->run = (struct kvm_run *)run;
  set_cpuid(guest);
  set_msrs(guest);
}

void enter_long_mode(struct guest *guest, uint64_t rip, uint64_t rsi) {
  uint64_t *gdt = (void *)(guest->ram + 0x8000);
  uint64_t *pml4 = (void *)(guest->ram + 0x9000);
  uint64_t *pdpt = (void *)(guest->ram + 0xA000);
  uint64_t *directory = (void *)(guest->ram + 0xB000);
  pml4[0] = 0xA003;
  for (uint64_t i = 0; i < 4; i++) {
    pdpt[i] = (0xB000 + i * 4096) | 3;
  }
  for (uint64_t i = 0; i < 4 * 512; i++) {
    directory[i] = i << 21 | 0x83; // present, writable, a 2 MiB page
  }
  gdt[2] = 0x00AF9B000000FFFFu;
  gdt[3] = 0x00CF93000000FFFFu;
  struct kvm_sregs s;
  control(guest->vcpu, KVM_GET_SREGS, &s, "get sregs");
  struct kvm_segment code = {.limit = 0xFFFFFFFF, .selector = 0x10, .type = 11, .present = 1,
                             .s = 1, .l = 1, .g = 1};
  struct kvm_segment data = {.limit = 0xFFFFFFFF, .selector = 0x18, .type = 3, .present = 1,
                             .s = 1, .db = 1, .g = 1};
  s.cs = code;
  s.ds = s.es = s.ss = s.fs = s.gs = data;
  s.gdt.base = 0x8000;
  s.gdt.limit = 31;
  s.idt.base = 0;
  s.idt.limit = 0;
  s.cr3 = 0x9000;
  s.cr4 = 0x20;       // PAE
  s.cr0 = 0x80000033; // PG, NE, ET, MP, PE
  s.efer = 0x500;     // LMA, LME
  control(guest->vcpu, KVM_SET_SREGS, &s, "set sregs");
  struct kvm_regs r = {.rip = rip, .rsi = rsi, .rsp = 0x7000, .rflags = 2};
  control(guest->vcpu, KVM_SET_REGS, &r, "set regs");
}

// What the CMOS clock says: never updating, 24 hours, battery good, the first of January.
static uint8_t cmos_value(uint8_t index) {
  switch (index) {
    case 0x0A: return 0x26;
    case 0x0B: return 0x02;
    case 0x0D: return 0x80;
    case 7:
    case 8: return 1;
    default: return 0;
  }
}

// True if the guest ended itself: by the debug exit port, or a reset.
static int port_access(struct guest *guest, int out, int port, int size, uint8_t *data) {
  static uint8_t cmos_index;
  if (port >= COM1 && port < COM1 + 8) {
    for (int i = 0; i < size; i++) {
      int offset = (port - COM1 + i) & 7;
      if (out) {
        uart_write(guest->vm, offset, data[i]);
      } else {
        data[i] = uart_read(guest->vm, offset);
      }
    }
    return 0;
  }
  if (out) {
    if (port == CMOS) {
      cmos_index = *data & 0x7F;
    }
    return port == DEBUG_EXIT || (port == KEYBOARD && *data == 0xFE) ||
           (port == 0xCF9 && (*data & 4));
  }
  for (int i = 0; i < size; i++) {
    data[i] = 0xFF;
  }
  if (port == KEYBOARD) {
    *data = 0;
  } else if (port == CMOS_DATA) {
    *data = cmos_value(cmos_index);
  } else if (port == 0x61) {
    *data = 0x20;
  }
  return 0;
}

static int handle_io(struct guest *guest) {
  struct kvm_run *run = guest->run;
  uint8_t *data = (uint8_t *)run + run->io.data_offset;
  int ended = 0;
  for (uint32_t i = 0; i < run->io.count; i++) {
    guest->exits_to_io++;
    ended |= port_access(guest, run->io.direction == KVM_EXIT_IO_OUT, run->io.port, run->io.size,
                         data + i * run->io.size);
  }
  return ended;
}

static void report(const char *what, uint64_t value) {
  struct line line = {.used = 0};
  put(&line, "minivmm: ");
  put(&line, what);
  put(&line, " 0x");
  put_hex(&line, value);
  put(&line, "\n");
  print(&line);
}

const char *run_guest(struct guest *guest) {
  struct kvm_run *run = guest->run;
  struct kvm_regs r;
  for (;;) {
    long result = call3(SYS_IOCTL, guest->vcpu, (long)KVM_RUN, 0);
    if (result == -EINTR || result == -EAGAIN) {
      continue;
    }
    if (result < 0) {
      fail("KVM_RUN", result);
    }
    switch (run->exit_reason) {
      case KVM_EXIT_IO:
        if (handle_io(guest)) {
          return "guest asked to end";
        }
        break;
      case KVM_EXIT_MMIO:
        guest->exits_to_mmio++;
        for (int i = 0; i < 8 && !run->mmio.is_write; i++) {
          run->mmio.data[i] = 0xFF;
        }
        break;
      case KVM_EXIT_HLT:
        guest->exits_to_hlt++;
        control(guest->vcpu, KVM_GET_REGS, &r, "get regs");
        if (r.r15 == ~0ull) {
          return "hlt";
        }
        break;
      case KVM_EXIT_SHUTDOWN: return "shutdown (triple fault)";
      case KVM_EXIT_FAIL_ENTRY:
        report("fail entry reason", run->fail_entry.hardware_entry_failure_reason);
        return "fail entry";
      case KVM_EXIT_INTERNAL_ERROR:
        control(guest->vcpu, KVM_GET_REGS, &r, "get regs");
        report("internal error", run->internal.suberror);
        report("at rip", r.rip);
        return "internal error";
      default: report("exit", run->exit_reason); return "unknown exit";
    }
  }
}
