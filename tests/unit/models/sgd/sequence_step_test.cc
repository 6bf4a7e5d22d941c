// One step of SequenceTrainer by plain gradient descent, which tells its gradient, beside
// central differences of the plain model's loss in double: embedding, Transformer, loss and
// what the trainer adds up, as a whole.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "models/sgd/sequence_loss.h"
#include "models/transformer/sequence_trainer.h"
#include "unit/models/transformer/plain_transformer.h"

namespace rec::sequence_step_test {
namespace {

// A user for each row of item numbers, in this order.
Interactions users_of(const std::vector<std::vector<uint32_t>>& rows, uint32_t items) {
  Interactions data;
  for (uint32_t item = 0; item < items; ++item) data.items.intern("i" + std::to_string(item));
  for (uint32_t user = 0; user < rows.size(); ++user) {
    data.users.intern("u" + std::to_string(user));
    for (const uint32_t item : rows[user]) {
      data.user.push_back(user);
      data.item.push_back(item);
    }
  }
  return data;
}

// Item table, then all parameters in their order, of a model.
std::vector<double> values_of(const SequenceTrainer& trainer, const TransformerShape& shape) {
  const Artefact model = trainer.artefact();
  std::vector<double> all;
  const auto append = [&](const std::string& name) {
    const Artefact::Tensor* tensor = model.find(name);
    REQUIRE(tensor != nullptr);
    all.insert(all.end(), tensor->floats(), tensor->floats() + tensor->rows() * tensor->cols());
  };
  append("items.factors");
  for (const Parameter& p : TransformerParameters(shape).all()) append(p.name);
  return all;
}

// Three categories of two kinds: each item (user) has one of the first, some have the other.
SideFeatures features_of(IdKind of, uint32_t ids) {
  SideFeatures side;
  side.of = of;
  for (const char* name : {"a=0", "a=1", "b=0"}) side.map.names.intern(name);
  side.map.names.index();
  side.map.columns.assign(3, {1.0f, 1.0f, 0.0f, FeatureRule::kValue});
  side.rows.begin = {0};
  for (uint32_t id = 0; id < ids; ++id) {
    side.rows.index.push_back(id % 2);
    side.rows.weight.push_back(0.8f);
    if (id % 3 == 0) side.rows.index.push_back(2), side.rows.weight.push_back(-0.6f);
    side.rows.begin.push_back(side.rows.index.size());
  }
  return side;
}

enum class With { kNothing, kItems, kUsers };

// Of a model with features: the items' own vectors, all parameters, then what features add: e, u, s.
std::vector<double> values_with_features(const SequenceTrainer& trainer, const TransformerShape& shape, With with) {
  const Artefact state = trainer.state();
  std::vector<double> all;
  const auto append = [&](const std::string& name) {
    const Artefact::Tensor* tensor = state.find(name);
    REQUIRE(tensor != nullptr);
    all.insert(all.end(), tensor->floats(), tensor->floats() + tensor->rows() * tensor->cols());
  };
  append(with == With::kItems ? "ids.factors" : "items.factors");
  for (const Parameter& p : TransformerParameters(shape).all()) append(p.name);
  append(with == With::kItems ? "features.factors" : "features.users");
  return all;
}

// The same as a model without: the vectors of the items, then all parameters.
std::vector<double> composed(const std::vector<double>& all, const SideFeatures& side, uint32_t items, size_t d) {
  const size_t C = side.map.size();
  std::vector<double> out(all.begin(), all.end() - static_cast<std::ptrdiff_t>((C + 1) * d + 2));
  const double* e = all.data() + out.size();
  const double* s = e + (C + 1) * d;
  for (size_t item = 0; item < items; ++item) {
    for (size_t at = side.rows.begin[item]; at < side.rows.begin[item + 1]; ++at) {
      const size_t c = side.rows.index[at];
      for (size_t f = 0; f < d; ++f)
        out[item * d + f] += static_cast<double>(side.rows.weight[at]) * s[c / 2] * e[c * d + f];
    }
  }
  return out;
}

// What the features of users add to h, and h without a history.
struct PlainUsers {
  test::Rows sum;
  test::Row start;
};

// From the values of a model with features of users; `all` loses those that are theirs.
PlainUsers take_users(std::vector<double>& all, const SideFeatures& side, size_t users, size_t d) {
  const size_t C = side.map.size();
  const std::vector<double> its(all.end() - static_cast<std::ptrdiff_t>((C + 1) * d + 2), all.end());
  all.resize(all.size() - its.size());
  PlainUsers out{test::Rows(users, test::Row(d, 0.0)),
                 test::Row(its.begin() + static_cast<std::ptrdiff_t>(C * d),
                           its.begin() + static_cast<std::ptrdiff_t>((C + 1) * d))};
  for (size_t user = 0; user < users; ++user) {
    for (size_t at = side.rows.begin[user]; at < side.rows.begin[user + 1]; ++at) {
      const size_t c = side.rows.index[at];
      for (size_t f = 0; f < d; ++f)
        out.sum[user][f] += static_cast<double>(side.rows.weight[at]) * its[(C + 1) * d + c / 2] * its[c * d + f];
    }
  }
  return out;
}

// What a prediction's loss becomes.
struct Changed {
  std::vector<std::vector<float>> weights = {};  // of each row of each user, or none
  double truncated = 0.0;                        // share of the largest losses that is left out
};

// The mean loss of all predictions: softmax over all items, or that of pairs with the one item
// that a user's row lacks, K times. compared: the first items, those that are chosen by someone.
// users: nullptr, or what their features say; a row's targets are then all alike.
double plain_loss(const std::vector<double>& all, const std::vector<std::vector<uint32_t>>& rows, uint32_t items,
                  const SequenceOptions& options, uint32_t compared, const PlainUsers* users = nullptr,
                  const Changed& changed = {}) {
  const LossForm& form = options.form;
  const auto power_loss = [&](double l) { return (1.0 - std::exp(-form.reweight * l)) / form.reweight; };
  struct Prediction {
    double l;     // the cross-entropy of the target
    double loss;  // that is left out with it
    double rest;
  };
  std::vector<Prediction> predictions;
  const TransformerShape& shape = options.shape;
  const auto d = static_cast<size_t>(shape.dim);
  const std::vector<double> values(all.begin() + static_cast<std::ptrdiff_t>(items * d), all.end());
  const test::PlainTransformer plain(shape, values);
  const TransformerParameters parameters(shape);
  for (size_t user = 0; user < rows.size(); ++user) {
    const std::vector<uint32_t>& row = rows[user];
    const size_t extra = shape.causal ? 1 : 0;
    const size_t n = std::min(row.size() - extra, static_cast<size_t>(shape.window));
    const size_t first = row.size() - extra - n;
    test::Rows x(n, test::Row(d));
    for (size_t t = 0; t < n; ++t) {
      const double* from = shape.causal ? all.data() + row[first + t] * d : values.data() + parameters.mask.offset;
      for (size_t c = 0; c < d; ++c) x[t][c] = std::sqrt(static_cast<double>(d)) * from[c];
      if (shape.positions != Positions::kLearned) continue;
      const test::Row position = plain.position(t, n);
      for (size_t c = 0; c < d; ++c) x[t][c] += position[c];
    }
    test::Rows h = plain.run(x).h;
    if (users != nullptr) {
      for (test::Row& its : h) {
        for (size_t c = 0; c < d; ++c) its[c] += users->sum[user][c];
      }
      h.push_back(users->start);
      for (size_t c = 0; c < d; ++c) h.back()[c] += users->sum[user][c];
    }
    for (size_t t = 0; t < h.size(); ++t) {
      std::vector<double> logits(items, 0.0);
      for (uint32_t item = 0; item < items; ++item) {
        for (size_t c = 0; c < d; ++c) logits[item] += h[t][c] * all[item * d + c];
      }
      const uint32_t target = t < n ? row[first + t + extra] : row.back();
      const double weight =
          changed.weights.empty() ? 1.0 : static_cast<double>(changed.weights[user][t < n ? first + t + extra : 0]);
      if (options.loss == SequenceLoss::kSoftmax) {
        double sum = 0.0;
        for (uint32_t item = 0; item < compared; ++item) sum += std::exp(logits[item]);
        const double l = std::log(sum) - logits[target];
        double smoothed = std::log(sum) - (1.0 - form.smoothing) * logits[target];
        for (uint32_t item = 0; item < compared; ++item) smoothed -= form.smoothing * logits[item] / compared;
        predictions.push_back({l, weight * (form.reweight > 0 ? power_loss(l) : smoothed), 0.0});
      } else {
        uint32_t absent = 0;
        while (std::find(row.begin(), row.end(), absent) != row.end()) ++absent;
        const auto K = static_cast<size_t>(options.negatives);
        const double positive =
            options.loss == SequenceLoss::kGbce ? gbce_weight(K, compared, options.calibration) : 1.0;
        const auto of_label = [&](double logit, bool yes) {
          const double to_yes = std::log1p(std::exp(-logit)), to_no = std::log1p(std::exp(logit));
          if (form.reweight > 0) return power_loss(yes ? to_yes : to_no);
          const double label = yes ? 1.0 - form.smoothing / 2.0 : form.smoothing / 2.0;
          return label * to_yes + (1.0 - label) * to_no;
        };
        predictions.push_back({std::log1p(std::exp(-logits[target])),
                               weight * positive * of_label(logits[target], true),
                               static_cast<double>(K) * of_label(logits[absent], false)});
      }
    }
  }
  std::stable_sort(predictions.begin(), predictions.end(),
                   [](const Prediction& a, const Prediction& b) { return a.l < b.l; });
  const auto count = static_cast<double>(predictions.size());
  const size_t kept = predictions.size() - static_cast<size_t>(changed.truncated * count);
  double loss = 0.0;
  for (size_t at = 0; at < predictions.size(); ++at)
    loss += (at < kept ? predictions[at].loss : 0.0) + predictions[at].rest;
  return loss / count;
}

// known_by_features: so many items more, which nobody chose.
void check_step(const std::vector<std::vector<uint32_t>>& rows, uint32_t items, SequenceOptions options,
                With with = With::kNothing, uint32_t known_by_features = 0, const Changed& changed = {}) {
  options.dropout = 0.0;
  options.optimizer.kind = OptimizerKind::kSgd;
  options.schedule.rate = 1.0;
  options.batches.hidden = 1.0;  // where it is not causal: all, so that nothing is left to chance
  options.epochs = 1;
  options.id_dropout = 0.0;
  const uint32_t compared = items;
  items += known_by_features;
  Interactions data = users_of(rows, items);
  for (const std::vector<float>& its : changed.weights) data.weight.append(its);
  options.truncation = {.share = changed.truncated, .epochs = 0};
  std::vector<SideFeatures> sides;
  if (with == With::kItems) sides = {features_of(IdKind::kItem, items)};
  if (with == With::kUsers) sides = {features_of(IdKind::kUser, static_cast<uint32_t>(rows.size()))};
  SequenceTrainer trainer(data, options, 2, sides);
  if (with != With::kNothing) trainer.epoch(), trainer.epoch();  // s leaves 0
  const auto values = [&] {
    return with == With::kNothing ? values_of(trainer, options.shape)
                                  : values_with_features(trainer, options.shape, with);
  };
  const auto d = static_cast<size_t>(options.shape.dim);
  const auto loss = [&](std::vector<double> all) {
    if (with == With::kNothing) return plain_loss(all, rows, items, options, compared, nullptr, changed);
    if (with == With::kItems)
      return plain_loss(composed(all, sides[0], items, d), rows, items, options, compared, nullptr, changed);
    const PlainUsers users = take_users(all, sides[0], rows.size(), d);
    return plain_loss(all, rows, items, options, compared, &users, changed);
  };
  const std::vector<double> before = values();
  trainer.epoch();
  const std::vector<double> after = values();
  REQUIRE(before.size() == after.size());
  CHECK(trainer.objective() == doctest::Approx(loss(before)).epsilon(1e-5));

  std::vector<double> moved = before;
  double greatest = 0.0;
  double worst = 0.0;
  size_t worst_at = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    constexpr double kStep = 1e-5;
    moved[i] = before[i] + kStep;
    const double above = loss(moved);
    moved[i] = before[i] - kStep;
    const double below = loss(moved);
    moved[i] = before[i];
    const double slope = (above - below) / (2.0 * kStep);
    const double error = std::abs(before[i] - after[i] - slope);
    greatest = std::max(greatest, std::abs(slope));
    if (error > worst) worst = error, worst_at = i;
  }
  CAPTURE(worst_at);
  CAPTURE(greatest);
  CHECK(worst < 1e-4 * greatest);
}

SequenceOptions options_of(bool causal, bool gated, Positions positions, Activation activation) {
  SequenceOptions options;
  options.shape = {.dim = 8,
                   .heads = 2,
                   .blocks = 2,
                   .hidden = 6,
                   .window = 5,
                   .causal = causal,
                   .gated = gated,
                   .positions = positions,
                   .activation = activation};
  return options;
}

}  // namespace

TEST_CASE("sequence trainer: a step follows the gradient of the plain model's softmax") {
  // one longer than the window, an item twice, an item (8) that nobody chose
  const std::vector<std::vector<uint32_t>> rows{{0, 1, 2}, {3, 1}, {4, 2, 2, 5, 0, 6, 7, 1}, {5, 6, 7, 0}};
  for (const bool causal : {true, false}) {
    for (const Positions positions : {Positions::kNone, Positions::kLearned, Positions::kRope, Positions::kRelative}) {
      CAPTURE(causal);
      CAPTURE(name_in(kPositions, positions));
      check_step(rows, 9, options_of(causal, false, positions, Activation::kGelu));
    }
    check_step(rows, 9, options_of(causal, true, Positions::kLearned, Activation::kSwiglu));
  }
}

TEST_CASE("sequence trainer: a step with features follows the gradient, without items that nobody chose") {
  const std::vector<std::vector<uint32_t>> rows{{0, 1, 2}, {3, 1}, {4, 2, 2, 5, 0, 6, 7, 1}, {5, 6, 7, 0}};
  for (const bool causal : {true, false}) {
    for (const uint32_t more : {0u, 3u}) {
      CAPTURE(causal);
      CAPTURE(more);
      check_step(rows, 8, options_of(causal, false, Positions::kLearned, Activation::kGelu), With::kItems, more);
    }
  }
  const std::vector<std::vector<uint32_t>> small{{0, 1}, {1, 2, 1, 1}, {2, 0, 0}, {0, 1, 0, 1, 1}};
  SequenceOptions options = options_of(true, false, Positions::kLearned, Activation::kRelu);
  options.loss = SequenceLoss::kGbce;
  options.negatives = 2;
  check_step(small, 3, options, With::kItems, 0);
  check_step(small, 3, options, With::kItems, 4);
}

TEST_CASE(
    "sequence trainer: a step with features of users follows the gradient, one prediction of each without history") {
  // The targets of a row are all alike, so that it does not matter which is predicted without its history.
  const std::vector<std::vector<uint32_t>> rows{{0, 1, 1}, {3, 1}, {4, 2, 2, 2, 2, 2, 2, 2}, {5, 0, 0, 0}};
  check_step(rows, 6, options_of(true, false, Positions::kLearned, Activation::kGelu), With::kUsers);
  check_step({{0, 0}, {1}, {2, 2, 2, 2, 2, 2, 2}}, 4, options_of(false, false, Positions::kLearned, Activation::kGelu),
             With::kUsers);
  for (const SequenceLoss loss : {SequenceLoss::kBce, SequenceLoss::kGbce}) {
    SequenceOptions options = options_of(true, false, Positions::kLearned, Activation::kRelu);
    options.loss = loss;
    options.negatives = 2;
    check_step({{0, 1, 1}, {1, 2, 2, 2}, {2, 0}}, 3, options, With::kUsers);
  }
}

TEST_CASE("sequence trainer: a step follows the gradient of bce and gbce") {
  // two of three items each: what is no item of the row is certain
  const std::vector<std::vector<uint32_t>> rows{{0, 1}, {1, 2, 1, 1}, {2, 0, 0}, {0, 1, 0, 1, 1}};
  for (const SequenceLoss loss : {SequenceLoss::kBce, SequenceLoss::kGbce}) {
    for (const int negatives : {1, 2}) {
      SequenceOptions options = options_of(true, false, Positions::kLearned, Activation::kRelu);
      options.loss = loss;
      options.negatives = negatives;
      check_step(rows, 3, options);
    }
  }
}

TEST_CASE("sequence trainer: a step with weights and forms of losses, the largest of the batch left out") {
  const std::vector<std::vector<uint32_t>> rows{{0, 1, 2}, {3, 1}, {4, 2, 2, 5, 0, 6, 7, 1}, {5, 6, 7, 0}};
  const std::vector<std::vector<float>> weights{{9, 2, 0.5f}, {9, 1.5f}, {9, 1, 2, 3, 0.25f, 1, 2, 4}, {9, 3, 0.5f, 1}};
  for (const bool causal : {true, false}) {
    CAPTURE(causal);
    SequenceOptions options = options_of(causal, false, Positions::kLearned, Activation::kGelu);
    check_step(rows, 9, options, With::kNothing, 0, {weights});
    check_step(rows, 9, options, With::kNothing, 0, {{}, 0.4});
    options.form.smoothing = 0.2;
    check_step(rows, 9, options, With::kNothing, 0, {weights, 0.25});
    check_step(rows, 8, options, With::kItems, 3, {weights});
    options.form = {.reweight = 0.5};
    check_step(rows, 9, options);
    check_step(rows, 8, options, With::kItems, 3, {weights, 0.25});
  }
  // Those without a history have the weights of their targets: of a user all are alike.
  const std::vector<std::vector<uint32_t>> alike{{0, 1, 1}, {3, 1}, {4, 2, 2, 2}, {5, 0, 0, 0}};
  const std::vector<std::vector<float>> own{{2, 2, 2}, {0.5f, 0.5f}, {1, 1, 1, 1}, {3, 3, 3, 3}};
  check_step(alike, 6, options_of(true, false, Positions::kLearned, Activation::kGelu), With::kUsers, 0, {own});

  const std::vector<std::vector<uint32_t>> small{{0, 1}, {1, 2, 1, 1}, {2, 0, 0}, {0, 1, 0, 1, 1}};
  const std::vector<std::vector<float>> of_small{{9, 2}, {9, 2, 0.5f, 1}, {9, 3, 0.25f}, {9, 1, 2, 1, 0.5f}};
  for (const SequenceLoss loss : {SequenceLoss::kBce, SequenceLoss::kGbce}) {
    SequenceOptions options = options_of(true, false, Positions::kLearned, Activation::kRelu);
    options.loss = loss;
    options.negatives = 2;
    check_step(small, 3, options, With::kNothing, 0, {of_small, 0.3});
    options.form.smoothing = 0.2;
    check_step(small, 3, options, With::kNothing, 0, {of_small});
    options.form = {.reweight = 0.5};
    check_step(small, 3, options, With::kNothing, 0, {of_small, 0.3});
  }
}

TEST_CASE("sequence trainer: a user whose weights are all 2 counts as two users of the same rows") {
  const std::vector<std::vector<uint32_t>> rows{{0, 1, 2}, {3, 1}, {4, 2, 2, 5}, {5, 3, 0}};
  std::vector<std::vector<uint32_t>> twice = rows;
  twice.push_back(rows[2]);
  const auto stepped = [](const Interactions& data, double predictions) {
    SequenceOptions options = options_of(true, false, Positions::kLearned, Activation::kGelu);
    options.dropout = 0.0;
    options.optimizer.kind = OptimizerKind::kSgd;
    options.schedule.rate = 0.1 * predictions;  // a step divides by them
    options.epochs = 1;
    SequenceTrainer trainer(data, options, 2);
    trainer.epoch();
    return values_of(trainer, options.shape);
  };
  Interactions data = users_of(rows, 6);
  const std::vector<double> plain = stepped(data, 8);
  for (const uint32_t user : data.user) data.weight.push_back(user == 2 ? 2.0f : 1.0f);
  const std::vector<double> weighted = stepped(data, 8);
  const std::vector<double> doubled = stepped(users_of(twice, 6), 11);
  double most = 0.0, worst = 0.0;
  for (size_t at = 0; at < plain.size(); ++at) {
    most = std::max(most, std::abs(weighted[at] - plain[at]));
    worst = std::max(worst, std::abs(weighted[at] - doubled[at]));
  }
  CHECK(most > 0.01);
  CHECK(worst < 1e-5);
}

}  // namespace rec::sequence_step_test
