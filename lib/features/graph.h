// A graph of ids, from triples or from a list of friends. Symbols: N nodes, E edges, R relations. Immutable and
// thread-safe once read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/id_table.h"
#include "io/table.h"

namespace rec {

struct Graph {
  struct Edge {
    uint32_t relation = 0;
    uint32_t target = 0;
    float weight = 1.0f;  // above 0
  };

  IdTable nodes;                   // N, in byte order, indexed
  IdTable relations;               // R, the same
  std::vector<uint64_t> begin{0};  // N + 1
  std::vector<Edge> edges;         // E; those of a node by relation, then by target
  std::vector<bool> is_head;       // N: whether a row of the file began with it
  std::string name;                // of the file
  std::string columns;             // what was read of it, where it has more columns; else empty
  bool has_header = false;
  uint64_t rows = 0;      // with a weight above 0
  uint64_t repeated = 0;  // of them, those that another has said
  uint64_t bad_lines = 0;

  std::span<const Edge> from(uint32_t node) const {
    return {edges.data() + begin[node], static_cast<size_t>(begin[node + 1] - begin[node])};
  }
  size_t degree(uint32_t node) const { return static_cast<size_t>(begin[node + 1] - begin[node]); }
};

// What a row is: head relation tail, or user friend [weight], which is a triple of the relation "friend".
enum class GraphForm { kTriples, kFriends };

TableSpec graph_spec(GraphForm form);

// Reads an edge from the head to the tail of each row. both_directions: and one back, of the relation "^RELATION"
// (as SPARQL writes it), or "friend" again. An edge that comes twice counts once, with its greatest weight; a row of
// the weight 0 does not count. Throws Error for a table without rows, and as TableReader for bad lines: an empty
// field, a relation with "=", a weight below 0.
Graph read_graph(const std::string& path, GraphForm form, bool both_directions, const ReadOptions& read);

}  // namespace rec
