#include "linalg/dot.h"

#include <doctest/doctest.h>

#include <vector>

#include "linalg/plain.h"
#include "unit/linalg/linalg_random.h"

namespace rec::dot_test {

TEST_CASE("dot: by hand, and in the stated order") {
  const float a[3] = {1.0f, 2.0f, 3.0f};
  const float b[3] = {4.0f, 5.0f, 6.0f};
  CHECK(dot(a, b, 3) == 32.0f);
  CHECK(dot(a, b, 3, 0.5f) == 32.5f);
  CHECK(dot(a, b, 0, 2.0f) == 2.0f);
  // Any other order or a separate multiply gives another result here.
  const float c[3] = {1e8f, 1.0f, -1e8f};
  const float ones[3] = {1.0f, 1.0f, 1.0f};
  CHECK(dot(c, ones, 3) == 0.0f);
  const float d[2] = {-1.0f, 1.0f + 0x1p-12f};
  const float e[2] = {1.0f + 0x1p-11f, 1.0f + 0x1p-12f};
  CHECK(dot(d, e, 2) == 0x1p-24f);
}

TEST_CASE("dots: every length and count has the bits of the plain chain") {
  test::on_every_target([] {
    std::mt19937 rng(1);
    for (size_t F : {1u, 3u, 15u, 16u, 17u, 31u, 48u, 64u, 100u, 128u, 257u}) {
      for (size_t n = 0; n <= 70; n += n < 18 ? 1 : 13) {
        std::vector<float> values((n + 1) * F);
        for (float& v : values) v = test::uniform(rng);
        std::vector<const float*> x(n);
        std::vector<float> init(n);
        for (size_t i = 0; i < n; ++i) {
          x[i] = values.data() + (i + 1) * F;
          init[i] = test::uniform(rng);
        }
        std::vector<float> got(n + 1, 9.0f);
        std::vector<float> want(n + 1, 9.0f);
        dots(values.data(), x.data(), n, F, got.data());
        plain::dots(values.data(), x.data(), n, F, want.data());
        CHECK(test::bit_differences(got.data(), want.data(), n + 1) == 0);
        dots(values.data(), x.data(), n, F, got.data(), init.data());
        plain::dots(values.data(), x.data(), n, F, want.data(), init.data());
        CHECK(test::bit_differences(got.data(), want.data(), n + 1) == 0);
      }
    }
  });
}

TEST_CASE("lane_dots: every length and count has the plain bits, and the stated order") {
  float h[16] = {}, x[16] = {};
  for (float& value : h) value = 1.0f;
  x[0] = 1e8f;
  x[8] = -1e8f;
  x[1] = 1.0f;
  const float* row = x;
  float out = 0.0f;
  lane_dots(h, &row, 1, 16, &out);  // the halves cancel before the small one joins
  CHECK(out == 1.0f);
  test::on_every_target([] {
    std::mt19937 rng(3);
    for (size_t F : {16u, 32u, 48u, 64u, 256u}) {
      for (size_t n = 0; n <= 70; n += n < 20 ? 1 : 13) {
        const Matrix m = test::uniform_matrix(rng, n + 1, F);
        std::vector<const float*> at(n);
        std::vector<float> init(n + 1), got(n + 1, 9.0f), want(n + 1, 9.0f);
        for (size_t i = 0; i < n; ++i) {
          at[i] = m.row(i + 1);
          init[i] = test::uniform(rng);
        }
        lane_dots(m.row(0), at.data(), n, F, got.data());
        plain::lane_dots(m.row(0), at.data(), n, F, want.data());
        CHECK(test::bit_differences(got.data(), want.data(), n + 1) == 0);
        lane_dots(m.row(0), at.data(), n, F, got.data(), init.data());
        plain::lane_dots(m.row(0), at.data(), n, F, want.data(), init.data());
        CHECK(test::bit_differences(got.data(), want.data(), n + 1) == 0);
      }
    }
  });
}

TEST_CASE("axpys: the bits of axpy row by row") {
  test::on_every_target([] {
    std::mt19937 rng(4);
    for (size_t F : {16u, 32u, 48u, 64u, 112u, 256u}) {
      for (size_t n : {0u, 1u, 2u, 17u, 64u}) {
        const Matrix rows = test::uniform_matrix(rng, n, F);
        std::vector<float> a(n + 1);
        for (float& value : a) value = test::uniform(rng);
        AlignedBuffer<float> got = test::uniform_floats(rng, F);
        AlignedBuffer<float> want = got;
        axpys(a.data(), rows.data(), n, F, got.data());
        plain::axpys(a.data(), rows.data(), n, F, want.data());
        CHECK(test::bit_differences(got.data(), want.data(), F) == 0);
      }
    }
  });
}

TEST_CASE("dots: close to the sums in double") {
  std::mt19937 rng(2);
  const size_t F = 128;
  const Matrix m = test::uniform_matrix(rng, 33, F);
  std::vector<const float*> x;
  for (size_t i = 1; i < 33; ++i) x.push_back(m.row(i));
  std::vector<float> out(32);
  dots(m.row(0), x.data(), 32, F, out.data());
  for (size_t i = 0; i < 32; ++i) {
    double want = 0.0;
    for (size_t f = 0; f < F; ++f) want += static_cast<double>(m(0, f)) * static_cast<double>(x[i][f]);
    CHECK(out[i] == doctest::Approx(want).epsilon(1e-5));
  }
}

TEST_CASE("axpy: the plain bits, and nothing behind n") {
  test::on_every_target([] {
    std::mt19937 rng(3);
    for (size_t n = 0; n < 70; ++n) {
      const AlignedBuffer<float> x = test::uniform_floats(rng, n + 1);
      AlignedBuffer<float> got = test::uniform_floats(rng, n + 1);
      AlignedBuffer<float> want = got;
      axpy(0.7f, x.data(), n, got.data());
      plain::axpy(0.7f, x.data(), n, want.data());
      CHECK(test::bit_differences(got.data(), want.data(), n + 1) == 0);
    }
  });
}

}  // namespace rec::dot_test
