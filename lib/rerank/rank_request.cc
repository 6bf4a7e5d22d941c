#include "rerank/rank_request.h"

#include <algorithm>
#include <cmath>

#include "base/number.h"

namespace rec {
namespace {

using Method = RankRequest::Method;
using Exploration = RankRequest::Exploration;

std::string quoted(std::string_view text) { return "\"" + printable(text) + "\""; }

// "name=value", both there; the split is at the last "=".
std::optional<std::pair<std::string_view, std::string_view>> split_pair(std::string_view text) {
  const size_t equals = text.rfind('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size()) return std::nullopt;
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

std::optional<SimilarityRequest> parse_similarity(std::string_view text) {
  using Form = SimilarityRequest::Form;
  if (text == "cosine") return SimilarityRequest{};
  for (const auto& [prefix, form] : {std::pair("cosine:", Form::kCosine), std::pair("jaccard:", Form::kJaccard)}) {
    const std::string_view start = prefix;
    if (text.starts_with(start) && text.size() > start.size())
      return SimilarityRequest{form, std::string(text.substr(start.size()))};
  }
  return std::nullopt;
}

void check_unit(const char* option, double value) {
  if (!(value >= 0.0 && value <= 1.0)) fail_usage("{}: expected a number from 0 to 1, found {}", option, value);
}

}  // namespace

void RankRequest::add_weights(std::string_view text) {
  do {
    const size_t comma = std::min(text.find(','), text.size());
    const auto pair = split_pair(text.substr(0, comma));
    const auto weight = pair ? parse_number<double>(pair->second) : std::nullopt;
    if (!weight) fail_usage("--weight: expected COLUMN=WEIGHT, found {}", quoted(text.substr(0, comma)));
    const std::string column(pair->first);
    if (column == "user" || column == "item") fail_usage("--weight: {} is no column of numbers", column);
    for (const WeightedColumn& earlier : weights) {
      if (earlier.column == column) fail_usage("--weight: column {} is given twice", quoted(column));
    }
    weights.push_back({column, *weight});
    text.remove_prefix(std::min(comma + 1, text.size()));
  } while (!text.empty());
}

void RankRequest::add_cap(std::string_view text) {
  const auto pair = split_pair(text);
  const auto limit = pair ? parse_integer<uint32_t>(pair->second) : std::nullopt;
  if (!limit || *limit == 0) fail_usage("--cap: expected KIND=N with N at least 1, found {}", quoted(text));
  for (const CategoryCap& earlier : caps) {
    if (earlier.kind == pair->first) fail_usage("{} is capped twice (--dedup KIND is a cap of 1)", quoted(pair->first));
  }
  caps.push_back({std::string(pair->first), *limit});
}

void RankRequest::add_dedup(std::string_view text) {
  const size_t at = text.find(">=");
  if (at == std::string_view::npos) {
    if (text.empty() || text.find_first_of("=<>") != std::string_view::npos) {
      fail_usage("--dedup: expected KIND or SIMILARITY>=T, found {}", quoted(text));
    }
    add_cap(std::string(text) + "=1");
    return;
  }
  const auto its = parse_similarity(text.substr(0, at));
  const auto threshold = parse_number<double>(text.substr(at + 2));
  if (!its || !threshold) {
    fail_usage("--dedup: expected SIMILARITY>=T, SIMILARITY being cosine, cosine:KIND or jaccard:KIND, found {}",
               quoted(text));
  }
  if (*threshold > 1 || *threshold <= -1)
    fail_usage("--dedup: expected a threshold above -1 and at most 1, found {}", *threshold);
  dedup.push_back({*its, *threshold});
}

void RankRequest::set_similarity(std::string_view text) {
  similarity = parse_similarity(text);
  if (!similarity) fail_usage("--similarity: expected cosine, cosine:KIND or jaccard:KIND, found {}", quoted(text));
}

void RankRequest::set_exploration(std::string_view text, const char* option) {
  const auto refuse = [&] {
    fail_usage("{}: expected epsilon=E, softmax=T, softmax=T,epsilon=E or thompson, found {}", option, quoted(text));
  };
  epsilon = 0.0;
  if (text == "thompson") {
    exploration = Exploration::kThompson;
    return;
  }
  const size_t comma = std::min(text.find(','), text.size());
  const auto first = split_pair(text.substr(0, comma));
  const auto number = first ? parse_number<double>(first->second) : std::nullopt;
  if (!number) refuse();
  const std::string which = std::string(option) + " epsilon";
  if (first->first == "epsilon" && comma == text.size()) {
    check_unit(which.c_str(), *number);
    exploration = Exploration::kEpsilonGreedy;
    epsilon = *number;
    return;
  }
  if (first->first != "softmax") refuse();
  if (!(*number > 0.0)) fail_usage("{} softmax: expected a temperature above 0, found {}", option, *number);
  exploration = Exploration::kSoftmax;
  temperature = *number;
  if (comma == text.size()) return;
  const auto second = split_pair(text.substr(comma + 1));
  const auto share = second && second->first == "epsilon" ? parse_number<double>(second->second) : std::nullopt;
  if (!share) refuse();
  check_unit(which.c_str(), *share);
  epsilon = *share;
}

bool RankRequest::needs_model() const {
  const bool diversifies = method == Method::kMmr || method == Method::kDpp;
  return (diversifies && (!similarity || similarity->form == SimilarityRequest::Form::kVectors)) ||
         std::any_of(dedup.begin(), dedup.end(), [](const Deduplication& rule) {
           return rule.similarity.form == SimilarityRequest::Form::kVectors;
         });
}

bool RankRequest::needs_features() const {
  return !caps.empty() || !calibrate.empty() || !exposure.empty() ||
         (similarity && similarity->form != SimilarityRequest::Form::kVectors) ||
         std::any_of(dedup.begin(), dedup.end(), [](const Deduplication& rule) {
           return rule.similarity.form != SimilarityRequest::Form::kVectors;
         });
}

void RankRequest::check() const {
  if (std::isnan(rank.min_score) || rank.min_score == HUGE_VAL) fail_usage("--min-score: expected a finite number");
  check_unit("--lambda", lambda);
  check_unit("--theta", theta);
  if (needs_model() && model.empty())
    fail_usage("the cosine of item vectors needs -m MODEL; of features, say cosine:KIND or jaccard:KIND");
  if (!needs_model() && !model.empty()) fail_usage("-m does not apply: nothing asks for the cosine of item vectors");
  if (needs_features() && features.empty())
    fail_usage("kinds of features (--cap, --dedup, --similarity, --calibrate, --exposure) need --features FILE");
  if (!needs_features() && !features.empty()) {
    fail_usage(
        "--features does not apply: no --cap, --dedup, --similarity, --calibrate or --exposure asks for a kind of "
        "them");
  }
  if (method == Method::kCalibration && history.empty()) fail_usage("--calibrate needs --history FILE");
  const char* option = tabulates ? "--policy" : "--explore";
  if (exploration == Exploration::kThompson && counts.empty()) fail_usage("{} thompson needs --counts FILE", option);
  if (exploration != Exploration::kNone &&
      (method != Method::kOrder || !caps.empty() || !dedup.empty() || !pin.empty())) {
    fail_usage("{} does not combine with --cap, --dedup, --diversify, --calibrate or --pin, which its {} not know",
               option, tabulates ? "probabilities do" : "propensity does");
  }
}

std::vector<std::string> RankRequest::files() const {
  std::vector<std::string> files{popularity, boost, pin, history, model, features, counts, titles, log};
  for (const auto* list : {&exclude, &allow, &block}) files.insert(files.end(), list->begin(), list->end());
  return files;
}

TableSpec scores_spec(const std::vector<RankRequest::WeightedColumn>& weights, const std::string& predicted) {
  TableSpec spec{"scores", {{"user"}, {"item"}, {"score", true, TableSpec::Kind::kNumber}}};
  for (const auto& [column, weight] : weights) {
    if (column != "score") spec.columns.push_back({column, true, TableSpec::Kind::kNumber});
  }
  const bool known = std::any_of(spec.columns.begin(), spec.columns.end(),
                                 [&](const TableSpec::Column& column) { return column.name == predicted; });
  if (!predicted.empty() && !known) spec.columns.push_back({predicted, true, TableSpec::Kind::kNumber});
  return spec;
}

}  // namespace rec
