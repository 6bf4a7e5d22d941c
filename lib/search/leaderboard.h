// The leaderboard of a search: the runs and their results, as a table of rec-formats(5). For one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/output.h"
#include "io/table.h"

namespace rec {

struct LeaderboardRow {
  uint64_t trial = 0;  // from 1, in the order in which they ran
  std::string model;
  std::string options;           // as shell_line() writes them
  int epoch = 0;                 // the best one; 0: the trainer has none
  std::optional<double> metric;  // nothing: the run failed
  double seconds = 0;
  double memory = 0;  // MiB of the model once it is loaded
};

// What a search is about; a leaderboard is continued by its own search alone.
struct SearchIdentity {
  std::string data, valid, search;  // digests: of the interactions, of the held-out rows, of all else

  std::string text() const { return data + "-" + valid + "-" + search; }
};

class Leaderboard {
 public:
  Leaderboard(std::string metric, bool lower_is_better, SearchIdentity identity)
      : metric_(std::move(metric)), lower_is_better_(lower_is_better), identity_(std::move(identity)) {}

  // Reads the rows of `path`. Throws Error where it is malformed or of another search, and says of what other.
  void read(const std::string& path);
  // Replaces the file: the header, and the rows by rank; those that failed come last, without rank and metric.
  void write(const std::string& path, Sync sync) const;

  void add(LeaderboardRow row) { rows_.push_back(std::move(row)); }
  const std::vector<LeaderboardRow>& rows() const { return rows_; }
  // nullptr: it has none.
  const LeaderboardRow* find(const std::string& model, const std::string& options) const;
  // By metric, equal ones by trial; nullptr: none has a metric.
  const LeaderboardRow* best() const;
  // Whether a run added now with this metric would be the best.
  bool would_lead(double metric) const { return best() == nullptr || is_better(metric, *best()->metric); }

 private:
  void check_header(const std::string& path) const;
  bool is_better(double metric, double other) const { return lower_is_better_ ? metric < other : metric > other; }
  bool before(const LeaderboardRow& a, const LeaderboardRow& b) const;

  const std::string metric_;
  const bool lower_is_better_;
  const SearchIdentity identity_;
  std::vector<LeaderboardRow> rows_;
};

}  // namespace rec
