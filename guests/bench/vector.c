// SPDX-License-Identifier: Apache-2.0
// Kernels of string and vector instructions.
#include "bench.h"
#include <cpuid.h>
#include <immintrin.h>

uint8_t source[1 << 20] __attribute__((aligned(64)));
uint8_t target[1 << 20] __attribute__((aligned(64)));
double series_a[4096] __attribute__((aligned(64)));
double series_b[4096] __attribute__((aligned(64)));

void rep_movsb(void) {
  void *to = target, *from = source;
  size_t count = sizeof source;
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count)::"memory");
}

void rep_stosq(void) {
  void *to = target;
  size_t count = sizeof target / 8;
  __asm__ volatile("rep stosq"
                   : "+D"(to), "+c"(count)
                   : "a"(0x0101010101010101ull)
                   : "memory");
}

__attribute__((noinline)) void sse_copy(void) {
  for (size_t i = 0; i < sizeof source; i += 64) {
    __m128i a = _mm_loadu_si128((void *)(source + i));
    __m128i b = _mm_loadu_si128((void *)(source + i + 16));
    __m128i c = _mm_loadu_si128((void *)(source + i + 32));
    __m128i d = _mm_loadu_si128((void *)(source + i + 48));
    _mm_storeu_si128((void *)(target + i), a);
    _mm_storeu_si128((void *)(target + i + 16), b);
    _mm_storeu_si128((void *)(target + i + 32), c);
    _mm_storeu_si128((void *)(target + i + 48), d);
  }
}

// Looks for a byte as strlen and memchr do: compare, mask, test.
__attribute__((noinline)) void sse_scan(void) {
  __m128i wanted = _mm_set1_epi8((char)0xff);
  int found = 0;
  for (size_t i = 0; i < sizeof source; i += 16) {
    __m128i a = _mm_load_si128((void *)(source + i));
    if (_mm_movemask_epi8(_mm_cmpeq_epi8(a, wanted))) {
      found++;
    }
  }
  sink += (uint64_t)found;
}

__attribute__((noinline)) void sse2_double(void) {
  __m128d keep = _mm_set1_pd(0.999), add = _mm_set1_pd(1e-3);
  for (int r = 0; r < 8; r++) {
    for (int i = 0; i < 4096; i += 2) {
      __m128d v = _mm_load_pd(series_a + i);
      v = _mm_add_pd(_mm_mul_pd(v, keep), _mm_mul_pd(_mm_load_pd(series_b + i), add));
      _mm_store_pd(series_a + i, v);
    }
  }
}

__attribute__((noinline, target("avx2,fma"))) void avx_fma(void) {
  __m256d keep = _mm256_set1_pd(0.999);
  for (int r = 0; r < 8; r++) {
    for (int i = 0; i < 4096; i += 4) {
      __m256d v = _mm256_load_pd(series_a + i);
      v = _mm256_fmadd_pd(v, keep, _mm256_load_pd(series_b + i));
      _mm256_store_pd(series_a + i, v);
    }
  }
}

__attribute__((noinline, target("avx2"))) void avx2_integer(void) {
  __m256i ones = _mm256_set1_epi32(1);
  __m256i reverse = _mm256_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2,
                                    3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (size_t i = 0; i < 65536; i += 32) {
    __m256i v = _mm256_load_si256((void *)(target + i));
    v = _mm256_add_epi32(v, ones);
    v = _mm256_shuffle_epi8(v, reverse);
    v = _mm256_xor_si256(v, ones);
    _mm256_store_si256((void *)(target + i), v);
  }
}

// SDM vol. 1, "Detection of Intel AVX2" and "Detection of FMA": the system must save YMM too.
int has_avx2_and_fma(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) {
    return 0;
  }
  const unsigned needed = bit_OSXSAVE | bit_AVX | bit_FMA;
  if ((c & needed) != needed) {
    return 0;
  }
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low & 6) == 6 && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_AVX2);
}
