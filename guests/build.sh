#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build.sh FOLDER : builds the programs of the guest images into FOLDER.
# The shipped ones were built so with the versions in toolchain.txt; the same versions give the
# same bytes. Every flag that a distribution presets differently is stated.
set -e
mkdir -p "$1"
to=$(cd "$1" && pwd)
cd "$(dirname "$0")"
flags="-std=gnu17 -O2 -march=x86-64 -mtune=generic -Wall -Wextra -Werror
  -ffreestanding -fno-math-errno -fno-pie -fno-ident -fno-stack-protector
  -fno-stack-clash-protection -fno-asynchronous-unwind-tables -fcf-protection=none
  -fno-tree-loop-distribute-patterns
  -static -nostdlib -no-pie -s -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,norelro
  -Wl,-z,noexecstack"
${CC:-gcc} $flags -o "$to/bench" \
  free/free.c bench/bench.c bench/integer.c bench/vector.c bench/system.c
${CC:-gcc} $flags -o "$to/minivmm" free/free.c minivmm/minivmm.c minivmm/vmm.c minivmm/run.c \
  minivmm/ports.c minivmm/uart.c minivmm/acpi.c minivmm/linux.c minivmm/micro.c
