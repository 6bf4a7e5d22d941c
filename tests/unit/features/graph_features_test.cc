#include "features/graph_features.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <random>

#include "base/error.h"
#include "unit/features/run_of.h"

namespace rec::graph_features_test {

namespace {

// (head, relation, tail) to weight; made by hand, beside Graph.
using Edges = std::map<std::tuple<std::string, std::string, std::string>, double>;
using Features = std::map<std::pair<std::string, std::string>, double>;  // by node and KIND=NODE

Edges random_graph(std::mt19937& random, const std::string& path, bool friends, bool both) {
  Edges edges;
  std::ofstream table(path);
  const size_t nodes = 2 + random() % 12;
  for (size_t row = 1 + random() % 40; row > 0; --row) {
    const std::string head = "n" + std::to_string(random() % nodes), tail = "n" + std::to_string(random() % nodes);
    const std::string relation = friends ? "friend" : std::string(1, static_cast<char>('r' + random() % 3));
    const double weight = friends ? static_cast<double>(random() % 4) / 2 : 1.0;
    table << head << "\t" << (friends ? tail : relation) << "\t" << (friends ? std::to_string(weight) : tail) << "\n";
    const auto put = [&](const std::string& from, const std::string& by, const std::string& to) {
      if (weight > 0) edges[{from, by, to}] = std::max(edges[{from, by, to}], weight);
    };
    put(head, relation, tail);
    if (both) put(tail, friends ? relation : "^" + relation, head);
  }
  return edges;
}

size_t degree(const Edges& edges, const std::string& node) {
  size_t count = 0;
  for (const auto& [edge, weight] : edges) count += std::get<0>(edge) == node;
  return count;
}

// Every walk, one by one.
void walk(const Edges& edges, const WalkOptions& options, const std::string& start, const std::string& at,
          const std::string& way, double value, uint32_t hop, Features& features) {
  if (hop > options.hops || (hop > 1 && degree(edges, at) > options.max_degree)) return;
  for (const auto& [edge, weight] : edges) {
    const auto& [head, relation, tail] = edge;
    if (head != at || tail == start) continue;
    const std::string further = way.empty() ? relation : way + "/" + relation;
    const double now = value * weight * (hop > 1 ? options.decay : 1.0);
    features[{start, (options.kind.empty() ? further : options.kind) + "=" + tail}] += now;
    walk(edges, options, start, tail, further, now, hop + 1, features);
  }
}

Features read(const std::string& path) {
  Features features;
  std::ifstream table(path);
  std::string id, feature, last_id, last;
  double value;
  while (table >> id >> feature >> value) {
    CHECK(features.emplace(std::pair(id, feature), value).second);
    CHECK(id >= last_id);
    last_id = id;
  }
  return features;
}

}  // namespace

TEST_CASE("features of random graphs are the sums over all walks, for every number of threads") {
  const TempFolder folder;
  std::mt19937 random(5);
  for (int round = 0; round < 80; ++round) {
    GraphOptions options;
    options.form = random() % 2 ? GraphForm::kFriends : GraphForm::kTriples;
    options.both_directions = random() % 2;
    options.walks.hops = 1 + static_cast<uint32_t>(random() % 3);
    options.walks.decay = 0.5;
    options.walks.max_degree = 1 + random() % 8;
    if (random() % 3 == 0) options.walks.kind = "k";
    options.self = random() % 2;
    const bool friends = options.form == GraphForm::kFriends;
    const Edges edges = random_graph(random, folder.path("in"), friends, options.both_directions);
    WalkOptions walks = options.walks;
    if (friends && walks.kind.empty()) walks.kind = "friend";
    std::map<std::string, bool> starts;
    for (const auto& [edge, weight] : edges) {
      starts[std::get<0>(edge)] = true;
      if (friends && options.self) starts[std::get<2>(edge)] = true;
    }
    Features expected;
    for (const auto& [node, is] : starts) {
      walk(edges, walks, node, node, "", 1.0, 1, expected);
      if (options.self) expected[{node, (walks.kind.empty() ? "self" : walks.kind) + "=" + node}] = 1.0;
    }
    if (expected.empty()) {
      CHECK_THROWS_AS((void)make_graph_features(options, run_of(folder, 1, "one"), {}), Error);
      continue;
    }
    const bool all_weigh = folder.read("in").find("\t0.000000\n") == std::string::npos;
    const GraphReport report = make_graph_features(options, run_of(folder, 1, "one"), {});
    const Features found = read(folder.path("one"));
    if (all_weigh) {
      CHECK(report.rows == expected.size());
      CHECK(report.edges == edges.size());
    }
    // A node of edges of weight 0 alone may have itself as a feature.
    for (const auto& [feature, value] : expected) {
      REQUIRE(found.contains(feature));
      CHECK(found.at(feature) == doctest::Approx(value));
    }
    for (const auto& [feature, value] : found)
      CHECK((expected.contains(feature) || (options.self && feature.second.ends_with("=" + feature.first))));
    (void)make_graph_features(options, run_of(folder, 3, "three"), {});
    CHECK(folder.read("three") == folder.read("one"));
  }
}

TEST_CASE("PageRank by pushes against a dense power iteration") {
  const TempFolder folder;
  std::mt19937 random(6);
  for (int round = 0; round < 40; ++round) {
    const bool friends = random() % 2, both = random() % 2;
    Edges edges = random_graph(random, folder.path("in"), friends, both);
    if (edges.empty()) continue;
    const Graph graph =
        read_graph(folder.path("in"), friends ? GraphForm::kFriends : GraphForm::kTriples, both, ReadOptions{});
    const PagerankOptions options{0.1 + 0.05 * static_cast<double>(random() % 8), round % 2 ? 1e-12 : 0.02};
    PagerankPusher pusher(graph, options);
    const size_t n = graph.nodes.size();
    std::vector<std::vector<double>> step(n, std::vector<double>(n, 0.0));
    for (const auto& [edge, weight] : edges)
      step[graph.nodes.find(std::get<0>(edge))][graph.nodes.find(std::get<2>(edge))] += weight;
    for (uint32_t start = 0; start < n; ++start) {
      std::vector<double> rank(n, 0.0);
      rank[start] = 1.0;
      for (int iteration = 0; iteration < 400; ++iteration) {
        std::vector<double> next(n, 0.0);
        next[start] = options.restart;
        for (size_t from = 0; from < n; ++from) {
          double sum = 0;
          for (const double weight : step[from]) sum += weight;
          if (sum == 0) next[start] += (1 - options.restart) * rank[from];
          for (size_t to = 0; to < n && sum > 0; ++to)
            next[to] += (1 - options.restart) * rank[from] * step[from][to] / sum;
        }
        rank = next;
      }
      std::vector<double> found(n, 0.0);
      for (const auto& [node, share] : pusher.from(start)) found[node] = share;
      double missed = 0;
      for (size_t node = 0; node < n; ++node) {
        CHECK(found[node] <= rank[node] + 1e-9);
        missed += rank[node] - found[node];
      }
      // Nodes without an edge count as if they had one.
      CHECK(missed <= options.epsilon * static_cast<double>(edges.size() + n) + 1e-8);
      CHECK(found[start] > 0);
    }
  }
}

TEST_CASE("the features of greatest value, ids that are allowed, and rows that repeat another") {
  const TempFolder folder;
  std::ofstream(folder.path("in")) << "user\tfriend\tweight\na\tb\t1\na\tc\t3\na\td\t2\na\tb\t5\nb\ta\t1\nb\tz\t0\n";
  std::ofstream(folder.path("ids")) << "a\nx\n";
  GraphOptions options;
  options.form = GraphForm::kFriends;
  options.top = 2;
  options.allow = folder.path("ids");
  FeatureRun run = run_of(folder, 1, "one");
  run.id = "user";
  const GraphReport report = make_graph_features(options, run, {});
  CHECK(folder.read("one") == "a\tfriend=b\t5\na\tfriend=c\t3\n");
  CHECK(report.repeated == 1);
  CHECK(report.unknown == 1);
  CHECK(report.edges == 4);
}

TEST_CASE("a hub ends walks, and more relations than fit into a number are refused") {
  const TempFolder folder;
  std::ofstream table(folder.path("in"));
  for (int item = 0; item < 20; ++item) table << "i" << item << "\tis\tthing\n";
  table.close();
  GraphOptions options;
  options.both_directions = true;
  options.walks.hops = 2;
  options.walks.max_degree = 20;
  CHECK(make_graph_features(options, run_of(folder, 1, "one"), {}).hubs == 0);
  CHECK(read(folder.path("one")).contains({"i0", "is/^is=i1"}));
  options.walks.max_degree = 19;
  CHECK(make_graph_features(options, run_of(folder, 1, "one"), {}).hubs == 1);
  CHECK(!read(folder.path("one")).contains({"i0", "is/^is=i1"}));
  Graph graph;
  for (uint32_t relation = 0; relation < 3000000; ++relation) graph.relations.intern(std::to_string(relation));
  WalkOptions walks;
  walks.hops = 3;
  CHECK_THROWS_AS(Walker(graph, walks), Error);
  walks.kind = "k";
  CHECK_NOTHROW(Walker(graph, walks));
}

}  // namespace rec::graph_features_test
