#include "linalg/int8_panels.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "linalg/dot.h"

namespace rec::int8_panels_test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

float uniform(std::mt19937& random) { return static_cast<float>(random() % 20001) * 1e-4f - 1.0f; }

struct Case {
  std::vector<float> users, items;  // n_users × F, n_items × F
  size_t n_users, n_items, F;
  const float* user(size_t u) const { return users.data() + u * F; }
  const float* item(size_t i) const { return items.data() + i * F; }
  Int8Panels panels() const {
    return {n_items, F, [this](size_t i, float*) { return item(i); }, 3};
  }
};

// Rows whose lengths differ by some powers of ten; some with one large value, some equal in all values.
Case make_case(unsigned seed, size_t n_users, size_t n_items, size_t F, float powers) {
  std::mt19937 random(seed);
  Case made{std::vector<float>(n_users * F), std::vector<float>(n_items * F), n_users, n_items, F};
  for (std::vector<float>* rows : {&made.users, &made.items}) {
    for (size_t row = 0; row < rows->size() / F; ++row) {
      const float length = std::pow(10.0f, powers * uniform(random));
      for (size_t f = 0; f < F; ++f) {
        const float value = row % 7 == 0 ? 1.0f : row % 5 == 0 && f > 0 ? 1e-4f * uniform(random) : uniform(random);
        (*rows)[row * F + f] = length * value;
      }
    }
  }
  return made;
}

struct Bounds {
  std::vector<float> out;
  std::vector<uint64_t> above;
};

template <class Function>
Bounds bounds_of(Function function, const Int8Users& users, const Case& of, const Int8Panels& panels,
                 const std::vector<float>& floors) {
  const size_t n_panels = (of.n_items + Int8Panels::kPanel - 1) / Int8Panels::kPanel;
  Bounds bounds{std::vector<float>(of.n_users * of.n_items), std::vector<uint64_t>(of.n_users * n_panels)};
  function(users, 0, of.n_users, panels, 0, of.n_items, floors.data(), bounds.out.data(), of.n_items,
           bounds.above.data(), n_panels);
  return bounds;
}

TEST_CASE("int8 panels: no score is above its bound, bounds are close, and bits tell what may reach the floor") {
  for (const size_t F : {1u, 2u, 3u, 4u, 5u, 31u, 64u, 130u}) {
    for (const size_t n_items : {1u, 47u, 48u, 49u, 200u}) {
      for (const float powers : {0.0f, 3.0f, 15.0f}) {
        CAPTURE(F);
        CAPTURE(n_items);
        CAPTURE(powers);
        const Case of = make_case(static_cast<unsigned>(F * 1000 + n_items), 19, n_items, F, powers);
        const Int8Panels panels = of.panels();
        Int8Users users(of.n_users, F);
        std::vector<float> floors(of.n_users);
        for (size_t u = 0; u < of.n_users; ++u) {
          REQUIRE(users.set(u, of.user(u)));
          dots(of.user(u), std::vector<const float*>{of.item(n_items / 2)}.data(), 1, F, &floors[u]);
        }
        const Bounds bounds = bounds_of(upper_bounds, users, of, panels, floors);
        for (size_t u = 0; u < of.n_users; ++u) {
          for (size_t i = 0; i < n_items; ++i) {
            float exact = 0.0f;
            const float* row = of.item(i);
            dots(of.user(u), &row, 1, F, &exact);
            const float bound = bounds.out[u * n_items + i];
            CHECK(bound >= exact);
            const size_t n_panels = (n_items + 47) / 48;
            const bool above = (bounds.above[u * n_panels + i / 48] >> (i % 48) & 1) != 0;
            CHECK(above == !(bound < floors[u]));
            if (powers > 0.0f) continue;  // a panel has one margin for long rows and short ones
            double lengths[2] = {};
            for (size_t f = 0; f < F; ++f) {
              lengths[0] += std::pow(static_cast<double>(of.user(u)[f]), 2);
              lengths[1] += std::pow(static_cast<double>(row[f]), 2);
            }
            const double greatest_item = std::sqrt(static_cast<double>(F));
            CHECK(static_cast<double>(bound - exact) <= 0.03 * std::sqrt(lengths[0]) * greatest_item);
          }
        }
      }
    }
  }
}

TEST_CASE("int8 panels: with vectors and without, the same bits") {
  for (const size_t F : {1u, 6u, 64u, 67u}) {
    for (const size_t n_users : {1u, 2u, 3u, 8u, 13u, 16u}) {
      const Case of = make_case(static_cast<unsigned>(F + n_users), n_users, 131, F, 2.0f);
      const Int8Panels panels = of.panels();
      Int8Users users(n_users, F);
      for (size_t u = 0; u < n_users; ++u) users.set(u, of.user(u));
      const std::vector<float> floors(n_users, 0.5f);
      const Bounds fast = bounds_of(upper_bounds, users, of, panels, floors);
      const Bounds plain = bounds_of(plain::upper_bounds, users, of, panels, floors);
      CHECK(fast.out == plain.out);
      CHECK(fast.above == plain.above);
    }
  }
}

TEST_CASE("int8 panels: the greatest codes do not overflow") {
  const size_t F = 65536;
  Case of{std::vector<float>(F, -3.0f), std::vector<float>(F, 2.0f), 1, 1, F};
  Int8Users users(1, F);
  REQUIRE(users.set(0, of.user(0)));
  const Bounds bounds = bounds_of(upper_bounds, users, of, of.panels(), {0.0f});
  CHECK(bounds.out[0] == doctest::Approx(-6.0 * 65536).epsilon(0.05));
  CHECK(bounds.above[0] == 0);
  Int8Users longer(1, F + 1);
  CHECK(!longer.set(0, std::vector<float>(F + 1, 1.0f).data()));
}

TEST_CASE("int8 panels: rows without codes may always reach the floor; users without codes are told") {
  const size_t F = 8;
  Case of = make_case(5, 2, 96, F, 0.0f);
  Int8Users users(2, F);
  REQUIRE(users.set(0, of.user(0)));
  REQUIRE(users.set(1, of.user(1)));
  for (const float odd : {std::nanf(""), kInfinity, -kInfinity, 3e38f}) {
    of.items[3 * F] = odd;
    const Bounds bounds = bounds_of(upper_bounds, users, of, of.panels(), {1e30f, 1e30f});
    for (size_t u = 0; u < 2; ++u) {
      CHECK((bounds.above[2 * u] >> 3 & 1) == 1);
      CHECK(bounds.above[2 * u + 1] == 0);
    }
  }
  for (const float odd : {0.0f, 1e-30f, 1e30f, kInfinity, std::nanf("")}) {
    const std::vector<float> q(F, odd);
    CHECK(!users.set(0, q.data()));
    CHECK(!users.is_bounded(0));
  }
  // Zeros, and values too small for a scale, are within the margin.
  of.items.assign(96 * F, 0.0f);
  for (size_t f = 0; f < F; ++f) of.items[F + f] = 1e-40f;
  REQUIRE(users.set(0, of.user(0)));
  const Bounds bounds = bounds_of(upper_bounds, users, of, of.panels(), {1e-20f, 1e-20f});
  CHECK(bounds.above[0] == 0);
  for (size_t i = 0; i < 96; ++i) CHECK(bounds.out[i] >= 0.0f);
}

}  // namespace
}  // namespace rec::int8_panels_test
