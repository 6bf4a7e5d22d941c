#include "linalg/small_gemm.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

#include "unit/linalg/linalg_random.h"

namespace rec::small_gemm_test {
namespace {

constexpr size_t kSlack = 3;  // unused elements at the end of a row

// Grids of one case: A as stored (rows × cols), B: K × N, C: M × N.
template <class T>
struct Case {
  size_t M, N, K;
  size_t a_stride, b_stride, c_stride;
  std::vector<T> a, b, c;

  Case(std::mt19937& rng, size_t m, size_t n, size_t k, bool transposed)
      : M(m),
        N(n),
        K(k),
        a_stride((transposed ? m : k) + test::below(rng, kSlack)),
        b_stride(n + test::below(rng, kSlack)),
        c_stride(n + test::below(rng, kSlack)),
        a((transposed ? k : m) * a_stride),
        b(k * b_stride),
        c(m * c_stride) {
    for (auto* values : {&a, &b, &c}) {
      for (T& value : *values) value = static_cast<T>(test::uniform(rng));
    }
  }
};

float multiply_add(float a, float b, float acc) { return std::fma(a, b, acc); }
double multiply_add(double a, double b, double acc) { return acc + a * b; }

template <class T>
std::vector<T> chains(const Case<T>& x, bool transposed, bool add, const T* start = nullptr) {
  std::vector<T> c = x.c;
  for (size_t m = 0; m < x.M; ++m) {
    for (size_t n = 0; n < x.N; ++n) {
      T acc = start != nullptr ? start[n] : add ? c[m * x.c_stride + n] : T(0);
      for (size_t k = 0; k < x.K; ++k) {
        acc =
            multiply_add(transposed ? x.a[k * x.a_stride + m] : x.a[m * x.a_stride + k], x.b[k * x.b_stride + n], acc);
      }
      c[m * x.c_stride + n] = acc;
    }
  }
  return c;
}

// In bits, the slack between the rows too, which stays as it was.
template <class T>
size_t bits_apart(const std::vector<T>& got, const std::vector<T>& want) {
  size_t count = 0;
  for (size_t i = 0; i < got.size(); ++i) count += got[i] != want[i] || std::signbit(got[i]) != std::signbit(want[i]);
  return count;
}

template <class T>
size_t differences(std::mt19937& rng, size_t m, size_t n, size_t k) {
  size_t count = 0;
  for (const bool transposed : {false, true}) {
    const Case<T> x(rng, m, n, k, transposed);
    for (const bool add : {false, true}) {
      const std::vector<T> want = chains(x, transposed, add);
      std::vector<T> got = x.c;
      const Grid<const T> a{x.a.data(), x.a_stride};
      const Grid<const T> b{x.b.data(), x.b_stride};
      const Grid<T> c{got.data(), x.c_stride};
      if (transposed) {
        gemm_tn(m, n, k, a, b, c, add);
      } else {
        gemm_nn(m, n, k, a, b, c, add);
      }
      count += bits_apart(got, want);
    }
    if (!transposed) {
      std::vector<T> start(n);
      for (T& value : start) value = static_cast<T>(test::uniform(rng));
      std::vector<T> got = x.c;
      gemm_nn_from(m, n, k, start.data(), {x.a.data(), x.a_stride}, {x.b.data(), x.b_stride}, {got.data(), x.c_stride});
      count += bits_apart(got, chains(x, false, false, start.data()));
    }
  }
  return count;
}

}  // namespace

TEST_CASE("small gemm: one chain an element, bit for bit, for shapes at random") {
  test::on_every_target([] {
    std::mt19937 rng(1);
    for (int trial = 0; trial < 1000; ++trial) {
      const size_t m = test::below(rng, 71);
      const size_t n = test::below(rng, 71);
      const size_t k = test::below(rng, 71);
      CAPTURE(m);
      CAPTURE(n);
      CAPTURE(k);
      REQUIRE(differences<float>(rng, m, n, k) == 0);
      if (trial % 10 == 0) REQUIRE(differences<double>(rng, m, n, k) == 0);
    }
  });
}

TEST_CASE("small gemm: every number of rows beside every kind of columns") {
  test::on_every_target([] {
    std::mt19937 rng(2);
    for (size_t m = 0; m <= 26; ++m) {
      for (size_t n : {1, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 112, 128}) {
        CAPTURE(m);
        CAPTURE(n);
        REQUIRE(differences<float>(rng, m, n, 9) == 0);
      }
    }
  });
}

TEST_CASE("small gemm: long chains") {
  test::on_every_target([] {
    std::mt19937 rng(3);
    for (size_t k : {127, 128, 129, 255, 256, 257, 400}) {
      CAPTURE(k);
      REQUIRE(differences<float>(rng, 14, 70, k) == 0);
      REQUIRE(differences<double>(rng, 3, 5, k) == 0);
    }
  });
}

TEST_CASE("small gemm: transpose") {
  test::on_every_target([] {
    std::mt19937 rng(4);
    for (size_t rows : {0, 1, 15, 16, 17, 50}) {
      for (size_t cols : {0, 1, 3, 16, 33}) {
        const size_t stride = cols + 2;
        const AlignedBuffer<float> from = test::uniform_floats(rng, rows * stride);
        std::vector<float> to(cols * (rows + 1), 9.0f);
        transpose<float>(rows, cols, {from.data(), stride}, {to.data(), rows + 1});
        for (size_t c = 0; c < cols; ++c) {
          for (size_t r = 0; r < rows; ++r) REQUIRE(to[c * (rows + 1) + r] == from[r * stride + c]);
          REQUIRE(to[c * (rows + 1) + rows] == 9.0f);
        }
      }
    }
  });
}

}  // namespace rec::small_gemm_test
