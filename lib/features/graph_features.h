// Graphs into features of their nodes: what `rec-features graph` does. Thread rule: functions of their arguments, which
// start threads of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/option.h"
#include "features/feature_run.h"
#include "features/graph_walks.h"
#include "features/pagerank.h"

namespace rec {

struct GraphOptions {
  GraphForm form = GraphForm::kTriples;
  bool both_directions = false;
  WalkOptions walks;
  bool self = false;
  bool pagerank = false;
  PagerankOptions rank;
  std::optional<uint32_t> top;  // features of a node, those of the greatest values; none: all, or kTopOfPagerank
  std::string allow;            // a file: only these ids have rows; "": all

  static constexpr uint32_t kTopOfPagerank = 100;

  // Each option, told to `table`, which refers to this.
  void describe(OptionTable& table);
};

struct GraphReport {
  std::string input;
  std::string columns;  // what was read of it, where it has more columns; else empty
  uint64_t nodes = 0, edges = 0, relations = 0;
  uint64_t repeated = 0;  // rows that another has said
  uint64_t hubs = 0;      // nodes that no walk leads on from
  uint64_t starts = 0;    // ids that rows are written for
  uint64_t without = 0;   // of them, those without a feature
  uint64_t rows = 0;      // written
  uint64_t bad_lines = 0;
  std::string allow;     // the file of ids
  uint64_t unknown = 0;  // of them, those that the graph lacks
  uint64_t allow_bad_lines = 0;
};

// Writes "ID FEATURE VALUE" for each head of the graph, for each node with both directions and, of friends, with
// `self`: by id, then by feature, in byte order. `allow`: how its file is read. The same bytes for every number of
// threads. Throws Error as read_graph, and where no id has a feature.
GraphReport make_graph_features(const GraphOptions& options, const FeatureRun& run, const ReadOptions& allow);

}  // namespace rec
