// SPDX-License-Identifier: Apache-2.0
// A guest on the KVM API (the kernel's virt/kvm/api document), up to where it can run.
#include "vmm.h"

enum { O_RDWR_CLOEXEC = 2 | 02000000 };
enum { READ_WRITE = 3, MAP_SHARED = 1 };

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

// Each vCPU is a package of its own: what KVM tells of the host's topology does not hold here.
static void set_topology(struct kvm_cpuid_entry2 *entry, unsigned index) {
  switch (entry->function) {
    case 1:
      entry->ecx |= 1u << 31; // under a hypervisor: the guest looks for kvm-clock
      entry->ebx = (entry->ebx & 0xFF00) | index << 24 | 1 << 16;
      entry->edx &= ~(1u << 28); // one logical processor a package
      break;
    case 4: entry->eax &= 0x3FFF; break;
    case 0xB:
    case 0x1F: entry->eax = entry->ebx = entry->ecx = entry->edx = 0; break;
    case 0x80000001: entry->ecx &= ~(1u << 22); break; // topology extensions
    case 0x80000008: entry->ecx = 0; break;
    default: break;
  }
}

static void set_cpuid(struct guest *guest, unsigned index) {
  static struct {
    struct kvm_cpuid2 head;
    struct kvm_cpuid_entry2 entry[128];
  } cpuid;
  cpuid.head.nent = 128;
  control(guest->kvm, KVM_GET_SUPPORTED_CPUID, &cpuid, "cpuid");
  for (unsigned i = 0; i < cpuid.head.nent; i++) {
    set_topology(&cpuid.entry[i], index);
  }
  control(guest->vcpu[index].fd, KVM_SET_CPUID2, &cpuid, "set cpuid");
}

// Fast strings on, as firmware leaves them: Linux 6.1 moves short blocks wrongly on a processor that
// has FSRM but not ERMS, and takes ERMS away without them. KVM on AMD may not know the MSR.
static void set_msrs(int vcpu) {
  static struct {
    struct kvm_msrs head;
    struct kvm_msr_entry entry[1];
  } msrs;
  msrs.head.nmsrs = 1;
  msrs.entry[0].index = 0x1A0; // IA32_MISC_ENABLE
  msrs.entry[0].data = 0x1801; // fast strings; neither BTS nor PEBS
  control(vcpu, KVM_SET_MSRS, &msrs, "set msrs");
}

static void create_vcpu(struct guest *guest, unsigned index) {
  struct vcpu *vcpu = &guest->vcpu[index];
  vcpu->guest = guest;
  vcpu->fd = control(guest->vm, KVM_CREATE_VCPU, (void *)(uint64_t)index, "vcpu");
  int size = control(guest->kvm, KVM_GET_VCPU_MMAP_SIZE, 0, "mmap size");
  long run = call6(SYS_MMAP, 0, size, READ_WRITE, MAP_SHARED, vcpu->fd, 0);
  if (run < 0 && run > -4096) {
    fail("run mmap", run);
  }
  vcpu->run = (struct kvm_run *)run;
  set_cpuid(guest, index);
  set_msrs(vcpu->fd);
}

void create_guest(struct guest *guest, uint64_t ram_size, unsigned vcpus,
                  int with_interrupt_chips) {
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
  guest->vcpus = vcpus;
  for (unsigned i = 0; i < vcpus; i++) {
    create_vcpu(guest, i);
  }
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
  control(guest->vcpu[0].fd, KVM_GET_SREGS, &s, "get sregs");
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
  control(guest->vcpu[0].fd, KVM_SET_SREGS, &s, "set sregs");
  struct kvm_regs r = {.rip = rip, .rsi = rsi, .rsp = 0x7000, .rflags = 2};
  control(guest->vcpu[0].fd, KVM_SET_REGS, &r, "set regs");
}
