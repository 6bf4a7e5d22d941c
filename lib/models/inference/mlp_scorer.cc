// Layers on [h; x]. The first layer is a sum of two projections, so that the items' half of
// it is made once. D is the number of outputs of the first layer, padded to a multiple of 16.
#include <algorithm>

#include "linalg/activations.h"
#include "linalg/dot.h"
#include "linalg/sgemm.h"
#include "models/inference/projection_scorer.h"
#include "models/inference/scorer_kinds.h"

namespace rec {
namespace {

// Items that pass through a layer together.
constexpr size_t kMlpItemsPerStep = 64;

class MlpScorer : public ProjectionScorer {
 public:
  explicit MlpScorer(const ScorerParts& parts)
      : ProjectionScorer(parts),
        user_map_(transposed(parts.mlp[0].weight, 0, parts.items.cols)),
        first_bias_(padded(parts.mlp[0].bias)),
        last_(padded({parts.mlp.back().weight.data, parts.mlp.back().weight.cols})),
        last_bias_(parts.mlp.back().bias[0]) {
    for (size_t layer = 1; layer + 1 < parts.mlp.size(); ++layer) {
      middle_.push_back(
          {transposed(parts.mlp[layer].weight, 0, parts.mlp[layer].weight.cols), padded(parts.mlp[layer].bias)});
    }
    project_items(parts, transposed(parts.mlp[0].weight, parts.items.cols, parts.items.cols));
  }

  std::unique_ptr<Users> make_users(size_t capacity) const override {
    auto users = std::make_unique<MlpUsers>();
    reserve(capacity, *users);
    return users;
  }

  void score_projections(const float* user, const float* const* items, size_t n, ProjectedUsers& scratch,
                         float* out) const override {
    auto& own = static_cast<MlpUsers&>(scratch);
    for (size_t first = 0; first < n; first += kMlpItemsPerStep) {
      const size_t count = std::min(kMlpItemsPerStep, n - first);
      Matrix* now = &own.hidden;
      Matrix* then = &own.next;
      now->resize(count, projection_size());
      for (size_t k = 0; k < count; ++k) add_relu(user, items[first + k], projection_size(), now->row(k));
      for (const Layer& layer : middle_) {
        then->resize(count, layer.weight.cols());
        const ConstMatrixView inputs{now->data(), count, layer.weight.rows(), now->stride()};
        sgemm(inputs, layer.weight, *then);
        for (size_t k = 0; k < count; ++k) add_relu(layer.bias.data(), then->row(k), layer.weight.cols(), then->row(k));
        std::swap(now, then);
      }
      own.outputs.resize(kMlpItemsPerStep);
      for (size_t k = 0; k < count; ++k) own.outputs[k] = now->row(k);
      float start[kMlpItemsPerStep];
      std::fill_n(start, count, last_bias_);
      lane_dots(last_.data(), own.outputs.data(), count, last_.size(), out + first, start);
    }
  }

 protected:
  void project_user(const float* h, float* out) const override {
    multiply(h, user_map_, out);
    axpy(1.0f, first_bias_.data(), projection_size(), out);
  }

 private:
  struct MlpUsers : ProjectedUsers {
    Matrix hidden, next;
    std::vector<const float*> outputs;  // of the last layer but one
  };
  struct Layer {
    Matrix weight;  // inputs × outputs
    AlignedBuffer<float> bias;
  };

  Matrix user_map_;                  // F × D
  AlignedBuffer<float> first_bias_;  // D
  std::vector<Layer> middle_;        // all but the first and the last
  AlignedBuffer<float> last_;        // the weights of the one output
  float last_bias_;
};

}  // namespace

std::unique_ptr<const Scorer> make_mlp_scorer(const ScorerParts& parts) { return std::make_unique<MlpScorer>(parts); }

}  // namespace rec
