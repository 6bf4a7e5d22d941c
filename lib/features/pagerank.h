// Personalised PageRank by pushes: what of a walk that starts at a node, and goes back to it now and then, is where
// (Andersen, Chung and Lang 2006, "Local graph partitioning using PageRank vectors"; without their lazy steps).
// Thread rule: one object a thread.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "features/graph.h"

namespace rec {

struct PagerankOptions {
  double restart = 0.15;  // α: the share of the walk that goes back to the start at each step
  double epsilon = 1e-4;  // ε
};

// The vector p = α s + (1 - α) p W, where s is the start and W gives each node's mass to its edges' ends by their
// weights; one without edges gives it to the start. Of each node v, what is found is at most p(v), and as long as any
// node u has a residual above ε · max(1, edges of u) it is pushed on, and the start once in any case: so the sum of all
// that is missed is at most ε times the edges, and 1/(α ε) edges are looked at. Nodes are taken in the order in which
// they came above it.
class PagerankPusher {
 public:
  PagerankPusher(const Graph& graph, const PagerankOptions& options);

  // (node, p) of each node that was found, in the order of the nodes; the list until the next call.
  const std::vector<std::pair<uint32_t, double>>& from(uint32_t start);

 private:
  void add(uint32_t node, double mass);

  const Graph& graph_;
  PagerankOptions options_;
  std::vector<double> weights_;  // N: of a node's edges
  std::vector<double> rank_, residual_;
  std::vector<bool> waits_;
  std::vector<uint32_t> queue_, touched_;
  std::vector<std::pair<uint32_t, double>> found_;
};

}  // namespace rec
