// What rec-tune says on stderr while it searches. For one thread.
#pragma once

#include <string>
#include <vector>

#include "data/interactions_tsv.h"
#include "search/leaderboard.h"
#include "tune/options.h"

namespace rec {

class Messages {
 public:
  explicit Messages(const TuneOptions& options) : options_(options), report_("rec-tune", options.common) {}

  // From now on warnings are not said but kept here: in a process of its own a run has nothing to say itself.
  void keep_warnings(std::vector<std::string>& warnings) { kept_ = &warnings; }

  void warning(const std::string& text) const;
  void note(const std::string& text) const { report_.note(text); }
  void detail(const std::string& text) const { report_.detail(text); }
  // What reading the interactions gave, and what is left out of the held-out rows. Throws Error where these cannot be
  // read.
  void read(const LoadedInteractions& loaded) const;
  // row: of the leaderboard, of a run that has ended. failure: why it has no metric.
  void ran(const Leaderboard& leaderboard, const LeaderboardRow& row, const std::string& failure) const;
  void skipped(const std::string& model, const std::string& options, double seconds) const;
  // REQUIRES: a run has a metric.
  void best(const Leaderboard& leaderboard) const;
  void finish() const { report_.finish(); }

 private:
  const TuneOptions& options_;
  const Report report_;
  std::vector<std::string>* kept_ = nullptr;
};

}  // namespace rec
