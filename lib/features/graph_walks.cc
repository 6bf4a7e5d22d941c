#include "features/graph_walks.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace rec {
namespace {

// So many ends are held before those that are the same are added up.
constexpr size_t kMostReached = size_t{1} << 20;

}  // namespace

Walker::Walker(const Graph& graph, const WalkOptions& options)
    : graph_(graph), options_(options), base_(options.kind.empty() ? graph.relations.size() + 1 : 1) {
  if (std::pow(static_cast<double>(base_), options.hops) >= 1e19)
    fail("{}: {} relations are too many for walks of {} steps; --kind makes one kind of all", graph.name,
         graph.relations.size(), options.hops);
}

void Walker::add_up(std::vector<Reached>& reached) {
  std::stable_sort(reached.begin(), reached.end(),
                   [](const Reached& a, const Reached& b) { return a.way != b.way ? a.way < b.way : a.node < b.node; });
  size_t kept = 0;
  for (size_t at = 0; at < reached.size();) {
    Reached sum = reached[at];
    for (++at; at < reached.size() && reached[at].way == sum.way && reached[at].node == sum.node; ++at)
      sum.value += reached[at].value;
    reached[kept++] = sum;
  }
  reached.resize(kept);
}

std::string_view Walker::kind_of(uint64_t way) {
  if (!options_.kind.empty()) return options_.kind;
  std::string& kind = kinds_[way];
  if (kind.empty()) {
    for (uint64_t rest = way; rest > 0; rest /= base_) {
      const std::string relation(graph_.relations[static_cast<uint32_t>(rest % base_ - 1)]);
      kind = kind.empty() ? relation : relation + "/" + kind;
    }
  }
  return kind;
}

const std::vector<GraphFeature>& Walker::from(uint32_t start) {
  step_.assign(1, {0, start, 1.0});
  all_.clear();
  for (uint32_t hop = 1; hop <= options_.hops; ++hop) {
    next_.clear();
    size_t added_up = 0;
    for (const Reached& at : step_) {
      if (hop > 1 && graph_.degree(at.node) > options_.max_degree) continue;
      for (const Graph::Edge& edge : graph_.from(at.node)) {
        if (edge.target == start) continue;
        const uint64_t way = options_.kind.empty() ? at.way * base_ + edge.relation + 1 : 0;
        const double value = at.value * static_cast<double>(edge.weight) * (hop > 1 ? options_.decay : 1.0);
        next_.push_back({way, edge.target, value});
      }
      if (next_.size() >= 2 * added_up + kMostReached) {
        add_up(next_);
        added_up = next_.size();
      }
    }
    add_up(next_);
    all_.insert(all_.end(), next_.begin(), next_.end());
    std::swap(step_, next_);
  }
  add_up(all_);
  features_.clear();
  for (const Reached& reached : all_) features_.push_back({kind_of(reached.way), reached.node, reached.value});
  std::sort(features_.begin(), features_.end(), [](const GraphFeature& a, const GraphFeature& b) {
    return a.kind != b.kind ? a.kind < b.kind : a.node < b.node;
  });
  return features_;
}

}  // namespace rec
