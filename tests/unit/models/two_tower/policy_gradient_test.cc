#include "models/two_tower/policy_gradient.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/rng.h"
#include "models/inference/model.h"
#include "models/two_tower/neural_trainer.h"

namespace rec::policy_gradient_test {
namespace {

constexpr double kAny = std::numeric_limits<double>::infinity();

// U users and I items, each pair once or more; shown by an even policy.
struct Log {
  Interactions data;
  Csr rows;  // weight: rewards
  std::vector<float> propensity;
};

// reward: of a pair, by chance.
template <class Reward>
Log a_log(size_t users, size_t items, size_t rows_a_user, Reward reward) {
  Log log;
  for (size_t user = 0; user < users; ++user) log.data.users.intern("u" + std::to_string(user));
  for (size_t item = 0; item < items; ++item) log.data.items.intern("i" + std::to_string(item));
  log.rows.begin.push_back(0);
  Rng rng(3, 1, 2);
  for (uint32_t user = 0; user < users; ++user) {
    std::vector<uint32_t> shown;
    for (size_t row = 0; row < rows_a_user; ++row) shown.push_back(static_cast<uint32_t>(rng.below(items)));
    std::sort(shown.begin(), shown.end());
    for (const uint32_t item : shown) {
      log.rows.index.push_back(item);
      log.rows.weight.push_back(reward(user, item, rng));
      log.propensity.push_back(1.0f / static_cast<float>(items));
    }
    log.rows.begin.push_back(log.rows.index.size());
  }
  return log;
}

TEST_CASE("policy_gradient: weights and value by hand") {
  // t = 1/2, 1/4, 1/8; e = 1/4, 1/4, 1/2: w = 2, 1, 1/4.
  const std::vector<float> loss{std::log(2.0f), std::log(4.0f), std::log(8.0f)};
  const std::vector<float> reward{1.0f, 0.0f, 3.0f};
  const std::vector<float> propensity{0.25f, 0.25f, 0.5f};
  std::vector<double> weight;
  const double value = policy_gradient(loss, reward, propensity, kAny, weight);
  CHECK(value == doctest::Approx(2.75 / 3.25));
  REQUIRE(weight.size() == 3);
  CHECK(weight[0] == doctest::Approx(3.0 * 2.0 * (1.0 - value) / 3.25));
  CHECK(weight[1] == doctest::Approx(3.0 * 1.0 * (0.0 - value) / 3.25));
  CHECK(weight[2] == doctest::Approx(3.0 * 0.25 * (3.0 - value) / 3.25));
  // Capped at 1: w = 1, 1, 1/4.
  CHECK(policy_gradient(loss, reward, propensity, 1.0, weight) == doctest::Approx(1.75 / 2.25));
  CHECK(weight[0] == doctest::Approx(3.0 * (1.0 - 1.75 / 2.25) / 2.25));
  // A policy that shows nothing of the log.
  CHECK(std::isnan(policy_gradient(std::vector<float>(3, 1e6f), reward, propensity, kAny, weight)));
  CHECK(weight == std::vector<double>(3, 0.0));
}

TEST_CASE("policy_gradient: the gradient of a step is that of the value by central differences") {
  const Log log =
      a_log(4, 5, 6, [](uint32_t, uint32_t, Rng& rng) { return static_cast<float>(rng.uniform() * 4 - 1); });
  NeuralOptions options;
  options.propensity = true;
  options.loss = {NeuralLoss::kSoftmax};
  options.attention = ScoreForm::kBilinear;
  options.temperature = 0.7;
  options.dim = 3;
  options.dropout = 0.0;
  options.check();
  const NeuralLayout layout(options, 4, 5);
  const NeuralNegatives negatives(log.rows, 5, options);
  NeuralMicroBatch<double> micro_batch(options, layout);
  const size_t n = log.rows.entries();
  Rng rng(1, 1, 1);
  for (uint32_t user = 0; user < 4; ++user) {
    for (uint64_t at = log.rows.begin[user]; at < log.rows.begin[user + 1]; ++at) {
      micro_batch.examples.user.push_back(user);
      micro_batch.examples.value.push_back(1.0);
    }
  }
  negatives.fill(log.rows.index, rng, micro_batch.examples);
  std::vector<double> parameters(layout.size());
  for (double& parameter : parameters) parameter = 2.0 * rng.uniform() - 1.0;

  // The cross-entropy of one row, in double.
  const auto loss_of = [&](const std::vector<double>& at, size_t row) {
    micro_batch.examples.weight.assign(n, 0.0);
    micro_batch.examples.weight[row] = 1.0;
    return micro_batch.run(at.data(), 1.0, rng);
  };
  const auto value = [&](const std::vector<double>& at) {
    double part = 0.0, whole = 0.0;
    for (size_t row = 0; row < n; ++row) {
      const double w = std::exp(-loss_of(at, row)) / static_cast<double>(log.propensity[row]);
      part += w * static_cast<double>(log.rows.weight[row]);
      whole += w;
    }
    return part / whole;
  };
  std::vector<float> losses;
  for (size_t row = 0; row < n; ++row) losses.push_back(static_cast<float>(loss_of(parameters, row)));
  std::vector<double> weight;
  CHECK(policy_gradient(losses, log.rows.weight, log.propensity, kAny, weight) ==
        doctest::Approx(value(parameters)).epsilon(1e-5));
  micro_batch.examples.weight = weight;
  micro_batch.run(parameters.data(), 1.0 / static_cast<double>(n), rng);
  std::vector<double> gradient(layout.size());
  const std::vector<NeuralRows<double>> rows = micro_batch.rows();
  for (size_t table = 0; table < 2; ++table) {
    for (size_t at = 0; at < rows[table].row.size(); ++at) {
      for (size_t f = 0; f < 3; ++f)
        gradient[layout.tables()[table].offset + rows[table].row[at] * 3 + f] += rows[table].gradient[at * 3 + f];
    }
  }
  std::copy(micro_batch.weight_gradient().begin(), micro_batch.weight_gradient().end(),
            gradient.begin() + static_cast<std::ptrdiff_t>(layout.weights()));
  for (size_t at = 0; at < parameters.size(); ++at) {
    CAPTURE(at);
    std::vector<double> moved = parameters;
    moved[at] += 1e-5;
    const double above = value(moved);
    moved[at] -= 2e-5;
    CHECK(gradient[at] == doctest::Approx(-(above - value(moved)) / 2e-5).epsilon(1e-4).scale(0.1));
  }
}

TEST_CASE("neural --propensity: the best item of each user is found, with the same bits for every number of threads") {
  // User u is pleased with item u % 6 in nine of ten cases, with others in one of ten.
  Log log = a_log(30, 6, 80, [](uint32_t user, uint32_t item, Rng& rng) {
    return rng.uniform() < (item == user % 6 ? 0.9 : 0.1) ? 1.0f : 0.0f;
  });
  NeuralOptions options;
  options.propensity = true;
  options.loss = {NeuralLoss::kSoftmax};
  options.dim = 8;
  options.dropout = 0.0;
  options.batch = 100;
  options.schedule.rate = 0.01;
  options.check();
  std::vector<AlignedBuffer<float>> parameters;
  for (const int threads : {1, 3}) {
    NeuralTrainer trainer(log.data, log.rows, options, threads, {}, log.propensity);
    for (int epoch = 0; epoch < 25; ++epoch) trainer.epoch();
    CHECK(trainer.objective() < -0.8);  // at random .23
    parameters.push_back(trainer.parameters());
    const Model model(trainer.artefact());
    for (uint32_t user = 0; user < 30; ++user) {
      const float* h = trainer.parameters().data() + user * 8;
      const ConstMatrixView x = model.item_vectors();
      std::vector<float> score;
      for (size_t item = 0; item < 6; ++item) {
        score.push_back(0.0f);
        for (size_t f = 0; f < 8; ++f) score.back() += h[f] * x(item, f);
      }
      CHECK(std::max_element(score.begin(), score.end()) - score.begin() == user % 6);
    }
  }
  CHECK(std::equal(parameters[0].begin(), parameters[0].end(), parameters[1].begin(), parameters[1].end()));
}

}  // namespace
}  // namespace rec::policy_gradient_test
