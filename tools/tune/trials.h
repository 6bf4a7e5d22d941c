// The runs of a search: each in this process or, where one has little to do for many threads, several side by side in
// processes of their own, begun ahead of their turn. What a run comes to is the same. For one thread.
#pragma once

#include <optional>
#include <string>

#include "base/interrupt.h"
#include "search/leaderboard.h"
#include "search/search.h"
#include "tune/beside.h"
#include "tune/budget.h"
#include "tune/checkpoints.h"
#include "tune/messages.h"
#include "tune/options.h"
#include "tune/run.h"

namespace rec {

class Trials {
 public:
  // The search of which these are the runs, and what they change: checkpoints; the budget, which a run in this process
  // spends.
  struct Context {
    const TuneOptions& options;
    const Search& plan;
    const SearchIdentity& identity;
    const Leaderboard& leaderboard;
    Messages& messages;
    Budget& budget;
    TrainerRuns& runs;
    Checkpoints& checkpoints;
  };
  explicit Trials(const Context& context) : its_(context) {}

  // Decides, once, how many runs go side by side: threads within a run have little to do where there are few rows.
  // first: the first run that is to be made; its interactions are read.
  void find_places(const SearchRun& first);
  // The file of its checkpoint; "": it has none.
  std::string checkpoint(const SearchRun& run) const;
  // What the run that has its turn comes to. REQUIRES: find_places(). Throws Interrupted, and Error where its
  // interactions cannot be read.
  RunResult result_of(const SearchRun& run, const InterruptGuard& interrupts);

 private:
  const std::string& model_of(const SearchRun& run) const { return its_.plan.space(run.space).model(); }
  std::string name_of(const SearchRun& run) const { return model_of(run) + " " + shell_line(run.words); }
  int threads_beside() const { return its_.options.common.jobs() / places_; }
  uint64_t memory_guess(const SearchRun& run) const;

  RunResult run_here(const SearchRun& run, int threads);
  RunResult run_in_child(const SearchRun& run, const std::string& model_path);
  bool begin(const SearchRun& run);
  RunKnown known(const SearchRun& run) const;
  void begin_ahead(const SearchRun& now);

  const Context its_;
  RunsBeside beside_;  // ends with this, however that ends: no run writes a checkpoint behind it
  int places_ = 0;     // for runs side by side; 0: not known yet
};

}  // namespace rec
