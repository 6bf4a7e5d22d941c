#include "features/pagerank.h"

#include <algorithm>

namespace rec {

PagerankPusher::PagerankPusher(const Graph& graph, const PagerankOptions& options)
    : graph_(graph),
      options_(options),
      weights_(graph.nodes.size(), 0.0),
      rank_(graph.nodes.size(), 0.0),
      residual_(graph.nodes.size(), 0.0),
      waits_(graph.nodes.size(), false) {
  for (uint32_t node = 0; node < weights_.size(); ++node) {
    for (const Graph::Edge& edge : graph.from(node)) weights_[node] += static_cast<double>(edge.weight);
  }
}

void PagerankPusher::add(uint32_t node, double mass) {
  if (residual_[node] == 0.0 && rank_[node] == 0.0) touched_.push_back(node);
  residual_[node] += mass;
  const double most = options_.epsilon * static_cast<double>(std::max<size_t>(1, graph_.degree(node)));
  if (residual_[node] <= most || waits_[node]) return;
  waits_[node] = true;
  queue_.push_back(node);
}

const std::vector<std::pair<uint32_t, double>>& PagerankPusher::from(uint32_t start) {
  queue_.clear();
  touched_.clear();
  touched_.push_back(start);
  residual_[start] = 1.0;
  queue_.push_back(start);  // pushed on however many edges it has
  for (size_t at = 0; at < queue_.size(); ++at) {
    const uint32_t node = queue_[at];
    waits_[node] = false;
    const double mass = residual_[node];
    rank_[node] += options_.restart * mass;
    residual_[node] = 0.0;
    const double rest = (1.0 - options_.restart) * mass;
    if (graph_.degree(node) == 0) add(start, rest);
    for (const Graph::Edge& edge : graph_.from(node))
      add(edge.target, rest * static_cast<double>(edge.weight) / weights_[node]);
  }
  std::sort(touched_.begin(), touched_.end());
  found_.clear();
  for (size_t at = 0; at < touched_.size(); ++at) {
    const uint32_t node = touched_[at];
    if (rank_[node] > 0) found_.emplace_back(node, rank_[node]);
    rank_[node] = residual_[node] = 0.0;
  }
  return found_;
}

}  // namespace rec
