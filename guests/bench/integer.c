// SPDX-License-Identifier: Apache-2.0
// Kernels of scalar code: integers, branches, and one of scalar double arithmetic.
#include "bench.h"

// Primes below 65,536.
static uint8_t candidate[65536];

SCALAR void sieve(void) {
  unsigned count = 0;
  for (int i = 0; i < 65536; i++) {
    candidate[i] = 1;
  }
  for (unsigned i = 2; i < 65536; i++) {
    if (candidate[i]) {
      count++;
      for (unsigned j = i * 2; j < 65536; j += i) {
        candidate[j] = 0;
      }
    }
  }
  sink += count;
}

// SHA-256 (FIPS 180-4) of 64 KiB, without the padding.
static const uint32_t round_constant[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

#define ROTATE(x, n) (((x) >> (n)) | ((x) << (32 - (n))))

SCALAR void sha256(void) {
  uint32_t hash[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint32_t w[64];
  for (int block = 0; block < 65536; block += 64) {
    for (int i = 0; i < 16; i++) {
      uint32_t word;
      __builtin_memcpy(&word, source + block + 4 * i, 4);
      w[i] = __builtin_bswap32(word);
    }
    for (int i = 16; i < 64; i++) {
      uint32_t s0 = ROTATE(w[i - 15], 7) ^ ROTATE(w[i - 15], 18) ^ (w[i - 15] >> 3);
      uint32_t s1 = ROTATE(w[i - 2], 17) ^ ROTATE(w[i - 2], 19) ^ (w[i - 2] >> 10);
      w[i] = w[i - 16] + w[i - 7] + s0 + s1;
    }
    uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3];
    uint32_t e = hash[4], f = hash[5], g = hash[6], h = hash[7];
    for (int i = 0; i < 64; i++) {
      uint32_t t1 = h + (ROTATE(e, 6) ^ ROTATE(e, 11) ^ ROTATE(e, 25)) + ((e & f) ^ (~e & g)) +
                    round_constant[i] + w[i];
      uint32_t t2 = (ROTATE(a, 2) ^ ROTATE(a, 13) ^ ROTATE(a, 22)) +
                    ((a & b) ^ (a & c) ^ (b & c));
      h = g;
      g = f;
      f = e;
      e = d + t1;
      d = c;
      c = b;
      b = a;
      a = t1 + t2;
    }
    hash[0] += a;
    hash[1] += b;
    hash[2] += c;
    hash[3] += d;
    hash[4] += e;
    hash[5] += f;
    hash[6] += g;
    hash[7] += h;
  }
  sink += hash[0];
}

// 32,768 pseudo-random integers.
static int sorted[32768];

SCALAR static void sort(int *a, int low, int high) {
  while (low < high) {
    int pivot = a[(low + high) >> 1], i = low, j = high;
    while (i <= j) {
      while (a[i] < pivot) {
        i++;
      }
      while (a[j] > pivot) {
        j--;
      }
      if (i <= j) {
        int swap = a[i];
        a[i] = a[j];
        a[j] = swap;
        i++;
        j--;
      }
    }
    if (j - low < high - i) {
      sort(a, low, j);
      low = i;
    } else {
      sort(a, i, high);
      high = j;
    }
  }
}

void quicksort(void) {
  uint32_t random = 1;
  for (int i = 0; i < 32768; i++) {
    random = random * 1664525u + 1013904223u;
    sorted[i] = (int)random;
  }
  sort(sorted, 0, 32767);
  sink += (uint64_t)(int64_t)sorted[100];
}

int matrix_a[64][64], matrix_b[64][64];
static int product[64][64];

SCALAR void matmul(void) {
  for (int i = 0; i < 64; i++) {
    for (int j = 0; j < 64; j++) {
      int sum = 0;
      for (int k = 0; k < 64; k++) {
        sum += matrix_a[i][k] * matrix_b[k][j];
      }
      product[i][j] = sum;
    }
  }
  matrix_a[1][1] += product[3][3] | 1;
  sink += (uint64_t)(int64_t)product[5][5];
}

// A stack machine, one indirect jump a bytecode:
// v0 = 10000; do { v1 = (v1 * 31 + v0) ^ v1; v2 -= v1; v0 -= 1; } while (v0);
enum { PUSH, ADD, SUB, MUL, DUP, LOAD, STORE, JNZ, XOR, HALT };

SCALAR void interpreter(void) {
  static const uint8_t code[] = {
      LOAD, 1, PUSH,  31, MUL,  0, LOAD, 0, ADD, 0, LOAD, 1, XOR,   0, STORE, 1, LOAD, 2, LOAD, 1,
      SUB,  0, STORE, 2,  LOAD, 0, PUSH, 1, SUB, 0, DUP,  0, STORE, 0, JNZ,   0, HALT, 0};
  static void *const handler[] = {&&push, &&add,   &&sub, &&mul, &&dup,
                                  &&load, &&store, &&jnz, &&xor, &&halt};
  int64_t stack[16], variable[4] = {10000, 7, 9, 0};
  int64_t *top = stack;
  const uint8_t *at = code;
  int operand;
#define NEXT                        \
  do {                              \
    operand = at[1];                \
    void *next_ = handler[at[0]];   \
    at += 2;                        \
    goto *next_;                    \
  } while (0)
  NEXT;
push:
  *top++ = operand;
  NEXT;
add:
  top--;
  top[-1] += top[0];
  NEXT;
sub:
  top--;
  top[-1] -= top[0];
  NEXT;
mul:
  top--;
  top[-1] *= top[0];
  NEXT;
dup:
  top[0] = top[-1];
  top++;
  NEXT;
load:
  *top++ = variable[operand];
  NEXT;
store:
  variable[operand] = *--top;
  NEXT;
xor:
  top--;
  top[-1] ^= top[0];
  NEXT;
jnz:
  if (*--top) {
    at = code + operand;
  }
  NEXT;
halt:
  sink += (uint64_t)variable[2];
}

// Five bodies, 1000 steps.
static struct {
  double x, y, z, vx, vy, vz, mass;
} body[5] = {{0, 0, 0, 0, 0, 0, 39.47},
             {4.84, -1.16, -.10, .606, 2.81, -.02, .037},
             {8.34, 4.12, -.4, -1.01, 1.82, .008, .011},
             {12.8, -15.1, -.22, 1.08, .86, -.01, .0017},
             {15.3, -25.9, .17, .97, .59, -.03, .002}};

SCALAR void nbody(void) {
  for (int step = 0; step < 1000; step++) {
    for (int i = 0; i < 5; i++) {
      for (int j = i + 1; j < 5; j++) {
        double dx = body[i].x - body[j].x;
        double dy = body[i].y - body[j].y;
        double dz = body[i].z - body[j].z;
        double square = dx * dx + dy * dy + dz * dz;
        double pull = 0.001 / (square * __builtin_sqrt(square));
        body[i].vx -= dx * body[j].mass * pull;
        body[i].vy -= dy * body[j].mass * pull;
        body[i].vz -= dz * body[j].mass * pull;
        body[j].vx += dx * body[i].mass * pull;
        body[j].vy += dy * body[i].mass * pull;
        body[j].vz += dz * body[i].mass * pull;
      }
    }
    for (int i = 0; i < 5; i++) {
      body[i].x += 0.001 * body[i].vx;
      body[i].y += 0.001 * body[i].vy;
      body[i].z += 0.001 * body[i].vz;
    }
  }
  uint64_t bits;
  __builtin_memcpy(&bits, &body[0].x, sizeof bits);
  sink += bits;
}

SCALAR void byte_scan(void) {
  size_t count = 0;
  volatile uint8_t *p = source;
  while (count < 262144 && p[count] != 0xff) {
    count++;
  }
  sink += count;
}
