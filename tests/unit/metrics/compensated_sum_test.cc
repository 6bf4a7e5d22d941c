#include "metrics/compensated_sum.h"

#include <doctest/doctest.h>

#include <initializer_list>

namespace rec::compensated_sum_test {

TEST_CASE("terms that a plain sum loses") {
  CompensatedSum sum;
  for (const double term : {1.0, 1e100, 1.0, -1e100}) sum.add(term);
  CHECK(sum.value() == 2.0);
}

TEST_CASE("a tenth, ten million times") {
  CompensatedSum sum;
  for (int term = 0; term < 10'000'000; ++term) sum.add(0.1);
  CHECK(sum.value() == doctest::Approx(1e6).epsilon(1e-15));
}

}  // namespace rec::compensated_sum_test
