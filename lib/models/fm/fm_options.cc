#include "models/fm/fm_options.h"

#include "base/error.h"
#include "base/number.h"
#include "models/sgd/run_size.h"

namespace rec {
namespace {

std::vector<int> layers_of(const std::string& list) {
  std::vector<int> layers;
  std::string part;
  for (const char c : list + ",") {
    if (c != ',') {
      part += c;
      continue;
    }
    const std::optional<int> value = parse_integer<int>(part);
    if (!value || *value < 1 || *value > 4096)
      fail_usage("--layers: expected whole numbers from 1 to 4096 with commas between them, found \"{}\"",
                 printable(list));
    layers.push_back(*value);
    part.clear();
  }
  return layers;
}

std::string text_of(const std::vector<int>& layers) {
  std::string text;
  for (const int layer : layers) text += (text.empty() ? "" : ",") + std::to_string(layer);
  return text;
}

}  // namespace

void FmOptions::describe(OptionTable& table) {
  const auto layered = [this] { return !layers.empty(); };
  features.describe(table);
  table.add("-d,--dim", dim, "N", "Length of the vector of a category; 0: no vectors, which is logistic regression")
      .range(0, kMostDim);
  table.choice("--pairwise", pairwise, kPairwise,
               "What a pair of fields adds. fm: the inner product of their vectors; fwfm: that times a weight of the "
               "pair; ffm: the same of vectors that each category has for each other field");
  table.flag("--no-linear", linear, "Leave out the weight of each category", false).in_model_as([this] {
    return std::string(linear ? "" : "1");
  });
  table.add("--layers",
            OptionValue::parsed([this](const std::string& text) { layers = layers_of(text); },
                                [this] { return text_of(layers); }),
            "N,N,...", "Hidden layers over the vectors of all fields, beside the pairs");
  table
      .flag("--product", product,
            "Multiply the second half of the units of a layer by the first half, so that layers learn products")
      .needs("--layers", layered)
      .in_model_if(layered);
  table.flag("--no-batch-norm", batch_norm, "Layers without batch normalisation", false)
      .needs("--layers", layered)
      .in_model_as([this] { return std::string(batch_norm ? "" : "1"); });
  const OptionTable::Section section(table, "Training");
  table.add("--dropout", dropout, "P", "Fraction of the outputs of layers left out at random in training")
      .at_least(0)
      .below(1)
      .needs("--layers", layered)
      .in_model_if(layered);
  table
      .add("--reg", regularization, "L",
           "L2 regularisation of the vectors and weights of all categories, in every step")
      .at_least(0)
      .key("regularization")
      .default_text(fmt::format("{}, with --layers {}", kRegularization, kRegularizationOfLayers));
  table.add("--batch", batch, "N", "Rows in a mini-batch")
      .range(1, 1 << 20)
      .none(0)
      .default_text("by size, a 50th of the rows, 64 to 4096");
  table.add("--init-std", stddev, "S", "Standard deviation of the initial vectors").above(0);
  table
      .add("--rate-decay", rate_decay, "F",
           "Multiply the learning rate by F after each epoch that is no better on --valid; 1: never")
      .above(0)
      .range(0, 1);
  describe_steps(table, "", fmt::format("{}, with --layers {}", kRate, kRateOfLayers));
}

void FmOptions::complete(bool given_rate, bool given_regularization) {
  if (layers.empty()) return;
  if (!given_rate) schedule.rate = kRateOfLayers;
  if (!given_regularization) regularization = kRegularizationOfLayers;
}

void FmOptions::resolve(size_t rows) {
  if (batch == 0) batch = batch_by_size(rows, 50, 64, 4096);
}

void FmOptions::check() const {
  check_ranges(*this);
  if (!linear && !has_vectors())
    fail_usage("--no-linear leaves nothing to learn without vectors; give --dim or --layers");
  if (dim == 0 && !layers.empty()) fail_usage("--layers needs vectors: --dim above 0");
  if (by_field(pairwise) && dim == 0)
    fail_usage("--pairwise {} needs vectors: --dim above 0", name_in(kPairwise, pairwise));
  if (pairwise == Pairwise::kFfm && !layers.empty())
    fail_usage("--layers read one vector of a field, and --pairwise ffm learns one for each other field; take fwfm");
  for (const int layer : layers) {
    if (product && layer % 2 != 0) fail_usage("--product: expected layers of an even number of units, found {}", layer);
  }
}

}  // namespace rec
