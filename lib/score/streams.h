// The stages that work user by user, as streams: they read a table and write one, in the
// order of the input and with the same bytes for every number of threads. Each function
// uses the threads of its options and may be called from one thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "data/groups.h"
#include "data/overlap.h"
#include "io/output.h"
#include "score/catalogue.h"
#include "score/history_attention.h"
#include "score/pair_scorer.h"

namespace rec {

// What a stage counted; for the line on stderr.
struct StreamCounts {
  uint64_t rows_in = 0;
  uint64_t rows_out = 0;
  uint64_t users = 0;            // groups; 0 where rows are not grouped
  uint64_t fallback_users = 0;   // users (rec-score: rows) that got the fallback
  uint64_t described_users = 0;  // the same, known by their features alone
  uint64_t unknown_items = 0;    // rows whose item the model lacks
  uint64_t short_lists = 0;      // users with fewer items than --top
  uint64_t own_items = 0;        // rows of the catalogue with an item of the user's own history
  uint64_t unknown_context = 0;  // rows with a category of the context that the model lacks, or an empty one
  StreamIds user_ids;            // of candidates, against those that have a vector of their own
  StreamIds item_ids;            // of candidates, against the model's
  StreamCounts& operator+=(const StreamCounts& other);
};

// What is worth a line on stderr. `what` says what became of counts.fallback_users (see
// fallback_note()); they are called "lists", or "rows" where the stage does not group.
std::string fallback_note(const UserVectors& users);
std::vector<std::string> notes_of(const StreamCounts& counts, const std::string& what, const UserVectors& users);

struct StreamOptions {
  bool header = false;  // write a header line
  bool keep = false;    // append the input's other columns
  int threads = 1;
  // best_of_catalogue() calls it now and then with the users done and all users. May be
  // empty. The other stages read a table, whose reader reports progress.
  std::function<void(size_t done, size_t total)> progress;
};

// user item attention: α = softmax over each user's candidates of g/τ.
StreamCounts attend_candidates(GroupReader& candidates, const Model& model, const PairScorer& scorer,
                               double temperature, const StreamOptions& options, Output& out);

// user item history_item attention: for each candidate the attention weights of the items
// of the user's history (score/history_attention.h), largest first (equal ones by item id),
// at most `top` of them. by_head: those of each head, with the columns block and head.
// A user without a known history has no rows; it is counted in fallback_users.
StreamCounts attend_history(GroupReader& candidates, const Model& model, const HistoryAttention& explanation,
                            const UserItems& histories, bool by_head, size_t top, const StreamOptions& options,
                            Output& out);

// What a candidate's third column is.
enum class ThirdColumn {
  kNone,       // not read
  kAttention,  // α, 1 where there is no such column
  kLabel,      // what the prediction is to be measured by; the table is labels_spec()
};

// user item score: r = M·α, line by line. Of labels: label prediction weight user item,
// where the prediction is M, held within the values of training, and the weight is 1. Lines
// may come in any order. Memory is constant.
StreamCounts score_candidates(TableReader& candidates, const Model& model, const PairScorer& scorer, ThirdColumn third,
                              const StreamOptions& options, Output& out);

// The best of the whole catalogue for each of `users`, in that order;
// value_column names the third column.
StreamCounts best_of_catalogue(const std::vector<std::string_view>& users, const Model& model,
                               const Catalogue& catalogue, size_t top, const char* value_column,
                               const StreamOptions& options, Output& out);

// The table that rec-score reads: user item [attention].
TableSpec attention_spec();
// The table it reads for predictions: user item value.
TableSpec labels_spec();

}  // namespace rec
