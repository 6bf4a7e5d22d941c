#include "features/graph_features.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "base/error.h"
#include "base/number.h"
#include "base/parallel_for.h"
#include "data/id_list.h"

namespace rec {
namespace {

constexpr size_t kStartsAtOnce = 64;

// The features of one node after the other. One object a thread.
class GraphFeatureMaker {
 public:
  GraphFeatureMaker(const Graph& graph, const GraphOptions& options, const std::string& kind)
      : graph_(graph), options_(options), kind_(kind), self_kind_(kind.empty() ? "self" : kind) {
    if (options.pagerank) {
      pusher_ = std::make_unique<PagerankPusher>(graph, options.rank);
    } else {
      WalkOptions walks = options.walks;
      walks.kind = kind;
      walker_ = std::make_unique<Walker>(graph, walks);
    }
  }

  // Returns the number of rows.
  size_t write(uint32_t start, std::string& text) {
    if (pusher_) {
      features_.clear();
      for (const auto& [node, share] : pusher_->from(start)) {
        if (node != start || options_.self) features_.push_back({kind_, node, share});
      }
    } else {
      features_ = walker_->from(start);
      if (options_.self) features_.push_back({self_kind_, start, 1.0});
    }
    // A value that is 0 as a float is none.
    std::erase_if(features_, [](const GraphFeature& feature) { return static_cast<float>(feature.value) == 0.0f; });
    const size_t most = options_.top.value_or(options_.pagerank ? GraphOptions::kTopOfPagerank : UINT32_MAX);
    if (features_.size() > most) {
      std::nth_element(features_.begin(), features_.begin() + static_cast<std::ptrdiff_t>(most), features_.end(),
                       [](const GraphFeature& a, const GraphFeature& b) {
                         return a.value != b.value ? a.value > b.value : is_before(a, b);
                       });
      features_.resize(most);
    }
    std::sort(features_.begin(), features_.end(), is_before);
    for (const GraphFeature& feature : features_) {
      if (feature.value > static_cast<double>(std::numeric_limits<float>::max())) {
        fail("\"{}\": the value of \"{}={}\" is beyond the range of float32: expected weights nearer to 1",
             printable(graph_.nodes[start]), printable(feature.kind), printable(graph_.nodes[feature.node]));
      }
      ((((text += graph_.nodes[start]) += '\t') += feature.kind) += '=') += graph_.nodes[feature.node];
      text += '\t';
      append_number(text, static_cast<float>(feature.value));
      text += '\n';
    }
    return features_.size();
  }

 private:
  static bool is_before(const GraphFeature& a, const GraphFeature& b) {
    return a.kind != b.kind ? a.kind < b.kind : a.node < b.node;
  }

  const Graph& graph_;
  const GraphOptions& options_;
  const std::string kind_, self_kind_;
  std::unique_ptr<Walker> walker_;
  std::unique_ptr<PagerankPusher> pusher_;
  std::vector<GraphFeature> features_;
};

std::vector<uint32_t> starts_of(const Graph& graph, const GraphOptions& options, const FeatureRun& run,
                                const ReadOptions& allow, GraphReport& report) {
  const bool all = options.both_directions || (options.self && options.form == GraphForm::kFriends);
  std::vector<bool> starts = graph.is_head;
  if (all) starts.assign(starts.size(), true);
  if (!options.allow.empty()) {
    const IdList list = read_allowed(options.allow, run, allow);
    report.allow = list.name;
    report.allow_bad_lines = list.bad_lines;
    for (uint32_t id = 0; id < list.ids.size(); ++id) report.unknown += graph.nodes.find(list.ids[id]) == kNoId;
    for (uint32_t node = 0; node < starts.size(); ++node)
      starts[node] = starts[node] && list.ids.find(graph.nodes[node]) != kNoId;
  }
  std::vector<uint32_t> numbers;
  for (uint32_t node = 0; node < starts.size(); ++node) {
    if (starts[node]) numbers.push_back(node);
  }
  return numbers;
}

}  // namespace

void GraphOptions::describe(OptionTable& table) {
  table.flag_call(
      "--friends", [this] { form = GraphForm::kFriends; }, "FILE is a list of friends: user friend [weight]");
  table.flag("--both-directions", both_directions, "Edges lead from tail to head as well, of the relation ^RELATION");
  const auto further = [this] { return walks.hops > 1; };
  table.add("--hops", walks.hops, "N", "Features are what walks of up to N edges lead to").range(1, 3);
  table.add("--decay", walks.decay, "F", "Each edge after the first multiplies the value by F")
      .range(0, 1)
      .above(0)
      .needs("--hops 2 or more", further);
  table.add("--max-degree", walks.max_degree, "N", "Walks end at a node that has more than N edges")
      .at_least(1)
      .needs("--hops 2 or more", further);
  table
      .flag("--pagerank", pagerank,
            "Features are the nodes where a random walk from here is most often, by personalised PageRank")
      .excludes("--hops");
  const auto ranks = [this] { return pagerank; };
  table.add("--restart", rank.restart, "F", "Probability that the walk of --pagerank restarts, at each step")
      .range(0.001, 0.999)
      .needs("--pagerank", ranks);
  table.add("--epsilon", rank.epsilon, "F", "Error of --pagerank: at most F for each edge of the graph")
      .range(0, 1)
      .above(0)
      .needs("--pagerank", ranks);
  table.flag("--self", self, "Each id has itself as a feature, too");
  table.add("--kind", walks.kind, "KIND",
            "Kind of all features (default: the relations on the way, friend or pagerank)");
  table
      .add("--top", top, "N",
           "Only the N features of an id that have the greatest values (default all; 100 with --pagerank)")
      .at_least(1);
  table.add("--allow", allow, "FILE", "Ids (column item, or user): only these get rows").reads();
}

GraphReport make_graph_features(const GraphOptions& options, const FeatureRun& run, const ReadOptions& allow) {
  std::string kind = options.walks.kind;
  if (kind.empty() && options.form == GraphForm::kFriends) kind = "friend";
  if (kind.empty() && options.pagerank) kind = "pagerank";
  GraphReport report;
  const Graph graph = read_graph(run.input, options.form, options.both_directions, run.read);
  report.input = graph.name;
  report.nodes = graph.nodes.size();
  report.edges = graph.edges.size();
  report.relations = graph.relations.size();
  report.columns = graph.columns;
  report.repeated = graph.repeated;
  report.bad_lines = graph.bad_lines;
  for (uint32_t node = 0; node < report.nodes; ++node)
    report.hubs += options.walks.hops > 1 && graph.degree(node) > options.walks.max_degree;
  const std::vector<uint32_t> starts = starts_of(graph, options, run, allow, report);
  report.starts = starts.size();

  Output out(run.output, run.sync);
  if (run.with_header(graph.has_header)) out.write(run.id + "\tfeature\tvalue\n");
  std::vector<std::unique_ptr<GraphFeatureMaker>> makers(static_cast<size_t>(run.threads));
  const size_t blocks = static_cast<size_t>(run.threads) * 4;
  std::vector<std::string> texts(blocks);
  std::vector<uint64_t> rows(blocks), without(blocks);
  for (size_t first = 0; first < starts.size(); first += blocks * kStartsAtOnce) {
    parallel_for(blocks, run.threads, [&](size_t block, int worker) {
      std::unique_ptr<GraphFeatureMaker>& maker = makers[static_cast<size_t>(worker)];
      if (!maker) maker = std::make_unique<GraphFeatureMaker>(graph, options, kind);
      texts[block].clear();
      rows[block] = without[block] = 0;
      const size_t begin = first + block * kStartsAtOnce;
      for (size_t at = begin; at < std::min(begin + kStartsAtOnce, starts.size()); ++at) {
        const size_t written = maker->write(starts[at], texts[block]);
        rows[block] += written;
        without[block] += written == 0;
      }
    });
    for (size_t block = 0; block < blocks; ++block) {
      out.write(texts[block]);
      report.rows += rows[block];
      report.without += without[block];
    }
  }
  if (report.rows == 0) fail("{}: no id has a feature", report.input);
  out.finish();
  return report;
}

}  // namespace rec
