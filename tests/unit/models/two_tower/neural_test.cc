#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "base/error.h"
#include "linalg/matrix.h"
#include "models/common/popularity.h"
#include "models/inference/model.h"
#include "models/two_tower/neural_trainer.h"
#include "small_data.h"
#include "unit/models/two_tower/neural_reference.h"

namespace rec::neural_test {
namespace {

// Forms and losses that go together.
struct Case {
  ScoreForm attention, predictor;
  std::vector<NeuralLoss> loss;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const NeuralLoss loss : {NeuralLoss::kSoftmax, NeuralLoss::kSampledSoftmax}) {
    for (const ScoreForm form : {ScoreForm::kDot, ScoreForm::kScaled, ScoreForm::kCosine, ScoreForm::kBilinear,
                                 ScoreForm::kAdditive, ScoreForm::kMultiHead}) {
      all.push_back({form, ScoreForm::kDot, {loss}});
    }
  }
  for (const NeuralLoss loss : {NeuralLoss::kMse, NeuralLoss::kBce, NeuralLoss::kBpr}) {
    for (const ScoreForm form : {ScoreForm::kDot, ScoreForm::kSum, ScoreForm::kMlp}) {
      all.push_back({ScoreForm::kDot, form, {loss}});
      all.push_back({ScoreForm::kAdditive, form, {NeuralLoss::kSampledSoftmax, loss}});
      all.push_back({ScoreForm::kDot, form, {NeuralLoss::kSoftmax, loss}});
    }
  }
  return all;
}

NeuralOptions small_options(const Case& its) {
  NeuralOptions options;
  options.dropout = 0.0;
  options.stddev = 1.0;
  options.dim = 6;
  options.attention = its.attention;
  options.predictor = its.predictor;
  options.loss = its.loss;
  options.temperature = 0.7;
  options.mix = 1.7;
  options.heads = 3;
  options.layers = {5, 4, 3};
  options.negatives = 6;
  options.stddev = 2.0;
  options.check();
  return options;
}

std::string name_of_case(const Case& its) {
  std::string name = std::string(name_of(its.attention)) + " " + name_of(its.predictor);
  for (const NeuralLoss loss : its.loss) name += std::string(" ") + name_in(kNeuralLosses, loss);
  return name;
}

// Central differences of f at x.
template <class F>
std::vector<double> differences(F f, std::vector<double> x) {
  constexpr double kStep = 1e-5;
  std::vector<double> slope(x.size());
  for (size_t at = 0; at < x.size(); ++at) {
    const double value = x[at];
    x[at] = value + kStep;
    const double above = f(x);
    x[at] = value - kStep;
    slope[at] = (above - f(x)) / (2.0 * kStep);
    x[at] = value;
  }
  return slope;
}

Csr log_of_values() {
  const Interactions data = random_rows(5, 4, 9, 16);
  return csr_by_user(data, data.value);
}

// The micro-batch's gradient, spread over all parameters.
std::vector<double> gradient(const NeuralMicroBatch<double>& micro_batch, const NeuralLayout& layout) {
  std::vector<double> all(layout.size(), 0.0);
  const size_t F = layout.factors;
  const std::vector<NeuralRows<double>> rows = micro_batch.rows();
  const std::vector<NeuralLayout::Table> tables = layout.tables();
  REQUIRE(rows.size() == tables.size());
  for (size_t table = 0; table < tables.size(); ++table) {
    for (size_t at = 0; at < rows[table].row.size(); ++at) {
      if (rows[table].row[at] == kNoId) continue;
      for (size_t f = 0; f < F; ++f)
        all[tables[table].offset + rows[table].row[at] * F + f] += rows[table].gradient[at * F + f];
    }
  }
  for (size_t at = 0; at < layout.weight_count(); ++at) all[layout.weights() + at] += micro_batch.weight_gradient()[at];
  return all;
}

void set_examples(const Csr& by_user, const NeuralNegatives& negatives, Rng& rng, std::span<const uint32_t> pairs,
                  NeuralExamples<double>& examples) {
  std::vector<uint32_t> items;
  examples.user.clear();
  examples.value.clear();
  for (const uint32_t pair : pairs) {
    const auto next = std::upper_bound(by_user.begin.begin(), by_user.begin.end(), pair);
    examples.user.push_back(static_cast<uint32_t>(next - by_user.begin.begin() - 1));
    examples.value.push_back(by_user.weight.empty() ? 1.0 : static_cast<double>(by_user.weight[pair]));
    items.push_back(by_user.index[pair]);
  }
  negatives.fill(items, rng, examples);
}

std::vector<double> random_parameters(const NeuralLayout& layout) {
  std::mt19937 random(4);
  std::vector<double> parameters(layout.size());
  for (double& value : parameters) value = static_cast<double>(uniform_value(random));
  return parameters;
}

void check_gradient(const std::vector<double>& got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  for (size_t at = 0; at < got.size(); ++at) {
    CAPTURE(at);
    CHECK(got[at] == doctest::Approx(expected[at]).epsilon(1e-5).scale(1.0));
  }
}

size_t items_of(const Csr& by_user) { return *std::max_element(by_user.index.begin(), by_user.index.end()) + 1; }

// What changes a loss, and whether examples have weights.
struct Form {
  LossForm loss;
  bool weights = false;
};
std::vector<Form> forms() {
  return {{},         {{.smoothing = 0.2}},       {{.reweight = 0.3}},
          {{}, true}, {{.smoothing = 0.1}, true}, {{.reweight = 1.0}, true}};
}

// 0 among them, as of what is left out.
std::vector<double> weights_of(size_t n) {
  std::vector<double> weights;
  for (size_t at = 0; at < n; ++at) weights.push_back(0.5 * static_cast<double>(at % 5));
  return weights;
}

TEST_CASE("neural: every form and loss is its formula, and its gradient that of central differences") {
  const Csr by_user = log_of_values();
  for (const Case& its : cases()) {
    for (const bool in_batch : {false, true}) {
      for (const Form& form : forms()) {
        const std::string name = name_of_case(its) + (in_batch ? " in-batch" : "");
        CAPTURE(name);
        CAPTURE(form.loss.smoothing);
        CAPTURE(form.loss.reweight);
        CAPTURE(form.weights);
        NeuralOptions options = small_options(its);
        options.in_batch = in_batch;
        options.form = form.loss;
        const NeuralLayout layout(options, by_user.rows(), items_of(by_user));
        const NeuralNegatives negatives(by_user, layout.items, options);
        NeuralMicroBatch<double> micro_batch(options, layout);
        Rng rng(3);
        std::vector<uint32_t> pairs(by_user.entries());
        std::iota(pairs.begin(), pairs.end(), 0u);
        set_examples(by_user, negatives, rng, pairs, micro_batch.examples);
        if (form.weights) micro_batch.examples.weight = weights_of(pairs.size());
        const std::vector<double> parameters = random_parameters(layout);
        const test::NeuralReference reference(options, layout);
        const auto loss = [&](const std::vector<double>& at) { return reference.loss(at, micro_batch.examples, 0.25); };
        CHECK(micro_batch.run(parameters.data(), 0.25, rng) == doctest::Approx(loss(parameters)).epsilon(1e-9));
        const std::vector<double> got = gradient(micro_batch, layout);
        const std::vector<double> expected = differences(loss, parameters);
        check_gradient(got, expected);
      }
    }
  }
}

TEST_CASE("neural: what is measured is the cross-entropy of what was chosen, with the same random numbers as a run") {
  const Csr by_user = log_of_values();
  for (const Case& its : cases()) {
    const std::string name = name_of_case(its);
    CAPTURE(name);
    NeuralOptions options = small_options(its);
    options.dropout = 0.3;
    const NeuralLayout layout(options, by_user.rows(), items_of(by_user));
    const NeuralNegatives negatives(by_user, layout.items, options);
    NeuralMicroBatch<double> micro_batch(options, layout);
    Rng rng(3);
    const uint32_t pairs[] = {1, 4, 7, 8};
    set_examples(by_user, negatives, rng, pairs, micro_batch.examples);
    const std::vector<double> parameters = random_parameters(layout);
    Rng first = rng;
    const std::vector<float> measured = micro_batch.measure(parameters.data(), first);
    // Of one example alone; of bce without its negatives.
    for (size_t e = 0; e < 4; ++e) {
      const auto run = [&](double weight) {
        micro_batch.examples.weight.assign(4, 0.0);
        micro_batch.examples.weight[e] = weight;
        Rng same = rng;
        return micro_batch.run(parameters.data(), 1.0, same);
      };
      CHECK(static_cast<double>(measured[e]) == doctest::Approx(run(1.0) - run(0.0)).epsilon(1e-5).scale(0.1));
    }
  }
}

TEST_CASE("neural: dropout's gradient is that of its own masks") {
  const Csr by_user = log_of_values();
  NeuralOptions options =
      small_options({ScoreForm::kAdditive, ScoreForm::kMlp, {NeuralLoss::kSampledSoftmax, NeuralLoss::kBce}});
  options.dropout = 0.4;
  const NeuralLayout layout(options, by_user.rows(), items_of(by_user));
  const NeuralNegatives negatives(by_user, layout.items, options);
  NeuralMicroBatch<double> micro_batch(options, layout);
  Rng rng(3);
  const uint32_t pairs[] = {1, 4, 7};
  set_examples(by_user, negatives, rng, pairs, micro_batch.examples);
  const std::vector<double> parameters = random_parameters(layout);
  const auto loss = [&](const std::vector<double>& at) {
    Rng same(9);
    return micro_batch.run(at.data(), 1.0, same);
  };
  const std::vector<double> expected = differences(loss, parameters);
  const double dropped = loss(parameters);
  const std::vector<double> got = gradient(micro_batch, layout);
  check_gradient(got, expected);
  options.dropout = 0.0;
  CHECK(loss(parameters) != doctest::Approx(dropped));
}

TEST_CASE("neural: adversarial training adds the loss at the worst small step of every vector") {
  const Csr by_user = log_of_values();
  NeuralOptions options = small_options({ScoreForm::kDot, ScoreForm::kDot, {NeuralLoss::kBpr}});
  const NeuralLayout layout(options, by_user.rows(), items_of(by_user));
  const NeuralNegatives negatives(by_user, layout.items, options);
  NeuralMicroBatch<double> micro_batch(options, layout);
  Rng rng(3);
  const uint32_t pairs[] = {0, 5, 9};  // three users: a row of h each
  set_examples(by_user, negatives, rng, pairs, micro_batch.examples);
  REQUIRE(std::set<uint32_t>(micro_batch.examples.user.begin(), micro_batch.examples.user.end()).size() == 3);
  const std::vector<double> parameters = random_parameters(layout);
  const double plain = micro_batch.run(parameters.data(), 1.0, rng);
  const std::vector<double> first = gradient(micro_batch, layout);
  // Each row moved by 0.3 along its gradient.
  std::vector<double> moved = parameters;
  for (size_t row = 0; row < layout.users + layout.items; ++row) {
    double squares = 0.0;
    for (size_t f = 0; f < layout.factors; ++f)
      squares += first[row * layout.factors + f] * first[row * layout.factors + f];
    for (size_t f = 0; f < layout.factors && squares > 0.0; ++f)
      moved[row * layout.factors + f] += 0.3 * first[row * layout.factors + f] / std::sqrt(squares);
  }
  const double worse = micro_batch.run(moved.data(), 1.0, rng);
  const std::vector<double> second = gradient(micro_batch, layout);
  CHECK(worse > plain);
  options.adversarial = 0.3;
  options.adversarial_weight = 2.0;
  CHECK(micro_batch.run(parameters.data(), 1.0, rng) == doctest::Approx(plain + 2.0 * worse));
  const std::vector<double> both = gradient(micro_batch, layout);
  for (size_t at = 0; at < both.size(); ++at) CHECK(both[at] == doctest::Approx(first[at] + 2.0 * second[at]));
}

// The weight 0 for the examples with the largest cross-entropies by the reference, one after the other.
void leave_out_largest(const NeuralOptions& options, const NeuralLayout& layout, const std::vector<double>& parameters,
                       double share, size_t pairs, std::vector<NeuralExamples<double>>& micro_batches) {
  NeuralOptions plain = options;
  plain.form = {};
  const test::NeuralReference reference(plain, layout);
  const auto without = [&](NeuralExamples<double> examples, size_t e) {
    std::fill(examples.weight.begin(), examples.weight.end(), 0.0);
    const double none = reference.loss(parameters, examples, 1.0);
    examples.weight[e] = 1.0;
    return reference.loss(parameters, examples, 1.0) - none;
  };
  for (auto left = static_cast<size_t>(share * static_cast<double>(pairs)); left > 0; --left) {
    double* largest = nullptr;
    double most = -HUGE_VAL;
    for (NeuralExamples<double>& examples : micro_batches) {
      for (size_t e = 0; e < examples.user.size(); ++e) {
        if (examples.weight[e] == 0.0 || without(examples, e) <= most) continue;
        most = without(examples, e);
        largest = &examples.weight[e];
      }
    }
    REQUIRE(largest != nullptr);
    *largest = 0.0;
  }
}

// batch: at least the pairs, so that there is one step.
void check_step(const Case& its, const Form& form, double truncated, int batch = 200) {
  const Csr by_user = log_of_values();
  const std::string name = name_of_case(its);
  CAPTURE(name);
  NeuralOptions options = small_options(its);
  options.form = form.loss;
  options.truncation = {.share = truncated, .epochs = 0};
  std::vector<float> weights;
  for (const double weight : weights_of(form.weights ? by_user.entries() : 0))
    weights.push_back(static_cast<float>(weight + 0.5));
  options.layers = {16, 12};  // biases start at 0, where a layer without any value above 0 has no slope
  options.optimizer.kind = OptimizerKind::kSgd;
  options.schedule.rate = 0.5;
  options.optimizer.weight_decay = 0.1;
  options.clip = 0.2;
  REQUIRE(static_cast<size_t>(batch) >= by_user.entries());
  options.batch = batch;
  options.epochs = 1;
  Interactions data;
  for (uint32_t item = 0; item < items_of(by_user); ++item) data.items.intern("i" + std::to_string(item));
  NeuralTrainer trainer(data, by_user, options, 2, {}, weights);
  const NeuralLayout& layout = trainer.layout();
  const std::vector<double> start(trainer.parameters().begin(), trainer.parameters().end());
  trainer.epoch();

  // The trainer's order, micro-batches and draws.
  std::vector<uint32_t> order(by_user.entries());
  std::iota(order.begin(), order.end(), 0u);
  Rng shuffle(options.seed, 2, 0);
  for (size_t at = order.size(); at > 1; --at) std::swap(order[at - 1], order[shuffle.below(at)]);
  const size_t size = (order.size() + options.micro_batches() - 1) / options.micro_batches();
  const NeuralNegatives negatives(by_user, layout.items, options);
  std::vector<NeuralExamples<double>> micro_batches;
  for (size_t first = 0; first < order.size(); first += size) {
    Rng rng(options.seed, 3, micro_batches.size());
    micro_batches.emplace_back();
    const auto pairs = std::span(order).subspan(first, std::min(size, order.size() - first));
    set_examples(by_user, negatives, rng, pairs, micro_batches.back());
    for (const uint32_t pair : pairs)
      micro_batches.back().weight.push_back(weights.empty() ? 1.0 : static_cast<double>(weights[pair]));
  }
  leave_out_largest(options, layout, start, truncated, order.size(), micro_batches);
  const test::NeuralReference reference(options, layout);
  std::vector<bool> touched(layout.users + layout.items, false);
  for (const NeuralExamples<double>& examples : micro_batches) {
    for (const uint32_t user : examples.user) touched[user] = true;
    for (const uint32_t item : examples.candidate) touched[layout.users + item] = true;
  }
  const auto loss = [&](const std::vector<double>& at) {
    double sum = 0.0;
    for (const NeuralExamples<double>& examples : micro_batches)
      sum += reference.loss(at, examples, 1.0 / static_cast<double>(order.size()));
    return sum;
  };
  CHECK(trainer.objective() == doctest::Approx(loss(start)).epsilon(1e-5));
  const std::vector<double> slope = differences(loss, start);
  const double norm = std::sqrt(std::inner_product(slope.begin(), slope.end(), slope.begin(), 0.0));
  const double scale = norm > 0.2 ? 0.2 / norm : 1.0;
  for (size_t at = 0; at < start.size(); ++at) {
    CAPTURE(at);
    const bool moves = at >= layout.weights() || touched[at / layout.factors];
    const double expected = moves ? start[at] - 0.5 * (scale * slope[at] + 0.1 * start[at]) : start[at];
    CHECK(static_cast<double>(trainer.parameters()[at]) == doctest::Approx(expected).epsilon(1e-4).scale(1.0));
  }
}

TEST_CASE("neural: one whole step equals the plain reference") {
  for (const Case& its : cases()) check_step(its, {}, 0.0);
}

TEST_CASE("neural: so does one of a large batch, which is cut into more micro-batches") {
  NeuralOptions options;
  CHECK(options.micro_batches() == 8);
  options.batch = 128 * 11;
  CHECK(options.micro_batches() == 11);
  options.batch = 1 << 20;
  CHECK(options.micro_batches() == 32);
  options.in_batch = true;
  CHECK(options.micro_batches() == 8);
  for (const Case& its : cases()) {
    check_step(its, {}, 0.0, 128 * 11);
    check_step(its, {{}, true}, 0.3, 1 << 20);
  }
}

TEST_CASE("neural: so does a step with weights, forms of losses, and the largest losses left out of the whole batch") {
  for (const Case& its : {cases()[0], cases()[6], cases()[cases().size() - 6], cases().back()}) {
    check_step(its, {{}, true}, 0.0);
    check_step(its, {{.smoothing = 0.2}, true}, 0.3);
    check_step(its, {{.reweight = 0.5}}, 0.5);
  }
}

TEST_CASE("neural: the same bits for every number of threads, and resumed as uninterrupted") {
  const Interactions data = random_rows(8, 60, 40, 900);
  const Csr by_user = csr_by_user(data, data.value);
  for (const OptimizerKind kind :
       {OptimizerKind::kSgd, OptimizerKind::kAdagrad, OptimizerKind::kAdam, OptimizerKind::kAdamW}) {
    NeuralOptions options =
        small_options({ScoreForm::kMultiHead, ScoreForm::kMlp, {NeuralLoss::kSampledSoftmax, NeuralLoss::kBpr}});
    options.optimizer.kind = kind;
    options.batch = 100;
    options.dropout = 0.2;
    options.adversarial = 0.1;
    options.optimizer.weight_decay = 0.01;
    options.schedule.kind = ScheduleKind::kCosine;
    options.schedule.warmup = 3;
    options.epochs = 4;
    NeuralTrainer whole(data, by_user, options, 1);
    for (int epoch = 0; epoch < 4; ++epoch) whole.epoch();
    for (const int threads : {2, 3}) {
      NeuralTrainer first(data, by_user, options, threads);
      for (int epoch = 0; epoch < 2; ++epoch) first.epoch();
      NeuralTrainer second(data, by_user, options, threads);
      second.restore(first.state());
      for (int epoch = 0; epoch < 2; ++epoch) second.epoch();
      CHECK(second.objective() == whole.objective());
      CHECK(second.parameters() == whole.parameters());
    }
  }
}

TEST_CASE("neural: the model's functions are those that were trained") {
  const Interactions data = random_rows(8, 12, 20, 100);
  const Csr by_user = csr_by_user(data, data.value);
  for (const Case& its : cases()) {
    const std::string name = name_of_case(its);
    CAPTURE(name);
    NeuralOptions options = small_options(its);
    options.batch = 40;
    options.schedule.rate = 0.05;
    NeuralTrainer trainer(data, by_user, options, 1);
    for (int epoch = 0; epoch < 3; ++epoch) trainer.epoch();
    const Model model(trainer.artefact());
    for (const NeuralLayout::Part& part : trainer.layout().parts) {
      if (part.attention) CHECK(model.attention() == part.shape.form);
      const auto scorer = make_scorer(part.shape.form, model.parts());
      NeuralForm<double> form(part.shape);
      const std::vector<double> all(trainer.parameters().begin(), trainer.parameters().end());
      Behaviour h;
      REQUIRE(model.encoder().encode_user(3, h));
      const auto users = scorer->make_users(1);
      scorer->prepare(h, 0, *users);
      std::vector<double> A(form.projection_size()), B(form.projection_size());
      form.user_projections(&all[part.offset], &all[trainer.layout().user(3)], 1, A.data());
      for (uint32_t item = 0; item < data.items.size(); ++item) {
        float got = 0.0f;
        scorer->score_items(0, {&item, 1}, *users, &got);
        form.item_projections(&all[part.offset], &all[trainer.layout().item(item)], 1, B.data());
        double expected = 0.0;
        form.scores(&all[part.offset], A.data(), B.data(), {1, 1, nullptr}, &expected);
        CHECK(static_cast<double>(got) == doctest::Approx(expected).epsilon(1e-4).scale(1.0));
      }
    }
  }
}

// Features of kinds a (3 categories) and b (2) for each id but the last; of every third id one.
SideFeatures some_features(IdKind of, size_t ids) {
  SideFeatures side;
  side.of = of;
  for (const char* name : {"a=0", "a=1", "a=2", "b=0", "b=1"}) side.map.names.intern(name);
  side.map.columns.assign(5, {1.0f, 1.0f, 0.0f, FeatureRule::kValue});
  side.rows.begin = {0};
  for (uint32_t id = 0; id < ids; ++id) {
    if (id + 1 < ids) {
      side.rows.index.push_back(id % 3);
      side.rows.weight.push_back(0.8f);
      if (id % 3 != 0) {
        side.rows.index.push_back(3 + id % 2);
        side.rows.weight.push_back(-0.6f);
      }
    }
    side.rows.begin.push_back(side.rows.index.size());
  }
  return side;
}

// x of an id from the formula.
std::vector<double> sum_of(const NeuralFeatureTable& table, const std::vector<double>& parameters, size_t F,
                           const double* start, uint32_t id) {
  std::vector<double> x(start, start + F);
  const Csr& rows = table.side->features.rows;
  for (uint64_t at = rows.begin[id]; at < rows.begin[id + 1]; ++at) {
    const uint32_t c = rows.index[at];
    const double s = parameters[table.dense + F + (c < 3 ? 0 : 1)];
    for (size_t f = 0; f < F; ++f)
      x[f] += static_cast<double>(rows.weight[at]) * s * parameters[table.rows + c * F + f];
  }
  return x;
}

TEST_CASE("neural: with features the vectors are sums, and the gradient is that of central differences") {
  const Csr by_user = log_of_values();
  const size_t items = items_of(by_user);
  std::vector<NeuralSide> sides;
  sides.emplace_back(some_features(IdKind::kItem, items), std::vector<char>(items, 1));
  sides.emplace_back(some_features(IdKind::kUser, by_user.rows()), std::vector<char>(by_user.rows(), 1));
  const Case some[] = {{ScoreForm::kDot, ScoreForm::kDot, {NeuralLoss::kSoftmax}},
                       {ScoreForm::kDot, ScoreForm::kDot, {NeuralLoss::kMse}},
                       {ScoreForm::kAdditive, ScoreForm::kMlp, {NeuralLoss::kSampledSoftmax, NeuralLoss::kBce}}};
  for (const Case& its : some) {
    for (const double rate : {0.0, 0.5}) {
      const std::string name = name_of_case(its);
      CAPTURE(name);
      CAPTURE(rate);
      NeuralOptions options = small_options(its);
      options.id_dropout = rate;
      const NeuralLayout layout(options, by_user.rows(), items, sides);
      const size_t F = layout.factors;
      const NeuralNegatives negatives(by_user, items, options, true);
      NeuralMicroBatch<double> micro_batch(options, layout);
      Rng rng(3);
      std::vector<uint32_t> pairs(by_user.entries());
      std::iota(pairs.begin(), pairs.end(), 0u);
      set_examples(by_user, negatives, rng, pairs, micro_batch.examples);
      const std::vector<double> parameters = random_parameters(layout);
      const auto loss = [&](const std::vector<double>& at) {
        Rng same(9);
        return micro_batch.run(at.data(), 0.25, same);
      };
      const std::vector<double> expected = differences(loss, parameters);
      const double whole = loss(parameters);
      const std::vector<double> got = gradient(micro_batch, layout);
      check_gradient(got, expected);
      // What dropped ids leave: u in the place of y.
      size_t dropped = 0;
      for (const NeuralRows<double>& rows : micro_batch.rows())
        dropped += static_cast<size_t>(std::count(rows.row.begin(), rows.row.end(), kNoId));
      CHECK((dropped > 0) == (rate > 0.0));
      for (const NeuralFeatureTable& table : layout.features) {
        const bool any = std::any_of(got.begin() + static_cast<std::ptrdiff_t>(table.dense),
                                     got.begin() + static_cast<std::ptrdiff_t>(table.dense + F),
                                     [](double value) { return value != 0.0; });
        CHECK(any == (rate > 0.0));
      }
      if (rate > 0.0) continue;
      const NeuralLayout plain(options, by_user.rows(), items);
      std::vector<double> sums(parameters.begin(), parameters.begin() + static_cast<std::ptrdiff_t>(plain.size()));
      for (uint32_t item = 0; item < items; ++item) {
        const auto x = sum_of(layout.features[0], parameters, F, &parameters[layout.item(item)], item);
        std::copy(x.begin(), x.end(), &sums[layout.item(item)]);
      }
      for (uint32_t user = 0; user < by_user.rows(); ++user) {
        const auto h = sum_of(layout.features[1], parameters, F, &parameters[layout.user(user)], user);
        std::copy(h.begin(), h.end(), &sums[layout.user(user)]);
      }
      CHECK(
          whole ==
          doctest::Approx(test::NeuralReference(options, plain).loss(sums, micro_batch.examples, 0.25)).epsilon(1e-9));
    }
  }
}

// 40 items, of which three more have no pair, and 60 users with one more.
Interactions data_with_new_ids() {
  Interactions data = random_rows(8, 60, 40, 900);
  for (const char* item : {"x0", "x1", "x2"}) data.items.intern(item);
  data.users.intern("x0");
  return data;
}

TEST_CASE("neural: with features, the same bits for every number of threads, and resumed as uninterrupted") {
  const Interactions data = data_with_new_ids();
  const Csr by_user = csr_by_user(data, data.value);
  const std::vector<SideFeatures> features{some_features(IdKind::kItem, data.items.size()),
                                           some_features(IdKind::kUser, data.users.size())};
  NeuralOptions options = small_options({ScoreForm::kDot, ScoreForm::kDot, {NeuralLoss::kSampledSoftmax}});
  options.batch = 100;
  options.dropout = 0.2;
  options.id_dropout = 0.2;
  NeuralTrainer whole(data, by_user, options, 1, features);
  for (int epoch = 0; epoch < 4; ++epoch) whole.epoch();
  for (const int threads : {2, 3}) {
    NeuralTrainer first(data, by_user, options, threads, features);
    for (int epoch = 0; epoch < 2; ++epoch) first.epoch();
    NeuralTrainer second(data, by_user, options, threads, features);
    second.restore(first.state());
    for (int epoch = 0; epoch < 2; ++epoch) second.epoch();
    CHECK(second.objective() == whole.objective());
    CHECK(second.parameters() == whole.parameters());
  }
}

TEST_CASE("neural: the model has sums of features; what has no pairs is known by them, and no loss has met it") {
  const Interactions data = data_with_new_ids();
  const Csr by_user = csr_by_user(data, data.value);
  const std::vector<SideFeatures> features{some_features(IdKind::kUser, data.users.size()),
                                           some_features(IdKind::kItem, data.items.size())};
  for (const NeuralLoss loss : {NeuralLoss::kSoftmax, NeuralLoss::kSampledSoftmax, NeuralLoss::kBpr}) {
    NeuralOptions options = small_options({ScoreForm::kDot, ScoreForm::kDot, {loss}});
    options.batch = 100;
    options.id_dropout = 0.2;
    NeuralTrainer trainer(data, by_user, options, 1, features);
    const NeuralLayout& layout = trainer.layout();
    const size_t F = layout.factors;
    const std::vector<double> start(trainer.parameters().begin(), trainer.parameters().end());
    for (int epoch = 0; epoch < 3; ++epoch) trainer.epoch();
    const std::vector<double> now(trainer.parameters().begin(), trainer.parameters().end());
    const Artefact artefact = trainer.artefact();
    for (size_t side = 0; side < 2; ++side) {
      const NeuralFeatureTable& table = layout.features[side];
      const bool users = side == 0;
      const ConstMatrixView got = artefact.find(users ? "users.factors" : "items.factors")->view();
      const size_t ids = users ? data.users.size() : data.items.size();
      for (uint32_t id = 0; id < ids; ++id) {
        CAPTURE(id);
        const size_t own = users ? layout.user(id) : layout.item(id);
        const bool is_new = id >= (users ? 60 : 40);
        const auto x = sum_of(table, now, F, &now[is_new ? table.dense : own], id);
        for (size_t f = 0; f < F; ++f) {
          CHECK(static_cast<double>(got(id, f)) == doctest::Approx(x[f]).epsilon(1e-5).scale(1.0));
          if (is_new) CHECK(now[own + f] == start[own + f]);
        }
      }
      const Artefact::Tensor* first = artefact.find(users ? "new.users.factors" : "new.items.factors");
      REQUIRE(first != nullptr);
      for (size_t f = 0; f < F; ++f) CHECK(static_cast<double>(first->floats()[f]) == now[table.dense + f]);
    }
    // Items of the same features have vectors of their own.
    const ConstMatrixView x = artefact.find("items.factors")->view();
    CHECK_FALSE(std::equal(x.row(0), x.row(0) + F, x.row(6)));
    CHECK(artefact.find("users.count")->floats()[60] == 0.0f);
  }
}

TEST_CASE("neural: negatives come as often as they should, with the shift that undoes it") {
  const Interactions data = random_rows(9, 50, 12, 600);
  const Csr by_user = csr_by_user(data, {});
  const std::vector<float> counts = item_counts(by_user, data.items.size());
  struct Draws {
    double exponent;
    bool in_batch;
    NeuralLoss loss;
  };
  for (const auto& [exponent, in_batch, loss] :
       {Draws{0.0, false, NeuralLoss::kBce}, Draws{1.0, false, NeuralLoss::kBpr}, Draws{0.5, false, NeuralLoss::kBce},
        Draws{1.0, true, NeuralLoss::kBpr}, Draws{0.5, false, NeuralLoss::kSampledSoftmax}}) {
    CAPTURE(exponent);
    CAPTURE(in_batch);
    double all = 0.0;
    for (const float count : counts) all += std::pow(static_cast<double>(count), exponent);
    NeuralOptions options;
    options.loss = {loss};
    options.negative_exponent = in_batch ? 0.0 : exponent;
    options.in_batch = in_batch;
    options.negatives = 3000;
    const NeuralNegatives negatives(by_user, data.items.size(), options);
    NeuralExamples<double> examples;
    Rng rng(1);
    const uint32_t pairs[] = {0, 1, 200};
    set_examples(by_user, negatives, rng, pairs, examples);
    const double draws = std::accumulate(examples.count.begin(), examples.count.end(), 0.0);
    CHECK(draws == (in_batch ? 3.0 : 3000.0));
    for (size_t c = 0; c < examples.candidate.size(); ++c) {
      const uint32_t item = examples.candidate[c];
      const double q = std::pow(static_cast<double>(counts[item]), exponent) / all;
      if (!in_batch) CHECK(std::abs(examples.count[c] / draws - q) < 5.0 * std::sqrt(q / draws));
      if (examples.count[c] > 0) CHECK(examples.shift[c] == doctest::Approx(std::log(examples.count[c] / (draws * q))));
      if (examples.count[c] == 0) CHECK(std::isinf(examples.shift[c]));
    }
    for (size_t e = 0; e < 3; ++e) {
      CHECK(examples.candidate[examples.own[e]] == by_user.index[pairs[e]]);
      const auto row = by_user.view().row(examples.user[e]);
      std::vector<uint32_t> known;
      for (uint32_t at = examples.known_begin[e]; at < examples.known_begin[e + 1]; ++at)
        known.push_back(examples.candidate[examples.known[at]]);
      for (const uint32_t item : examples.candidate) {  // of a softmax none is left out
        CHECK((loss != NeuralLoss::kSampledSoftmax && std::binary_search(row.begin(), row.end(), item)) ==
              (std::find(known.begin(), known.end(), item) != known.end()));
      }
    }
  }
}

TEST_CASE("neural: what diverges says so") {
  const Interactions data = random_rows(8, 12, 20, 100);
  const Csr by_user = csr_by_user(data, data.value);
  NeuralOptions options = small_options({ScoreForm::kDot, ScoreForm::kDot, {NeuralLoss::kMse}});
  options.optimizer.kind = OptimizerKind::kSgd;
  options.schedule.rate = 1e20;
  options.batch = 10;
  NeuralTrainer trainer(data, by_user, options, 1);
  CHECK_THROWS_AS(trainer.epoch(), Error);
}

}  // namespace
}  // namespace rec::neural_test
