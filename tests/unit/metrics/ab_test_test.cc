#include "metrics/ab_test.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "base/rng.h"

namespace rec::ab_test_test {

namespace {

// Users with a rate of their own and 1 to 20 impressions.
Variant simulated(const char* name, uint64_t seed, size_t users, double lift) {
  Rng rng(seed);
  Variant variant{name, {}};
  for (size_t user = 0; user < users; ++user) {
    EventCounts counts;
    const double rate = 0.2 * rng.uniform() * lift;
    counts.impressions = 1 + rng.below(20);
    for (uint64_t impression = 0; impression < counts.impressions; ++impression) counts.clicks += rng.uniform() < rate;
    variant.users.push_back(counts);
  }
  return variant;
}

const std::vector<std::string> kCtr{"ctr"};

}  // namespace

TEST_CASE("the control has values and no effect, the others both; z is the pooled one") {
  const std::vector<Variant> variants{{"a", {{10, 1, 0}, {20, 5, 0}}}, {"b", {{10, 4, 0}, {10, 2, 0}, {5, 0, 0}}}};
  const std::vector<VariantMetric> results = compare_variants(variants, 0, parse_metrics(kCtr), {}, 1);
  REQUIRE(results.size() == 2);
  CHECK(results[0].value == doctest::Approx(0.2));
  CHECK(results[0].interval.low == doctest::Approx(wilson(6, 30).low));
  CHECK(!results[0].effect);
  REQUIRE(results[1].effect);
  CHECK(results[1].value == doctest::Approx(0.24));
  CHECK(results[1].effect->by_user.difference == doctest::Approx(0.04));
  CHECK(results[1].effect->by_user.quotient == doctest::Approx(1.2));
  REQUIRE(results[1].effect->z);
  CHECK(results[1].effect->z->z == doctest::Approx(two_proportion_z(6, 30, 6, 25).z));
  CHECK(results[1].effect->p_holm == results[1].effect->by_user.p);
  const std::vector<VariantMetric> swapped = compare_variants(variants, 1, parse_metrics(kCtr), {}, 1);
  CHECK(!swapped[1].effect);
  CHECK(swapped[0].effect->by_user.difference == doctest::Approx(-0.04));
}

TEST_CASE("Holm goes over all metrics and variants") {
  std::vector<Variant> variants;
  for (const uint64_t seed : {1, 2, 3}) variants.push_back(simulated("x", seed, 300, seed == 3 ? 1.5 : 1.0));
  const std::vector<std::string> both{"ctr,satisfaction"};
  for (Variant& variant : variants) {
    for (EventCounts& user : variant.users) {
      user.ratings = 1;
      user.rating = static_cast<double>(user.clicks % 3);
    }
  }
  const std::vector<VariantMetric> results = compare_variants(variants, 0, parse_metrics(both), {}, 1);
  REQUIRE(results.size() == 6);
  double least = 1.0;
  for (const VariantMetric& result : results) {
    if (result.effect) least = std::min(least, result.effect->by_user.p);
  }
  CHECK(results[2].effect->by_user.p == least);
  CHECK(results[2].effect->p_holm == doctest::Approx(4.0 * least));
  CHECK(!results[4].effect->z);  // of a mean there is none
}

TEST_CASE("bootstrap intervals are near the delta method's, whatever the threads") {
  const std::vector<Variant> variants{simulated("a", 1, 2000, 1.0), simulated("b", 2, 2000, 1.2)};
  const std::vector<Metric> metrics = parse_metrics(kCtr);
  const BootstrapOptions options{.resamples = 2000};
  const std::vector<VariantMetric> delta = compare_variants(variants, 0, metrics, {}, 1);
  const std::vector<VariantMetric> resampled = compare_variants(variants, 0, metrics, options, 1);
  const auto check = [](const Interval& one, const Interval& other) {
    const double tolerance = 0.1 * (other.high - other.low);
    CHECK(std::fabs(one.low - other.low) < tolerance);
    CHECK(std::fabs(one.high - other.high) < tolerance);
  };
  check(resampled[1].effect->by_user.difference_interval, delta[1].effect->by_user.difference_interval);
  check(resampled[1].effect->by_user.quotient_interval, delta[1].effect->by_user.quotient_interval);
  CHECK(resampled[1].effect->by_user.p == delta[1].effect->by_user.p);
  // Users differ: the interval of a rate is wider than Wilson's.
  CHECK(resampled[0].interval.high - resampled[0].interval.low > delta[0].interval.high - delta[0].interval.low);
  const std::vector<VariantMetric> threads = compare_variants(variants, 0, metrics, options, 3);
  CHECK(threads[1].effect->by_user.quotient_interval.low == resampled[1].effect->by_user.quotient_interval.low);
}

TEST_CASE("the split by hand, and one variant has none") {
  // 60 and 40 where 50 and 50 are expected: 2 · 100/50 = 4.
  const SplitTest even = test_split(std::vector<uint64_t>{60, 40}, std::vector<double>{1, 1});
  CHECK(even.chi_square == doctest::Approx(4.0));
  CHECK(even.p == doctest::Approx(0.0455003).epsilon(1e-5));
  CHECK(test_split(std::vector<uint64_t>{60, 40}, std::vector<double>{3, 2}).chi_square == 0.0);
  CHECK(std::isnan(test_split(std::vector<uint64_t>{60}, std::vector<double>{1}).p));
}

}  // namespace rec::ab_test_test
