// From the evaluation of each kind of table to its rows; what evaluate() calls.
#pragma once

#include "eval/evaluation.h"

namespace rec {

// The names of the rows behind the metrics of a kind, up to a '.' or '['.
std::span<const std::string_view> ranking_counts();
std::span<const std::string_view> prediction_counts();
std::span<const std::string_view> event_counts();
std::span<const std::string_view> policy_counts();
std::span<const std::string_view> interleaving_counts();

// Evaluate the table and fill `evaluation`: rows, notes, and what else was asked
// for. REQUIRES: metrics of the kind, at least one.
void add_ranking_rows(const EvaluationOptions& options, std::span<const Metric> metrics, Evaluation& evaluation);
void add_prediction_rows(const EvaluationOptions& options, std::span<const Metric> metrics, Evaluation& evaluation);
void add_event_rows(const EvaluationOptions& options, std::span<const Metric> metrics, Evaluation& evaluation);
void add_policy_rows(const EvaluationOptions& options, std::span<const Metric> metrics, Evaluation& evaluation);
void add_interleaving_rows(const EvaluationOptions& options, std::span<const Metric> metrics, Evaluation& evaluation);

// Throws Error where all are fewer than --min-users.
void require_users(const EvaluationOptions& options, uint64_t users);

void add_count(Evaluation& evaluation, std::string name, uint64_t count);

}  // namespace rec
