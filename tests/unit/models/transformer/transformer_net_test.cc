#include "models/transformer/transformer_net.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "unit/linalg/linalg_random.h"
#include "unit/models/transformer/plain_transformer.h"

namespace rec::transformer_net_test {
namespace {

// Calls body(shape) with every combination of the options that change what is computed.
template <class Body>
void for_every_shape(Body body) {
  for (const bool causal : {true, false}) {
    for (const bool gated : {false, true}) {
      for (const Positions positions :
           {Positions::kNone, Positions::kLearned, Positions::kRope, Positions::kRelative}) {
        for (const Activation activation : {Activation::kRelu, Activation::kGelu, Activation::kSwiglu}) {
          for (const int heads : {1, 2, 3}) {
            TransformerShape shape;
            shape.heads = heads;
            shape.dim = heads * 6;
            shape.hidden = 21;
            shape.window = 70;
            shape.causal = causal;
            shape.gated = gated;
            shape.positions = positions;
            shape.activation = activation;
            shape.filter = heads == 2 ? 0 : 2 * heads;  // 2, none, 6
            shape.input_norm = heads > 1;
            INFO("causal " << causal << ", gated " << gated << ", positions " << name_in(kPositions, positions) << ", "
                           << name_in(kActivations, activation) << ", heads " << heads << ", filter " << shape.filter
                           << ", input norm " << shape.input_norm);
            body(shape);
          }
        }
      }
    }
  }
}

std::vector<double> random_values(std::mt19937& rng, size_t n, double scale) {
  std::vector<double> x(n);
  for (double& value : x) value = scale * test::uniform(rng);
  return x;
}

// No parameter at a special value; weights such that shares are neither even nor 0 or 1.
std::vector<double> random_parameters(std::mt19937& rng, const TransformerShape& shape) {
  const TransformerParameters parameters(shape);
  std::vector<double> values(parameters.size);
  for (const Parameter& p : parameters.all()) {
    const bool gain = p.name.ends_with(".gain");
    const double scale =
        gain || p.rows == 1 || p.name.ends_with("relative") ? 0.5 : std::sqrt(6.0 / static_cast<double>(p.rows));
    const std::vector<double> own = random_values(rng, p.size(), scale);
    for (size_t i = 0; i < p.size(); ++i) values[p.offset + i] = (gain ? 1.0 : 0.0) + own[i];
  }
  return values;
}

PackedSequences packed_of(const std::vector<uint32_t>& lengths) {
  PackedSequences packed;
  for (uint32_t length : lengths) packed.begin.push_back(packed.begin.back() + length);
  return packed;
}

template <class T>
std::vector<T> cast_all(const std::vector<double>& x) {
  return {x.begin(), x.end()};
}

// The greatest difference from the plain model over h and the last tokens' shares,
// relative to the greatest of each; REQUIREs that the shares sum to 1.
template <class T>
double distance_from_plain(const TransformerShape& shape, const std::vector<double>& values,
                           const PackedSequences& packed, const std::vector<double>& x0) {
  const auto d = static_cast<size_t>(shape.dim);
  const std::vector<T> own_values = cast_all<T>(values);
  std::vector<T> x = cast_all<T>(x0);
  const TransformerWeights<T> weights(shape, own_values.data());
  add_positions(weights, packed, x.data());
  TransformerNet<T> net(weights);
  const T* h = net.forward(packed, x.data(), {});
  const test::PlainTransformer plain(shape, values);
  double greatest = 0.0;
  double worst = 0.0;
  double worst_share = 0.0;
  for (size_t s = 0; s < packed.sequences(); ++s) {
    const size_t first = packed.begin[s];
    const size_t n = packed.begin[s + 1] - first;
    test::Rows rows(n);
    for (size_t t = 0; t < n; ++t) {
      rows[t].assign(x0.begin() + (first + t) * d, x0.begin() + (first + t + 1) * d);
      if (shape.positions != Positions::kLearned) continue;
      const test::Row position = plain.position(t, n);
      for (size_t c = 0; c < d; ++c) rows[t][c] += position[c];
    }
    const auto want = plain.run(rows);
    for (size_t t = 0; t < n; ++t) {
      for (size_t c = 0; c < d; ++c) {
        greatest = std::max(greatest, std::abs(want.h[t][c]));
        worst = std::max(worst, std::abs(static_cast<double>(h[(first + t) * d + c]) - want.h[t][c]));
      }
    }
    for (size_t block = 0; block < want.shares.size(); ++block) {
      for (size_t head = 0; head < want.shares[block].size(); ++head) {
        const std::span<const T> shares = net.last_attention(packed, block, head, s);
        REQUIRE(shares.size() == n);
        double sum = 0.0;
        for (size_t t = 0; t < n; ++t) {
          sum += static_cast<double>(shares[t]);
          worst_share =
              std::max(worst_share, std::abs(static_cast<double>(shares[t]) - want.shares[block][head].back()[t]));
        }
        REQUIRE(std::abs(sum - 1.0) < 64 * static_cast<double>(std::numeric_limits<T>::epsilon()));
      }
    }
  }
  return std::max(worst / greatest, worst_share);
}

}  // namespace

TEST_CASE("transformer net: the plain model's values, in float64 and float32") {
  std::mt19937 rng(1);
  for_every_shape([&](const TransformerShape& shape) {
    const std::vector<double> values = random_parameters(rng, shape);
    const PackedSequences packed = packed_of({1, 5, 16, 17, 31, 2, 32, 33, 48, 64, 65, 70, 1});
    const std::vector<double> x0 = random_values(rng, packed.tokens() * shape.dim, 1.0);
    CHECK(distance_from_plain<double>(shape, values, packed, x0) < 1e-10);
    CHECK(distance_from_plain<float>(shape, values, packed, x0) < 1e-4);
  });
}

TEST_CASE("transformer net: the plain model's values at SASRec's dimensions, and where all are 1") {
  std::mt19937 rng(2);
  TransformerShape shape;
  const PackedSequences packed = packed_of({50, 3, 20, 50});
  CHECK(distance_from_plain<float>(shape, random_parameters(rng, shape), packed,
                                   random_values(rng, packed.tokens() * shape.dim, 1.0)) < 1e-4);
  shape.dim = shape.heads = shape.blocks = shape.hidden = shape.window = 1;
  const PackedSequences ones = packed_of({1, 1});
  CHECK(distance_from_plain<double>(shape, random_parameters(rng, shape), ones, random_values(rng, 2, 1.0)) < 1e-10);
}

TEST_CASE("transformer net: a sequence has the same bits alone and packed among others") {
  std::mt19937 rng(4);
  for_every_shape([&](TransformerShape shape) {
    if (shape.heads != 2) return;
    shape.dim = 32;
    const std::vector<float> values = cast_all<float>(random_parameters(rng, shape));
    const TransformerWeights<float> weights(shape, values.data());
    const auto d = static_cast<size_t>(shape.dim);
    const PackedSequences packed = packed_of({33, 1, 70, 7, 16, 49});
    std::vector<float> x0 = cast_all<float>(random_values(rng, packed.tokens() * d, 1.0));
    TransformerNet<float> net(weights);
    TransformerNet<float> other(weights);
    const float* h = net.forward(packed, x0.data(), {});
    for (size_t s = 0; s < packed.sequences(); ++s) {
      const size_t first = packed.begin[s];
      const size_t n = packed.begin[s + 1] - first;
      const PackedSequences own = packed_of({static_cast<uint32_t>(n)});
      const float* alone = other.forward(own, x0.data() + first * d, {});
      REQUIRE(test::bit_differences(alone, h + first * d, n * d) == 0);
      for (size_t block = 0; block < 2; ++block) {
        const auto one = other.last_attention(own, block, 1, 0);
        REQUIRE(test::bit_differences(one.data(), net.last_attention(packed, block, 1, s).data(), n) == 0);
      }
    }
  });
}

TEST_CASE("transformer net: what a causal model reads lies at or before a token") {
  std::mt19937 rng(5);
  TransformerShape shape;
  const std::vector<float> values = cast_all<float>(random_parameters(rng, shape));
  const TransformerWeights<float> weights(shape, values.data());
  TransformerNet<float> net(weights);
  const PackedSequences packed = packed_of({50});
  std::vector<float> x0 = cast_all<float>(random_values(rng, 50 * 64, 1.0));
  const float* h = net.forward(packed, x0.data(), {});
  const std::vector<float> before(h, h + 50 * 64);
  for (size_t c = 0; c < 64; ++c) x0[40 * 64 + c] += 1.0f;
  h = net.forward(packed, x0.data(), {});
  CHECK(test::bit_differences(h, before.data(), 40 * 64) == 0);
  for (size_t t = 40; t < 50; ++t) CHECK(test::bit_differences(h + t * 64, before.data() + t * 64, 64) > 0);
}

namespace {

// A loss Σ coefficient·h of all parameters and x0, for differences.
struct Loss {
  TransformerShape shape;
  PackedSequences packed;
  std::vector<double> coefficient;
  Dropout dropout;

  double operator()(const std::vector<double>& values, const std::vector<double>& x0) const {
    const TransformerWeights<double> weights(shape, values.data());
    std::vector<double> x = x0;
    add_positions(weights, packed, x.data());
    TransformerNet<double> net(weights);
    const double* h = net.forward(packed, x.data(), dropout);
    double sum = 0.0;
    for (size_t i = 0; i < coefficient.size(); ++i) sum += coefficient[i] * h[i];
    return sum;
  }
};

void check_gradients(std::mt19937& rng, const TransformerShape& shape, const std::vector<uint32_t>& lengths,
                     double rate) {
  const TransformerParameters parameters(shape);
  const std::vector<double> values = random_parameters(rng, shape);
  Loss loss{shape, packed_of(lengths), {}, {rate, rng(), rate / 2}};
  const size_t n = loss.packed.tokens() * shape.dim;
  loss.coefficient = random_values(rng, n, 1.0);
  const std::vector<double> x0 = random_values(rng, n, 1.0);

  const TransformerWeights<double> weights(shape, values.data());
  TransformerNet<double> net(weights);
  std::vector<double> x = x0;
  add_positions(weights, loss.packed, x.data());
  net.forward(loss.packed, x.data(), loss.dropout);
  const std::vector<double> start = random_values(rng, parameters.size, 1.0);  // backward adds
  std::vector<double> gradient = start;
  std::vector<double> d_x0(n, 1e300);  // and overwrites
  net.backward(loss.packed, loss.coefficient.data(), d_x0.data(), gradient.data());
  for (const Parameter* p : {&parameters.positions, &parameters.mask}) {
    for (size_t i = 0; i < p->size(); ++i) REQUIRE(gradient[p->offset + i] == start[p->offset + i]);
  }
  add_position_gradient(weights, loss.packed, d_x0.data(), gradient.data());
  for (size_t i = 0; i < gradient.size(); ++i) gradient[i] -= start[i];

  // Along a random direction within one tensor: every element takes part.
  const auto check = [&](const double* own, size_t size, auto shifted) {
    double norm = 0.0;
    for (size_t i = 0; i < size; ++i) norm += own[i] * own[i];
    norm = std::sqrt(norm);
    const std::vector<double> direction = random_values(rng, size, std::sqrt(3.0 / static_cast<double>(size)));
    double want = 0.0;
    for (size_t i = 0; i < size; ++i) want += direction[i] * own[i];
    constexpr double kStep = 1e-6;
    const double got = (shifted(direction, kStep) - shifted(direction, -kStep)) / (2.0 * kStep);
    CAPTURE(got);
    CAPTURE(want);
    CHECK(std::abs(got - want) < 1e-6 * norm + 1e-7);
  };
  check(d_x0.data(), n, [&](const std::vector<double>& direction, double step) {
    std::vector<double> moved = x0;
    for (size_t i = 0; i < n; ++i) moved[i] += step * direction[i];
    return loss(values, moved);
  });
  for (const Parameter& p : parameters.all()) {
    CAPTURE(p.name);
    check(gradient.data() + p.offset, p.size(), [&](const std::vector<double>& direction, double step) {
      std::vector<double> moved = values;
      for (size_t i = 0; i < p.size(); ++i) moved[p.offset + i] += step * direction[i];
      return loss(moved, x0);
    });
  }
}

}  // namespace

TEST_CASE("transformer net: gradients are the differences of the forward pass") {
  std::mt19937 rng(6);
  for_every_shape([&](const TransformerShape& shape) {
    for (const double rate : {0.0, 0.3}) {
      if (rate > 0.0 && shape.heads != 2) continue;
      CAPTURE(rate);
      check_gradients(rng, shape, {3, 1, 35, 17}, rate);
    }
  });
}

TEST_CASE("transformer net: a net may be used again with other sequences") {
  std::mt19937 rng(8);
  TransformerShape shape;
  shape.gated = true;
  const TransformerParameters parameters(shape);
  const std::vector<float> values = cast_all<float>(random_parameters(rng, shape));
  const TransformerWeights<float> weights(shape, values.data());
  TransformerNet<float> used(weights);
  for (const std::vector<uint32_t>& lengths :
       {std::vector<uint32_t>{50, 50, 50}, {3}, {40, 1, 9}, {50, 50, 50, 50}, {2, 2}}) {
    const PackedSequences packed = packed_of(lengths);
    const size_t n = packed.tokens() * shape.dim;
    const std::vector<float> x0 = cast_all<float>(random_values(rng, n, 1.0));
    const std::vector<float> d_h = cast_all<float>(random_values(rng, n, 1.0));
    for (const double rate : {0.5, 0.0}) {
      const auto both = [&](TransformerNet<float>& net) {
        std::vector<float> all(n + parameters.size, 0.0f);
        const float* h = net.forward(packed, x0.data(), {rate, 7, rate / 3});
        const std::vector<float> forward(h, h + n);
        net.backward(packed, d_h.data(), all.data(), all.data() + n);
        all.insert(all.end(), forward.begin(), forward.end());
        return all;
      };
      TransformerNet<float> fresh(weights);
      const std::vector<float> want = both(fresh);
      CHECK(test::bit_differences(both(used).data(), want.data(), want.size()) == 0);
    }
  }
}

TEST_CASE("transformer net: dropout acts on x0, the shares, the hidden values, both parts and h") {
  // All weights 0 but those that lead the ones of one place into x, whose two values
  // (0 and 1/(1 - rate), or more) the last norm keeps apart.
  TransformerShape shape;
  shape.blocks = 1;
  shape.heads = 1;
  shape.dim = shape.hidden = 32;
  shape.activation = Activation::kRelu;
  shape.positions = Positions::kNone;
  shape.window = 1;  // a token a sequence: its share is 1
  const TransformerParameters parameters(shape);
  const BlockParameters& p = parameters.block[0];
  constexpr double kRate = 0.25;
  const PackedSequences packed = packed_of(std::vector<uint32_t>(400, 1));
  const size_t n = packed.tokens() * shape.dim;
  struct Place {
    const char* name;
    double x0;
    std::vector<const Parameter*> ones;
    const Parameter* unit;  // the identity
    double kept;            // share that should be left
    bool whole_rows;        // of a token all or nothing
    double output;          // rate of h's dropout
  };
  const double kept = 1.0 - kRate;
  const Place places[] = {{"x0", 1.0, {}, nullptr, kept, false, 0.0},
                          {"attention's part", 0.0, {&p.out_bias}, nullptr, kept, false, 0.0},
                          {"feed-forward part", 0.0, {&p.down_bias}, nullptr, kept, false, 0.0},
                          {"hidden", 0.0, {&p.in_bias}, &p.down, kept * kept, false, 0.0},
                          {"shares", 0.0, {&p.qkv_bias}, &p.out, kept * kept, true, 0.0},
                          {"h", 0.0, {&parameters.final_bias}, nullptr, 0.5, false, 0.5}};
  for (const Place& place : places) {
    CAPTURE(place.name);
    std::vector<double> values(parameters.size, 0.0);
    std::fill_n(values.begin() + parameters.final_gain.offset, shape.dim, 1.0);
    for (const Parameter* one : place.ones) std::fill_n(values.begin() + one->offset, one->size(), 1.0);
    if (place.unit != nullptr) {
      for (int c = 0; c < shape.dim; ++c) values[place.unit->offset + c * shape.dim + c] = 1.0;
    }
    const TransformerWeights<double> weights(shape, values.data());
    TransformerNet<double> net(weights);
    const std::vector<double> x0(n, place.x0);
    const auto left = [&](uint64_t key) {
      const double* h = net.forward(packed, x0.data(), {kRate, key, place.output});
      std::vector<bool> mask(n);
      for (size_t i = 0; i < n; ++i) mask[i] = h[i] > 0.0;
      return mask;
    };
    const std::vector<bool> mask = left(5);
    CHECK(mask == left(5));
    CHECK(mask != left(6));
    const auto count = static_cast<double>(std::count(mask.begin(), mask.end(), true));
    // rows (tokens) of the shares stand or fall together: fewer draws
    const double draws = place.whole_rows ? static_cast<double>(packed.tokens()) : static_cast<double>(n);
    const double deviation = std::sqrt(place.kept * (1.0 - place.kept) / draws);
    CHECK(std::abs(count / static_cast<double>(n) - place.kept) < 4.0 * deviation);
    CHECK(net.last_attention(packed, 0, 0, 3)[0] == 1.0);  // as they were before
  }
}

}  // namespace rec::transformer_net_test
