// What a run of rec-rank is asked to do, as the command line says it: which files,
// which rules. Parsed and checked before anything is read. Thread rule: plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "io/table.h"
#include "rank/popularity.h"
#include "rank/rank.h"

namespace rec {

// How alike two items are: "cosine" of the model's item vectors, "cosine:KIND" or
// "jaccard:KIND" of their features.
struct SimilarityRequest {
  enum class Form { kVectors, kCosine, kJaccard };
  Form form = Form::kVectors;
  std::string kind;  // of features
  bool operator==(const SimilarityRequest&) const = default;
};

struct RankRequest {
  struct WeightedColumn {
    std::string column;
    double weight;
  };
  struct CategoryCap {
    std::string kind;
    uint32_t limit;
  };
  struct Deduplication {
    SimilarityRequest similarity;
    double threshold;
  };
  enum class Method { kOrder, kMmr, kDpp, kCalibration };
  enum class Exploration { kNone, kEpsilonGreedy, kSoftmax, kThompson };

  RankOptions rank;
  std::vector<std::string> exclude, allow, block;  // files
  Duration exclude_for;                            // the age of rows of `exclude`; 0: any

  std::vector<WeightedColumn> weights;  // empty: the score
  std::string popularity;               // file of interactions
  double gamma = 0.2;                   // of popularity
  PopularityScores popularity_scores = PopularityScores::kElu;
  std::string boost;  // file: item boost
  std::string pin;    // file: item rank [user]
  std::vector<CategoryCap> caps;
  std::vector<Deduplication> dedup;
  Method method = Method::kOrder;
  std::optional<SimilarityRequest> similarity;  // of kMmr, kDpp; nothing: of vectors
  double lambda = 0.5;                          // of kMmr, kCalibration
  double theta = 0.5;                           // of kDpp
  std::string calibrate;                        // kind of features
  std::string history;                          // file of interactions, of kCalibration
  size_t pool = 100;                            // candidates that a method or exploration sees
  std::string model;                            // file
  std::string features;                         // file
  std::string titles;                           // file

  Exploration exploration = Exploration::kNone;
  double epsilon = 0.0;      // of kEpsilonGreedy, kSoftmax
  double temperature = 1.0;  // of kSoftmax
  bool tabulates = false;    // the probabilities of the exploration in place of a list
  std::string log;           // file: user item reward propensity [rank], of tabulates
  std::string predicted;     // column of the scores: a model's reward, for the rows of `log`; "": none
  std::string counts;        // file: item impressions clicks, of kThompson
  size_t draws = 1000;
  uint64_t seed = 1;

  std::string exposure;    // kind of features
  uint64_t min_users = 0;  // of its groups

  // Each adds what an option's value says; throws UsageError that names the option.
  void add_weights(std::string_view text);     // score=1,margin=0.2
  void add_cap(std::string_view text);         // genre=3
  void add_dedup(std::string_view text);       // genre (a cap of 1), cosine>=0.95
  void set_similarity(std::string_view text);  // cosine, cosine:genre, jaccard:genre
  // epsilon=0.1, softmax=0.5, softmax=0.5,epsilon=0.1, thompson; option: what gave it.
  void set_exploration(std::string_view text, const char* option = "--explore");

  bool needs_model() const;
  bool needs_features() const;
  // Throws UsageError for parts that are missing, do not combine, or are out of range.
  void check() const;
  // All side files, for the check that stdin is used once.
  std::vector<std::string> files() const;
};

// user item score [...], and the other columns that weights name, each once; then `predicted`, unless it is "" or
// one of these.
TableSpec scores_spec(const std::vector<RankRequest::WeightedColumn>& weights = {}, const std::string& predicted = "");

}  // namespace rec
