// SPDX-License-Identifier: Apache-2.0
// The run loop of a vCPU.
#include "vmm.h"

enum { EINTR = 4, EAGAIN = 11 };

static void take(struct guest *guest) {
  while (__atomic_exchange_n(&guest->busy, 1, __ATOMIC_ACQUIRE)) {
    call0(SYS_SCHED_YIELD);
  }
}

static void release(struct guest *guest) {
  __atomic_store_n(&guest->busy, 0, __ATOMIC_RELEASE);
}

static int handle_io(struct guest *guest, struct kvm_run *run) {
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

static uint64_t rip(const struct vcpu *vcpu) {
  struct kvm_regs r;
  control(vcpu->fd, KVM_GET_REGS, &r, "get regs");
  return r.rip;
}

// A loop of ours that has come to its end halts with all ones in R15.
static int is_done(const struct vcpu *vcpu) {
  struct kvm_regs r;
  control(vcpu->fd, KVM_GET_REGS, &r, "get regs");
  return r.r15 == ~0ull;
}

// What to do about the exit that KVM_RUN returned with: how the guest has ended, or null.
static const char *handle(struct vcpu *vcpu) {
  struct kvm_run *run = vcpu->run;
  switch (run->exit_reason) {
    case KVM_EXIT_IO: return handle_io(vcpu->guest, run) ? "guest asked to end" : 0;
    case KVM_EXIT_MMIO:
      vcpu->guest->exits_to_mmio++;
      for (int i = 0; i < 8 && !run->mmio.is_write; i++) {
        run->mmio.data[i] = 0xFF;
      }
      return 0;
    case KVM_EXIT_HLT: vcpu->guest->exits_to_hlt++; return is_done(vcpu) ? "hlt" : 0;
    case KVM_EXIT_SHUTDOWN: return "shutdown (triple fault)";
    case KVM_EXIT_FAIL_ENTRY:
      report("fail entry reason", run->fail_entry.hardware_entry_failure_reason);
      return "fail entry";
    case KVM_EXIT_INTERNAL_ERROR:
      report("internal error", run->internal.suberror);
      report("at rip", rip(vcpu));
      return "internal error";
    default: report("exit", run->exit_reason); return "unknown exit";
  }
}

static void run_vcpu(void *argument) {
  struct vcpu *vcpu = argument;
  struct guest *guest = vcpu->guest;
  for (;;) {
    long result = call3(SYS_IOCTL, vcpu->fd, (long)KVM_RUN, 0);
    if (result == -EINTR || result == -EAGAIN) {
      continue;
    }
    if (result < 0) {
      fail("KVM_RUN", result);
    }
    take(guest);
    const char *how = handle(vcpu);
    if (how) {
      guest->ended(guest, how); // the lock is kept, so that no other vCPU goes on
      leave(0);
    }
    release(guest);
  }
}

void run_guest(struct guest *guest) {
  for (unsigned i = 1; i < guest->vcpus; i++) {
    long thread = start_thread(run_vcpu, &guest->vcpu[i]);
    if (thread < 0) {
      fail("thread", thread);
    }
  }
  run_vcpu(&guest->vcpu[0]);
  leave(1);
}
