#include "models/transformer/transformer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"

namespace rec::transformer_test {
namespace {

TransformerShape other_shape() {
  TransformerShape shape;
  shape.dim = 24;
  shape.heads = 3;
  shape.blocks = 1;
  shape.hidden = 10;
  shape.window = 7;
  shape.causal = false;
  shape.gated = true;
  shape.positions = Positions::kRelative;
  shape.activation = Activation::kSwiglu;
  return shape;
}

template <class Change>
std::string complaint(Change change) {
  TransformerShape shape;
  change(shape);
  try {
    shape.check();
  } catch (const UsageError& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("transformer: a shape's limits") {
  CHECK(complaint([](TransformerShape&) {}).empty());
  CHECK(complaint([](TransformerShape& s) { s.dim = 0; }) == "--dim: expected a whole number from 1 to 1024, found 0");
  CHECK(complaint([](TransformerShape& s) { s.heads = 3; }) == "--heads: expected a divisor of --dim 64, found 3");
  CHECK(complaint([](TransformerShape& s) { s.heads = 0; }).starts_with("--heads: "));
  CHECK(complaint([](TransformerShape& s) { s.blocks = 33; }).starts_with("--blocks: "));
  CHECK(complaint([](TransformerShape& s) { s.hidden = 0; }).starts_with("--hidden: "));
  CHECK(complaint([](TransformerShape& s) { s.window = 4097; }).starts_with("--max-len: "));
  CHECK(complaint([](TransformerShape& s) { s.filter = 50; }).empty());
  CHECK(complaint([](TransformerShape& s) { s.filter = 51; }) == "--filter: expected at most --max-len 50, found 51");
  CHECK(complaint([](TransformerShape& s) { s.filter = -1; }).starts_with("--filter: "));
  const auto odd = [](TransformerShape& s) {
    s.dim = 6;
    s.positions = Positions::kRope;
  };
  CHECK(complaint(odd).starts_with("--positions rope "));
}

TEST_CASE("transformer: parameters lie one behind the other, each of its shape") {
  for (const TransformerShape& shape : {TransformerShape{}, other_shape()}) {
    const TransformerParameters parameters(shape);
    size_t end = 0;
    for (const Parameter& p : parameters.all()) {
      CHECK(p.offset == end);
      CHECK(p.size() > 0);
      end += p.size();
    }
    CHECK(end == parameters.size);
  }
  // SASRec at d = 64, f = 256, W = 50: positions, 2 blocks, the last norm
  CHECK(TransformerParameters(TransformerShape{}).size ==
        50 * 64 + 2 * (4 * 64 + 64 * 192 + 192 + 64 * 64 + 64 + 64 * 256 + 256 + 256 * 64 + 64) + 128);
  // no positions, relative positions and gates; SwiGLU's hidden values twice; mask
  CHECK(TransformerParameters(other_shape()).size == 4 * 24 + 24 * 72 + 72 + 3 * (2 * 7 - 1) + 2 * (24 * 24 + 24) +
                                                         24 * 24 + 24 + 24 * 20 + 20 + 10 * 24 + 24 + 48 + 24);
  // A filter of 3 places in each of 2 blocks, of 5 where it looks both ways.
  TransformerShape shape;
  const size_t without = TransformerParameters(shape).size;
  shape.filter = 3;
  CHECK(TransformerParameters(shape).size == without + 2 * 3 * 64);
  shape = other_shape();
  const size_t both_ways = TransformerParameters(shape).size;
  shape.filter = 3;
  CHECK(TransformerParameters(shape).size == both_ways + 5 * 24);
  shape = TransformerShape{};
  shape.input_norm = true;
  CHECK(TransformerParameters(shape).size == without + 2 * 64);
}

TEST_CASE("transformer: first values") {
  TransformerShape shape = other_shape();
  shape.filter = 4;
  shape.input_norm = true;
  for (const Positions positions : {Positions::kRelative, Positions::kLearned}) {
    shape.positions = positions;
    const TransformerParameters parameters(shape);
    const std::vector<float> values = initial_parameters(shape, 3);
    CHECK(values == initial_parameters(shape, 3));
    CHECK(values != initial_parameters(shape, 4));
    for (const Parameter& p : parameters.all()) {
      CAPTURE(p.name);
      double mean = 0.0;
      double greatest = 0.0;
      for (size_t i = 0; i < p.size(); ++i) {
        mean += static_cast<double>(values[p.offset + i]) / static_cast<double>(p.size());
        greatest = std::max(greatest, std::abs(static_cast<double>(values[p.offset + i])));
      }
      const bool ones = p.name.ends_with("gain") || p.name.ends_with("gate1.bias") || p.name.ends_with("gate2.bias");
      if (ones) CHECK((std::abs(mean - 1.0) < 1e-12 && greatest == 1.0));
      if (!ones && (p.name.ends_with("bias") || p.name.ends_with("relative"))) CHECK(greatest == 0.0);
      if (p.name == "positions" || p.name == "mask") CHECK((greatest > 0.02 && greatest < 0.1));
      if (p.name.ends_with("filter")) {
        CHECK(std::abs(mean - 1.0 / 7.0) < 1e-7);
        CHECK(greatest == static_cast<double>(1.0f / 7.0f));
      } else if (p.rows > 1 && p.name.starts_with("block") && !p.name.ends_with("relative")) {
        const double most = std::sqrt(6.0 / static_cast<double>(p.rows + p.cols));
        CHECK(greatest <= most);
        CHECK(greatest > 0.95 * most);
        CHECK(std::abs(mean) < 4.0 * most / std::sqrt(3.0 * static_cast<double>(p.size())));
      }
    }
  }
}

TEST_CASE("transformer: normal values") {
  constexpr size_t kCount = 100'000;
  std::vector<float> x(kCount);
  fill_normal(x.data(), kCount, 0.5, 1, 2);
  double mean = 0.0;
  double square = 0.0;
  size_t beyond = 0;  // two deviations
  for (float value : x) {
    const auto v = static_cast<double>(value);
    mean += v / kCount;
    square += v * v / kCount;
    beyond += std::abs(v) > 1.0;
  }
  CHECK(std::abs(mean) < 4.0 * 0.5 / std::sqrt(kCount));
  CHECK(std::abs(square - 0.25) < 4.0 * 0.25 * std::sqrt(2.0 / kCount));
  CHECK(std::abs(static_cast<double>(beyond) / kCount - 0.0455) < 4.0 * std::sqrt(0.0455 / kCount));
  std::vector<float> other(kCount);
  fill_normal(other.data(), kCount, 0.5, 1, 3);
  CHECK(x != other);
}

TEST_CASE("transformer: a shape by way of a model file's meta") {
  TransformerShape with_filter;
  with_filter.filter = 50;
  TransformerShape with_input_norm;
  with_input_norm.input_norm = true;
  for (const TransformerShape& shape : {TransformerShape{}, other_shape(), with_filter, with_input_norm}) {
    Artefact artefact;
    write_shape(shape, artefact);
    const TransformerShape read = read_shape(artefact);
    CHECK(read.dim == shape.dim);
    CHECK(read.heads == shape.heads);
    CHECK(read.blocks == shape.blocks);
    CHECK(read.hidden == shape.hidden);
    CHECK(read.window == shape.window);
    CHECK(read.causal == shape.causal);
    CHECK(read.gated == shape.gated);
    CHECK(read.positions == shape.positions);
    CHECK(read.activation == shape.activation);
    CHECK(read.filter == shape.filter);
    CHECK(read.input_norm == shape.input_norm);
  }
  const auto with = [](const char* key, const char* value) {
    Artefact artefact;
    write_shape(TransformerShape{}, artefact);
    artefact.meta[key] = value;
    read_shape(artefact);
  };
  CHECK_THROWS_WITH_AS(with("heads", "3"), "model: --heads: expected a divisor of --dim 64, found 3", Error);
  CHECK_THROWS_AS(with("dim", "64.5"), Error);
  CHECK_THROWS_AS(with("dim", "0"), Error);
  CHECK_THROWS_AS(with("dim", "x"), Error);
  CHECK_THROWS_AS(with("causal", "2"), Error);
  CHECK_THROWS_AS(with("filter", "51"), Error);
  CHECK_THROWS_AS(with("input-norm", "2"), Error);
  CHECK_THROWS_WITH_AS(with("positions", "absolute"),
                       "model: meta \"positions\": expected none|learned|rope|relative, found \"absolute\"", Error);
  CHECK_THROWS_WITH_AS(with("activation", "elu"),
                       "model: meta \"activation\": expected relu|gelu|swiglu, found \"elu\"", Error);
  Artefact odd;
  TransformerShape shape;
  shape.dim = 6;
  shape.positions = Positions::kRope;
  write_shape(shape, odd);
  CHECK_THROWS_AS(read_shape(odd), Error);  // rope turns pairs
}

}  // namespace rec::transformer_test
