// SPDX-License-Identifier: Apache-2.0
// A minimal KVM monitor, for use inside an emulated machine that is itself a hypervisor's host.
//
//   minivmm linux BZIMAGE INITRD MIB "COMMAND LINE" [VCPUS]
//     boots Linux, its serial line on our output
//   minivmm micro KIND COUNT                          times COUNT exits of one kind
//     KIND: empty cpuid rdmsr wrmsr out pic hlt mmio npf vmcall
#include "vmm.h"

int program(int count, char **arguments) {
  unsigned long vcpus = count == 7 ? number(arguments[6]) : 1;
  if ((count == 6 || count == 7) && same(arguments[1], "linux") && vcpus - 1 < MOST_VCPUS) {
    return boot_linux(arguments + 2, (unsigned)vcpus);
  }
  if (count == 4 && same(arguments[1], "micro")) {
    return run_micro(arguments[2], number(arguments[3]));
  }
  struct line line = {.used = 0};
  put(&line, "usage: minivmm linux BZIMAGE INITRD MIB COMMAND-LINE [VCPUS] | micro KIND COUNT\n");
  print(&line);
  return 2;
}
