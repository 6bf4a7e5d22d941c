// What rec-rank --policy writes of one user: the probability that the policy shows each candidate at each rank, or
// the rows of a log with the probability of what they showed. Thread rule: pure functions.
#pragma once

#include <string>
#include <vector>

#include "data/groups.h"
#include "data/policy_log.h"
#include "rank/rank.h"

namespace rec {

// The probabilities of a policy: candidate i (best first) stands at rank r, both from 0, with at(i, r).
struct PolicyTable {
  std::vector<double> probability;  // candidates × ranks
  size_t ranks = 0;

  double at(size_t candidate, size_t rank) const { return rank < ranks ? probability[candidate * ranks + rank] : 0.0; }
};

// The header: with a log, user item reward propensity target [predicted expected] [rank], else user item score rank
// target.
std::string policy_header(const PolicyLog* log, bool predicts);

// By rank, then in the order of the candidates, those of probability 0 left out. score: the column of the group with
// the score. Returns the rows.
uint64_t write_policy_table(const Group& group, size_t score, const std::vector<Candidate>& candidates,
                            const PolicyTable& table, std::string& out);

// predicted: a model's reward of each candidate, where predicts. The target of an item that is no candidate is 0, and
// so is its predicted; unlisted counts such rows. expected: sum over candidates of probability × predicted at the row's
// rank. Throws Error where that is beyond the range of double. Returns the rows.
uint64_t write_policy_log(std::string_view user, const PolicyLog& log, std::span<const PolicyLog::Row> rows,
                          const std::vector<Candidate>& candidates, const PolicyTable& table,
                          const std::vector<double>& predicted, bool predicts, uint64_t& unlisted, std::string& out);

}  // namespace rec
