// Which runs a search makes, one after the other: points of several spaces, the promising ones for more epochs.
// Asynchronous successive halving (Li et al. 2020, "A system for massively parallel hyperparameter tuning") by one
// worker: a point of E epochs first has about E/9 of them, then E/3, then E. A run goes on once it is among the best
// third of those of its space with as many epochs; beyond that paper, the best of two does, and from then on the best
// always does, so that a search of few points trains one to its end. Once there are no more points, the best of a
// space goes on even if it is the only one. The order of the runs depends on the seed and on their results, not on
// time. Several can run side by side all the same: ahead() says which run is likely to come, and the result of such a
// run waits until its turn. For one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "search/space.h"

namespace rec {

struct SearchSpace {
  Space space;
  std::optional<Words> first;  // a point to begin with: the trainer's defaults
};

struct SearchOptions {
  uint64_t seed = 1;
  uint64_t trials = UINT64_MAX;  // points at most
  bool lower_is_better = false;
  bool halving = true;  // false: each point has all its epochs at once
};

struct SearchRun {
  size_t space;
  size_t point;  // of the space
  size_t rung;   // how often it has been promoted
  int epochs;    // 0: the trainer has none, or says itself how many
  Words words;   // behind the model, --epochs included
  bool more;     // whether it may be promoted
};

// What is known of a run whose turn has not come.
struct RunKnown {
  enum State { kNothing, kRuns, kEnded } state = kNothing;
  std::optional<double> metric{};  // of kEnded; nothing: it failed
};

// The words with --epochs N in place of what they say of it; N 0: as they are.
Words with_epochs(const Words& words, int epochs);

// The epochs of a point of E: E alone, or E/9, E/3 and E, rounded up; none of fewer than 2.
std::vector<int> rungs_of(int epochs, bool halving);

class Search {
 public:
  // epochs_of: E of a point, 0 where the trainer has none or decides itself. REQUIRES: a space.
  Search(std::vector<SearchSpace> spaces, const SearchOptions& options,
         std::function<int(const SearchSpace& space, const Words& words)> epochs_of);

  // What to run now; nothing: the search has ended. Each is to be recorded or skipped before the next.
  std::optional<SearchRun> next();
  // While `now` runs, a further run that may begin beside it. Suppose that the running ones bring no better value: of
  // the runs that would then follow it is the first that has not begun and that does not go on from a run whose turn
  // has not come. Looks `most` runs ahead. REQUIRES: `now` was given last, and is not recorded.
  std::optional<SearchRun> ahead(const SearchRun& now, const std::function<RunKnown(const SearchRun&)>& known,
                                 size_t most) const;
  // metric: nothing for a run that failed.
  void record(const SearchRun& run, std::optional<double> metric);
  // The run takes too long: no further points of its space where it is a new one, no further epochs where not.
  void skip(const SearchRun& run);

  const Space& space(size_t number) const { return spaces_[number].space.space; }

 private:
  struct Trial {
    Point point;
    std::vector<int> rungs;                    // epochs
    std::vector<std::optional<double>> value;  // of each rung that has run
    size_t promoted = 0;                       // the next rung to run
    bool closed = false;                       // failed or skipped: is not promoted
  };
  struct State {
    SearchSpace space;
    PointSequence points;
    std::deque<Trial> trials;
    uint64_t runs = 0;
    std::optional<double> best;
    size_t best_trial = 0;
    bool first_given = false, exhausted = false;

    State(SearchSpace its_space, uint64_t seed, uint64_t stream);
  };

  bool better(double value, double other) const { return options_.lower_is_better ? value < other : value > other; }
  // The trial to promote; closing: the best of a rung of which none has been.
  std::optional<size_t> promotable(const State& state, bool closing) const;
  std::optional<SearchRun> run_of(size_t space, size_t trial);
  std::optional<SearchRun> next_of(size_t space, bool new_points, bool closing);
  bool draw(State& state);
  std::vector<size_t> order() const;

  const SearchOptions options_;
  const std::function<int(const SearchSpace&, const Words&)> epochs_of_;
  std::deque<State> spaces_;  // a sequence of points refers to its space
  uint64_t drawn_ = 0;
};

}  // namespace rec
