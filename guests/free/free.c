// SPDX-License-Identifier: Apache-2.0
#include "free.h"

__asm__(
    ".globl _start\n"
    "_start:\n"
    "  xor %ebp, %ebp\n"
    "  mov %rsp, %rdi\n"
    "  and $-16, %rsp\n"
    "  call start\n"
    "  ud2\n");

// clone(flags, top of the new stack): the new thread finds there what to call, and its argument.
__asm__(
    ".globl split\n"
    "split:\n"
    "  mov $56, %eax\n"
    "  xor %edx, %edx\n"
    "  xor %r10d, %r10d\n"
    "  xor %r8d, %r8d\n"
    "  syscall\n"
    "  test %rax, %rax\n"
    "  jnz 1f\n"
    "  xor %ebp, %ebp\n"
    "  pop %rax\n"
    "  pop %rdi\n"
    "  call *%rax\n"
    "  ud2\n"
    "1:\n"
    "  ret\n");

long split(long flags, void *stack);

// The kernel leaves the argument count and the pointers on the stack.
__attribute__((used, noreturn)) void start(long *stack) {
  leave(program((int)stack[0], (char **)(stack + 1)));
}

long call6(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

long call4(long number, long a, long b, long c, long d) {
  return call6(number, a, b, c, d, 0, 0);
}

long call3(long number, long a, long b, long c) {
  return call6(number, a, b, c, 0, 0, 0);
}

long call2(long number, long a, long b) {
  return call6(number, a, b, 0, 0, 0, 0);
}

long call1(long number, long a) {
  return call6(number, a, 0, 0, 0, 0, 0);
}

long call0(long number) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number) : "rcx", "r11", "memory");
  return result;
}

void leave(int status) {
  for (;;) {
    call1(SYS_EXIT_GROUP, status);
  }
}

long start_thread(void (*body)(void *), void *argument) {
  enum { STACK = 64 << 10, VM = 0x100, FS = 0x200, FILES = 0x400, SIGNALS = 0x800, THREAD = 0x10000 };
  uint64_t *top = (void *)((char *)memory(STACK) + STACK);
  top[-1] = (uint64_t)argument;
  top[-2] = (uint64_t)body;
  return split(VM | FS | FILES | SIGNALS | THREAD, top - 2);
}

void *memory(size_t size) {
  // PROT_READ | PROT_WRITE; MAP_PRIVATE | MAP_ANONYMOUS.
  long at = call6(SYS_MMAP, 0, (long)size, 3, 0x22, -1, 0);
  if (at < 0 && at > -4096) {
    struct line line = {.used = 0};
    put(&line, "out of memory\n");
    print(&line);
    leave(1);
  }
  return (void *)at;
}

uint64_t nanoseconds(void) {
  struct {
    int64_t seconds, nanoseconds;
  } time;
  call2(SYS_CLOCK_GETTIME, 1, (long)&time);
  return (uint64_t)time.seconds * 1000000000u + (uint64_t)time.nanoseconds;
}

int same(const char *a, const char *b) {
  while (*a && *a == *b) {
    a++;
    b++;
  }
  return *a == *b;
}

size_t length(const char *text) {
  size_t count = 0;
  while (text[count]) {
    count++;
  }
  return count;
}

unsigned long number(const char *digits) {
  unsigned long value = 0;
  for (; *digits >= '0' && *digits <= '9'; digits++) {
    value = value * 10 + (unsigned long)(*digits - '0');
  }
  return value;
}

double decimal(const char *digits) {
  double value = 0, scale = 1;
  int fraction = 0;
  for (; (*digits >= '0' && *digits <= '9') || (*digits == '.' && !fraction); digits++) {
    if (*digits == '.') {
      fraction = 1;
      continue;
    }
    value = value * 10 + (*digits - '0');
    if (fraction) {
      scale *= 10;
    }
  }
  return value / scale;
}

static void put_char(struct line *line, char c) {
  if (line->used < sizeof line->text) {
    line->text[line->used++] = c;
  }
}

void put(struct line *line, const char *text) {
  while (*text) {
    put_char(line, *text++);
  }
}

static void put_base(struct line *line, uint64_t value, unsigned base, unsigned least) {
  char digits[32];
  unsigned count = 0;
  do {
    digits[count++] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value || count < least);
  while (count) {
    put_char(line, digits[--count]);
  }
}

void put_number(struct line *line, uint64_t value) {
  put_base(line, value, 10, 1);
}

void put_signed(struct line *line, int64_t value) {
  if (value < 0) {
    put_char(line, '-');
  }
  put_base(line, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, 1);
}

void put_hex(struct line *line, uint64_t value) {
  put_base(line, value, 16, 1);
}

void put_decimal(struct line *line, double value, unsigned places) {
  uint64_t unit = 1;
  for (unsigned i = 0; i < places; i++) {
    unit *= 10;
  }
  uint64_t scaled = (uint64_t)(value * (double)unit + 0.5);
  put_base(line, scaled / unit, 10, 1);
  if (places) {
    put_char(line, '.');
    put_base(line, scaled % unit, 10, places);
  }
}

void print(struct line *line) {
  call3(SYS_WRITE, 1, (long)line->text, line->used);
  line->used = 0;
}

// The compiler may turn loops and copies of structures into these.
void *memcpy(void *to, const void *from, size_t size) {
  void *d = to;
  __asm__ volatile("rep movsb" : "+D"(d), "+S"(from), "+c"(size)::"memory");
  return to;
}

void *memset(void *to, int value, size_t size) {
  void *d = to;
  __asm__ volatile("rep stosb" : "+D"(d), "+c"(size) : "a"(value) : "memory");
  return to;
}
