// A run of rec-rank with its side tables read: immutable, shared by threads, each of
// which has a worker of its own for the lists.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "data/item_numbers.h"
#include "data/policy_log.h"
#include "data/titles.h"
#include "models/inference/model.h"
#include "rank/explore.h"
#include "rank/exposure.h"
#include "rank/list_builder.h"
#include "rerank/policy_rows.h"
#include "rerank/rank_request.h"
#include "rerank/side_tables.h"

namespace rec {

class RankPlan {
 public:
  // Reads the files that the request names. REQUIRES: request.check() passed. Throws
  // Error for a file that cannot be read, is malformed, or lacks a kind of features.
  RankPlan(RankRequest request, const ReadOptions& side, int threads);
  RankPlan(const RankPlan&) = delete;
  RankPlan& operator=(const RankPlan&) = delete;

  const RankRequest& request() const { return request_; }
  const CandidateFilter& filter() const { return filter_; }
  // The amount that the boost file adds to the item's key.
  double boost(std::string_view item) const {
    const double* found = boosts_.find(item);
    return found == nullptr ? 0.0 : *found;
  }
  bool has_popularity() const { return !request_.popularity.empty(); }
  // The factor of the item's popularity in its key; an item may have no users.
  // REQUIRES: has_popularity().
  double popularity(std::string_view item) const {
    const double* found = popularity_.find(item);
    return found == nullptr ? without_users_ : *found;
  }
  // Whether the keys are other than the scores.
  bool has_keys() const { return !request_.weights.empty() || has_popularity() || boosts_.columns > 0; }
  // Whether lists need more than the best k of the candidates.
  bool needs_all() const { return builds_ || explores() || tabulates() || reports(); }
  bool builds() const { return builds_; }
  bool explores() const { return request_.exploration != RankRequest::Exploration::kNone && !request_.tabulates; }
  // Whether the probabilities of a policy are written in place of lists.
  bool tabulates() const { return request_.tabulates; }
  // nullptr: none.
  const PolicyLog* log() const { return request_.log.empty() ? nullptr : &log_; }
  bool reports() const { return !request_.exposure.empty(); }
  // nullptr: the rows have none.
  const ItemTexts* titles() const { return request_.titles.empty() ? nullptr : &titles_; }

  std::unique_ptr<ListBuilder> list_builder() const;
  Exposure exposure() const;
  // Puts a user's list, with its propensities, in the place of the candidates.
  void explore(std::string_view user, std::vector<Candidate>& candidates, std::vector<double>& propensity) const;

  // Leaves the pool in the candidates, and the policy's probabilities of the first `ranks` ranks in `table`.
  void tabulate(std::string_view user, size_t ranks, std::vector<Candidate>& candidates, PolicyTable& table) const;

  // Counts the candidates that the features, the model, the click counts lack, where
  // these matter.
  void count_unknown(std::span<const Candidate> candidates, RankCounts& counts) const;

  // What the candidates should have ids in common with.
  const std::vector<SideTable>& side_tables() const { return side_tables_; }

  // Lines skipped, by file.
  struct BadLines {
    uint64_t count;
    std::string file;
  };
  const std::vector<BadLines>& bad_lines() const { return bad_lines_; }
  // What reading the files of --exclude found, for people.
  const std::vector<std::string>& notes() const { return notes_; }
  const std::string& warning() const { return warning_; }  // the same; "": none

 private:
  const ItemSimilarity& similarity(const SimilarityRequest& wanted);
  void keep_pool(std::vector<Candidate>& candidates) const;
  // The choices for a user depend on the seed and the id of the user alone.
  Rng random_of(std::string_view user) const;
  void read_pins(const std::string& path, const ReadOptions& side);
  void list_side_tables();

  RankRequest request_;
  CandidateFilter filter_;
  ItemNumbers popularity_;
  double without_users_ = 0.0;
  ItemNumbers boosts_;
  ItemNumbers counts_;
  Pins pins_;
  UserItems history_;
  FeatureTable features_;
  ItemTexts titles_;
  PolicyLog log_;
  std::unique_ptr<Model> model_;
  struct MadeSimilarity {
    SimilarityRequest request;
    std::unique_ptr<ItemSimilarity> similarity;
  };
  std::vector<MadeSimilarity> similarities_;
  const ItemSimilarity* of_method_ = nullptr;
  ListRules rules_;
  bool builds_ = false;
  std::vector<BadLines> bad_lines_;
  std::vector<std::string> notes_;
  std::string warning_;
  std::deque<IdTable> item_lists_;  // of --allow, then of --block
  std::vector<SideTable> side_tables_;
};

}  // namespace rec
