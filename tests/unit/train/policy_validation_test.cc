#include "train/policy_validation.h"

#include <doctest/doctest.h>

#include <cmath>

#include "base/error.h"
#include "base/rng.h"
#include "score/user_vectors.h"
#include "temp_folder.h"

namespace rec::policy_validation_test {
namespace {

constexpr size_t kFactors = 3;

Artefact a_model() {
  Artefact model;
  model.meta = {{"model", "neural"}, {"encoder", "table"}, {"attention", "dot"}, {"predictor", "exp"}};
  Rng rng(1, 1, 1);
  const auto vectors = [&](size_t n) {
    Matrix all(n, kFactors);
    for (size_t row = 0; row < n; ++row) {
      for (size_t f = 0; f < kFactors; ++f) all(row, f) = static_cast<float>(2.0 * rng.uniform() - 1.0);
    }
    return all;
  };
  for (const char* user : {"ann", "bob"}) model.users.intern(user);
  for (const char* item : {"a", "b", "c", "d"}) model.items.intern(item);
  model.add("users.factors", vectors(2));
  model.add("items.factors", vectors(4));
  model.add("items.count", std::vector<float>{1.0f, 0.0f, 5.0f, 2.0f});
  return model;
}

PolicyLog log_of(const std::string& rows) {
  const TempFolder folder;
  return read_policy_log(folder.file("log.tsv", "user\titem\treward\tpropensity\n" + rows), {}, 0);
}

TEST_CASE("PolicyValidation: the value is that of the softmax over all items") {
  Model model(a_model());
  const double T = 0.5;
  // eve is unknown: popularity, ln(1 + n), shows her items. zzz is shown to nobody.
  const char* rows[][2] = {{"ann", "a"}, {"bob", "d"}, {"ann", "c"}, {"eve", "c"}, {"bob", "zzz"}, {"ann", "a"}};
  const double reward[] = {1.0, 0.0, 2.0, 3.0, 9.0, 0.5};
  const double propensity[] = {0.5, 0.25, 0.125, 0.5, 0.5, 0.0625};
  std::string text;
  double part = 0.0, whole = 0.0;
  for (size_t row = 0; row < 6; ++row) {
    text += fmt::format("{}\t{}\t{}\t{}\n", rows[row][0], rows[row][1], reward[row], propensity[row]);
    const uint32_t user = model.users().find(rows[row][0]);
    const uint32_t item = model.items().find(rows[row][1]);
    if (item == kNoId) continue;
    const auto logit = [&](size_t other) {
      if (user == kNoId) return std::log1p(static_cast<double>(model.item_counts()[other])) / T;
      const float* h = model.artefact().find("users.factors")->floats() + user * kFactors;
      double sum = 0.0;
      for (size_t f = 0; f < kFactors; ++f)
        sum += static_cast<double>(h[f]) * static_cast<double>(model.item_vectors()(other, f));
      return sum / T;
    };
    double all = 0.0;
    for (size_t other = 0; other < 4; ++other) all += std::exp(logit(other));
    const double w = std::exp(logit(item)) / all / propensity[row];
    part += w * reward[row];
    whole += w;
  }
  for (const auto& [metric, expected] : {std::pair("snips", part / whole), std::pair("ips", part / 6.0)}) {
    CAPTURE(metric);
    const PolicyValidation validation(log_of(text), parse_metric(metric), T, model.users(), model.items());
    REQUIRE(validation.warnings.size() == 1);
    CHECK(validation.warnings[0].find("1 of 3 users are not in training") != std::string::npos);
    const double value = validation.evaluate(model, 1);
    CHECK(value == doctest::Approx(expected).epsilon(1e-6));
    CHECK(validation.evaluate(model, 3) == value);
    CHECK(validation.is_better(value + 0.1, value));
  }
}

TEST_CASE("PolicyValidation: a log that says nothing of the policy is an error") {
  Model model(a_model());
  CHECK_THROWS_AS(
      PolicyValidation(log_of("ann\tzzz\t1\t0.5\n"), parse_metric("snips"), 1.0, model.users(), model.items()), Error);
}

}  // namespace
}  // namespace rec::policy_validation_test
