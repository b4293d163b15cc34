// SPDX-License-Identifier: Apache-2.0
// Times small kernels of work in a guest.
//
//   bench [-s SCALE] [-r REPETITIONS] [-p PROCESSES] [KERNEL...] [SCALE]
//   bench tsc
//
// Prints "B name repetition" before and "E name repetition iterations nanoseconds tsc rate it/s"
// after each timed section, so that a host which stamps the lines can time them with a clock that
// the guest does not own; "S name reason" for a kernel that cannot run; "C name sum" for what one
// round from the initial data computes, which is the same on every right machine whatever the
// scale; last "BENCHDONE sum".
#include "bench.h"

volatile uint64_t sink;

static const struct kernel {
  const char *name;
  void (*run)(void);
  void (*setup)(void);
  void (*end)(void);
  int iterations; // at scale 1
  int needs_avx2;
} kernels[] = {
    {"sieve", sieve, 0, 0, 60, 0},
    {"sha256", sha256, 0, 0, 20, 0},
    {"qsort", quicksort, 0, 0, 10, 0},
    {"matmul", matmul, 0, 0, 20, 0},
    {"interp", interpreter, 0, 0, 20, 0},
    {"repmovsb", rep_movsb, 0, 0, 20, 0},
    {"repstosq", rep_stosq, 0, 0, 20, 0},
    {"ssecopy", sse_copy, 0, 0, 100, 0},
    {"ssescan", sse_scan, 0, 0, 60, 0},
    {"strbyte", byte_scan, 0, 0, 30, 0},
    {"nbody", nbody, 0, 0, 20, 0},
    {"sse2fp", sse2_double, 0, 0, 60, 0},
    {"avxfma", avx_fma, 0, 0, 60, 1},
    {"avx2int", avx2_integer, 0, 0, 400, 1},
    {"chase64M", chase, chase_setup, chase_end, 20, 0},
    {"syscall", system_calls, 0, 0, 10, 0},
    {"pgfault", page_faults, 0, 0, 10, 0},
    {"pipe", pipe_round_trips, pipe_setup, pipe_end, 4, 0},
    {"fork", forks, 0, 0, 2, 0},
};

static void fill_source(void) {
  for (size_t k = 0; k < sizeof source; k++) {
    source[k] = (uint8_t)(k * 7 % 251);
  }
}

// The initial data of all that kernels write.
static void reset(void) {
  memset(target, 0, sizeof target);
  for (int k = 0; k < 4096; k++) {
    series_a[k] = k * .5;
    series_b[k] = 1.0 / (k + 1);
    matrix_a[k >> 6][k & 63] = k;
    matrix_b[k & 63][k >> 6] = k * 3;
  }
}

// FNV-1a by words of eight bytes over what kernels write.
static uint64_t checksum(uint64_t sum, const void *data, size_t size) {
  for (size_t k = 0; k < size; k += sizeof sum) {
    uint64_t word;
    __builtin_memcpy(&word, (const uint8_t *)data + k, sizeof word);
    sum = (sum ^ word) * 0x100000001b3u;
  }
  return sum;
}

static void repeat(const struct kernel *kernel, int iterations) {
  for (int i = 0; i < iterations; i++) {
    kernel->run();
  }
}

static void repeat_in(int processes, const struct kernel *kernel, int iterations) {
  for (int p = 0; p < processes; p++) {
    if (!call0(SYS_FORK)) {
      if (kernel->setup) {
        kernel->setup();
      }
      repeat(kernel, iterations);
      leave(0);
    }
  }
  for (int p = 0; p < processes; p++) {
    call4(SYS_WAIT4, -1, 0, 0, 0);
  }
}

static void start_line(struct line *line, const char *mark, const char *name) {
  put(line, mark);
  put(line, " ");
  put(line, name);
  put(line, " ");
}

// Runs a kernel once, which also warms it up; its first time shows what it computes.
static void run_once(const struct kernel *kernel, int repetition) {
  if (repetition) {
    kernel->run();
    return;
  }
  reset();
  uint64_t before = sink;
  kernel->run();
  struct line line = {.used = 0};
  start_line(&line, "C", kernel->name);
  put_hex(&line, checksum(checksum(sink - before, target, sizeof target), series_a,
                          sizeof series_a));
  put(&line, "\n");
  print(&line);
}

static void measure(const struct kernel *kernel, int repetition, int iterations, int processes) {
  struct line line = {.used = 0};
  if (kernel->setup) {
    kernel->setup();
  }
  if (processes == 1) {
    run_once(kernel, repetition);
  }
  start_line(&line, "B", kernel->name);
  put_signed(&line, repetition);
  put(&line, "\n");
  print(&line);
  uint64_t time = nanoseconds(), cycles = timestamp();
  if (processes == 1) {
    repeat(kernel, iterations);
  } else {
    repeat_in(processes, kernel, iterations);
  }
  cycles = timestamp() - cycles;
  time = nanoseconds() - time;
  int total = iterations * processes;
  start_line(&line, "E", kernel->name);
  put_signed(&line, repetition);
  put(&line, " ");
  put_signed(&line, total);
  put(&line, " ");
  put_number(&line, time);
  put(&line, " ");
  put_number(&line, cycles);
  put(&line, " ");
  put_decimal(&line, total * 1e9 / (double)(time ? time : 1), 1);
  put(&line, " it/s\n");
  print(&line);
}

static int is_number(const char *word) {
  return *word >= '0' && *word <= '9';
}

static int wanted(const char *name, char **words, int count) {
  int names = 0;
  for (int i = 0; i < count; i++) {
    if (same(words[i], name)) {
      return 1;
    }
    names += !is_number(words[i]);
  }
  return names == 0;
}

static int is_known(const char *name) {
  for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++) {
    if (same(kernels[k].name, name)) {
      return 1;
    }
  }
  return 0;
}

static int usage(void) {
  struct line line = {.used = 0};
  put(&line, "usage: bench [-s SCALE] [-r REPETITIONS] [-p PROCESSES] [KERNEL...] [SCALE]\n");
  print(&line);
  return 2;
}

int program(int count, char **arguments) {
  struct line line = {.used = 0};
  double scale = 1;
  int repetitions = 1, processes = 1, i = 1;
  if (count > 1 && same(arguments[1], "tsc")) {
    put(&line, "TSC ");
    put_number(&line, timestamp());
    put(&line, "\n");
    print(&line);
    return 0;
  }
  for (; i < count && arguments[i][0] == '-'; i += 2) {
    if (i + 1 == count) {
      return usage();
    }
    switch (arguments[i][1]) {
      case 's': scale = decimal(arguments[i + 1]); break;
      case 'r': repetitions = (int)number(arguments[i + 1]); break;
      case 'p': processes = (int)number(arguments[i + 1]); break;
      default: return usage();
    }
  }
  for (int word = i; word < count; word++) {
    if (is_number(arguments[word])) {
      scale = decimal(arguments[word]);
    } else if (!is_known(arguments[word])) {
      put(&line, "bench: no kernel ");
      put(&line, arguments[word]);
      put(&line, "\n");
      print(&line);
      return 2;
    }
  }
  fill_source();
  for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++) {
    const struct kernel *kernel = &kernels[k];
    if (!wanted(kernel->name, arguments + i, count - i)) {
      continue;
    }
    if (kernel->needs_avx2 && !has_avx2_and_fma()) {
      start_line(&line, "S", kernel->name);
      put(&line, "no-avx2-fma\n");
      print(&line);
      continue;
    }
    int iterations = (int)(kernel->iterations * scale);
    for (int r = 0; r < repetitions; r++) {
      measure(kernel, r, iterations < 1 ? 1 : iterations, processes);
    }
    if (kernel->end) {
      kernel->end();
    }
  }
  put(&line, "BENCHDONE ");
  put_number(&line, sink);
  put(&line, "\n");
  print(&line);
  return 0;
}
