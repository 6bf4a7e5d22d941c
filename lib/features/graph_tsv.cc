#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "base/number.h"
#include "features/graph.h"
#include "io/table_notes.h"

namespace rec {
namespace {

struct Row {
  uint32_t head;
  uint32_t relation;
  uint32_t tail;
  float weight;

  auto key() const { return std::tie(head, relation, tail); }
};

// Sorts the rows and leaves the heaviest of equal ones; returns how many went.
uint64_t make_distinct(std::vector<Row>& rows) {
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return a.key() != b.key() ? a.key() < b.key() : a.weight > b.weight; });
  const auto end = std::unique(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.key() == b.key(); });
  const auto gone = static_cast<uint64_t>(rows.end() - end);
  rows.erase(end, rows.end());
  return gone;
}

// Ids in byte order, and the number there of each number before.
std::vector<uint32_t> sort_ids(IdTable& ids) {
  const std::vector<uint32_t> order = ids.sorted_order();
  ids = ids.reordered(order);
  ids.index();
  return places_in(order);
}

std::string_view filled_field(const Line& line, int position, const char* column) {
  const std::string_view text = line.fields[static_cast<size_t>(position)];
  if (text.empty()) bad_field(position + 1, std::string("empty ") + column);
  return text;
}

}  // namespace

TableSpec graph_spec(GraphForm form) {
  if (form == GraphForm::kFriends)
    return {"friends", {{"user"}, {"friend"}, {"weight", false, TableSpec::Kind::kNumber}}};
  return {"triples", {{"head"}, {"relation"}, {"tail"}}};
}

Graph read_graph(const std::string& path, GraphForm form, bool both_directions, const ReadOptions& read) {
  const bool friends = form == GraphForm::kFriends;
  Graph graph;
  std::vector<Row> rows;
  TableReader reader(path, graph_spec(form), read);
  while (reader.next()) {
    const std::vector<int>& at = reader.layout().position;
    reader.parse(1, 1, [&](size_t, const Line& line) {
      const std::string_view head = filled_field(line, at[0], friends ? "user id" : "head");
      const std::string_view tail = filled_field(line, friends ? at[1] : at[2], friends ? "friend" : "tail");
      const std::string_view relation = friends ? "friend" : filled_field(line, at[1], "relation");
      if (relation.find('=') != std::string_view::npos) {
        bad_field(at[1] + 1,
                  "expected a relation without \"=\", which parts the kind of a feature from its category, found \"" +
                      printable(relation) + "\"");
      }
      float weight = 1.0f;
      if (friends && at[2] != Layout::kAbsent) {
        const std::string_view text = line.fields[static_cast<size_t>(at[2])];
        const auto number = parse_number<float>(text);
        if (!number) bad_number(at[2] + 1, text);
        if (*number < 0) bad_field(at[2] + 1, "expected a weight of at least 0, found " + printable(text));
        weight = *number;
      }
      const uint32_t from = graph.nodes.intern(head), to = graph.nodes.intern(tail);
      if (weight > 0) rows.push_back({from, graph.relations.intern(relation), to, weight});
    });
  }
  graph.name = reader.name();
  graph.has_header = reader.layout().header;
  const Layout& layout = reader.layout();
  const auto used =
      std::count_if(layout.position.begin(), layout.position.end(), [](int at) { return at != Layout::kAbsent; });
  if (layout.n_fields > static_cast<size_t>(used)) {
    const TableSpec spec = graph_spec(form);
    graph.columns = columns_note(spec, layout, std::vector<bool>(spec.columns.size(), true));
  }
  graph.bad_lines = reader.bad_lines();
  graph.rows = rows.size();
  if (graph.nodes.size() == 0) fail("{}: no rows", graph.name);
  graph.repeated = make_distinct(rows);
  std::vector<uint32_t> back(graph.relations.size());
  const size_t forward = rows.size();
  if (both_directions) {
    for (uint32_t relation = 0; relation < back.size(); ++relation)
      back[relation] = friends ? relation : graph.relations.intern("^" + std::string(graph.relations[relation]));
    for (size_t row = 0; row < forward; ++row)
      rows.push_back({rows[row].tail, back[rows[row].relation], rows[row].head, rows[row].weight});
  }
  const std::vector<uint32_t> node = sort_ids(graph.nodes), relation = sort_ids(graph.relations);
  graph.is_head.assign(node.size(), false);
  for (size_t row = 0; row < rows.size(); ++row) {
    rows[row] = {node[rows[row].head], relation[rows[row].relation], node[rows[row].tail], rows[row].weight};
    if (row < forward) graph.is_head[rows[row].head] = true;
  }
  make_distinct(rows);
  graph.begin.assign(node.size() + 1, 0);
  for (const Row& row : rows) {
    ++graph.begin[row.head + size_t{1}];
    graph.edges.push_back({row.relation, row.tail, row.weight});
  }
  for (size_t at = 0; at < node.size(); ++at) graph.begin[at + 1] += graph.begin[at];
  return graph;
}

}  // namespace rec
