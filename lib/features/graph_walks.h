// What a node of a graph reaches by walks of a few steps. Thread rule: one object a thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "features/graph.h"

namespace rec {

struct WalkOptions {
  uint32_t hops = 1;           // steps of the longest walk, from 1 to 3
  double decay = 0.5;          // of each step behind the first
  uint64_t max_degree = 1000;  // a walk does not lead on from a node of more edges; the start is free
  std::string kind;            // of all features; "": the relations on the way
};

// A feature KIND=NODE.
struct GraphFeature {
  std::string_view kind;
  uint32_t node;
  double value;
};

class Walker {
 public:
  // Throws Error where there are too many relations to tell the ways of so many steps apart.
  Walker(const Graph& graph, const WalkOptions& options);

  // The ends of all walks from `start` that never come back to it. The value of a walk is the product of its edges'
  // weights and of the decay for each step behind the first; those of walks of one kind and end are added up. The kind
  // is the relations on the way, joined by "/", or that of the options. By kind, in byte order, then by node. Views
  // live as long as this; the list until the next call.
  const std::vector<GraphFeature>& from(uint32_t start);

 private:
  struct Reached {
    uint64_t way;  // its relations, as digits of a number
    uint32_t node;
    double value;
  };
  static void add_up(std::vector<Reached>& reached);
  std::string_view kind_of(uint64_t way);

  const Graph& graph_;
  WalkOptions options_;
  uint64_t base_;
  std::vector<Reached> step_, next_, all_;
  std::map<uint64_t, std::string> kinds_;
  std::vector<GraphFeature> features_;
};

}  // namespace rec
