#include "models/transformer/transformer.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/rng.h"

namespace rec {

void TransformerShape::describe(OptionTable& table) {
  table.add("-d,--dim", dim, "N", "Factors of an item and of h").range(1, 1024);
  table.add("--blocks", blocks, "N", "Blocks of attention and feed-forward part").range(1, 32);
  table.add("--heads", heads, "N", "Heads of each attention, a divisor of --dim").range(1, 64);
  table.add("--hidden", hidden, "N", "Hidden values of the feed-forward part")
      .range(1, 8192)
      .none(0)
      .default_text("4 times --dim");
  table.add("--max-len", window, "N", "How many items of a history are read, the last ones").range(1, 4096);
  table.choice("--positions", positions, kPositions,
               "How the position of an item enters: not at all, as a learned vector, by rotated queries and keys, as a "
               "learned bias of the distance");
  table.choice("--activation", activation, kActivations, "Activation of the feed-forward part");
  table
      .add("--filter", filter, "K",
           "Length of a learned filter over the last positions, added to each attention; 0: none")
      .range(0, 4096)
      .in_model_if([this] { return filter > 0; });
  table.flag("--input-norm", input_norm, "Layer norm of item and position vectors before the first block")
      .in_model_if([this] { return input_norm; });
  table.flag("--gated", gated, "A learned gate on what each part adds (LiGR)");
}

void TransformerShape::resolve() {
  if (hidden == 0) hidden = 4 * dim;
}

void TransformerShape::check() const {
  check_ranges(*this);
  if (hidden == 0) fail_usage("--hidden: expected a whole number from 1 to 8192, found 0");
  if (dim % heads != 0) fail_usage("--heads: expected a divisor of --dim {}, found {}", dim, heads);
  if (filter > window) fail_usage("--filter: expected at most --max-len {}, found {}", window, filter);
  if (positions == Positions::kRope && head_dim() % 2 != 0)
    fail_usage("--positions rope needs an even number of factors a head, found {}", head_dim());
}

TransformerParameters::TransformerParameters(const TransformerShape& shape) {
  const auto d = static_cast<size_t>(shape.dim);
  const auto f = static_cast<size_t>(shape.hidden);
  const auto W = static_cast<size_t>(shape.window);
  const auto place = [&](const std::string& name, size_t rows, size_t cols, bool there = true) {
    const Parameter parameter{name, size, there ? rows : 0, cols};
    size += parameter.size();
    return parameter;
  };
  positions = place("positions", W, d, shape.positions == Positions::kLearned);
  input_gain = place("input.gain", 1, d, shape.input_norm);
  input_bias = place("input.bias", 1, d, shape.input_norm);
  for (int number = 1; number <= shape.blocks; ++number) {
    const std::string own = "block." + std::to_string(number) + ".";
    BlockParameters p;
    p.norm1_gain = place(own + "norm1.gain", 1, d);
    p.norm1_bias = place(own + "norm1.bias", 1, d);
    p.qkv = place(own + "qkv", d, 3 * d);
    p.qkv_bias = place(own + "qkv.bias", 1, 3 * d);
    p.relative = place(own + "relative", static_cast<size_t>(shape.heads), shape.distances(),
                       shape.positions == Positions::kRelative);
    p.filter = place(own + "filter", shape.taps(), d);
    p.out = place(own + "out", d, d);
    p.out_bias = place(own + "out.bias", 1, d);
    p.gate1 = place(own + "gate1", d, d, shape.gated);
    p.gate1_bias = place(own + "gate1.bias", 1, d, shape.gated);
    p.norm2_gain = place(own + "norm2.gain", 1, d);
    p.norm2_bias = place(own + "norm2.bias", 1, d);
    const size_t wide = shape.activation == Activation::kSwiglu ? 2 * f : f;
    p.in = place(own + "in", d, wide);
    p.in_bias = place(own + "in.bias", 1, wide);
    p.down = place(own + "down", f, d);
    p.down_bias = place(own + "down.bias", 1, d);
    p.gate2 = place(own + "gate2", d, d, shape.gated);
    p.gate2_bias = place(own + "gate2.bias", 1, d, shape.gated);
    block.push_back(p);
  }
  final_gain = place("final.gain", 1, d);
  final_bias = place("final.bias", 1, d);
  mask = place("mask", 1, d, !shape.causal);
}

std::vector<Parameter> TransformerParameters::all() const {
  std::vector<Parameter> list{positions, input_gain, input_bias};
  for (const BlockParameters& p : block) {
    list.insert(list.end(), {p.norm1_gain, p.norm1_bias, p.qkv, p.qkv_bias, p.relative, p.filter, p.out, p.out_bias,
                             p.gate1, p.gate1_bias, p.norm2_gain, p.norm2_bias, p.in, p.in_bias, p.down, p.down_bias,
                             p.gate2, p.gate2_bias});
  }
  list.insert(list.end(), {final_gain, final_bias, mask});
  std::erase_if(list, [](const Parameter& p) { return p.size() == 0; });
  return list;
}

std::vector<float> initial_parameters(const TransformerShape& shape, uint64_t seed) {
  constexpr double kDeviation = 0.02;
  const TransformerParameters parameters(shape);
  std::vector<float> values(parameters.size, 0.0f);
  uint64_t stream = 1;
  for (const Parameter& p : parameters.all()) {
    float* x = values.data() + p.offset;
    ++stream;
    if (p.name.ends_with(".gain") || p.name.ends_with("gate1.bias") || p.name.ends_with("gate2.bias")) {
      std::fill_n(x, p.size(), 1.0f);
    } else if (p.name == "positions" || p.name == "mask") {
      fill_normal(x, p.size(), kDeviation, seed, stream);
    } else if (p.name.ends_with(".filter")) {
      std::fill_n(x, p.size(), 1.0f / static_cast<float>(p.rows));
    } else if (p.rows > 1 && !p.name.ends_with(".relative")) {
      Rng rng(seed, stream);
      const double most = std::sqrt(6.0 / static_cast<double>(p.rows + p.cols));
      for (size_t i = 0; i < p.size(); ++i) x[i] = static_cast<float>(most * (2.0 * rng.uniform() - 1.0));
    }
  }
  return values;
}

void write_shape(const TransformerShape& shape, Artefact& artefact) {
  write_options(shape, artefact.meta);
  artefact.meta["causal"] = shape.causal ? "1" : "0";
}

TransformerShape read_shape(const Artefact& artefact) {
  TransformerShape shape;
  read_options(artefact.meta, shape);
  const std::string& causal = artefact.text("causal");
  if (causal != "0" && causal != "1") fail("model: meta \"causal\": expected 0 or 1, found \"{}\"", printable(causal));
  shape.causal = causal == "1";
  try {
    shape.check();
  } catch (const UsageError& error) {
    fail("model: {}", error.what());
  }
  return shape;
}

}  // namespace rec
