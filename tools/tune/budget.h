// The time that a search may take: what is left of it, and what a run is likely to need. It begins with the object. For
// one thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>

#include "search/search.h"

namespace rec {

class Budget {
 public:
  // Thrown between two epochs of a run that what is left does not suffice for.
  struct Exceeded {
    double expected;  // seconds of the whole run
  };
  // By a run in this process.
  struct Taken {
    double seconds;
    int epochs;
  };

  // Nothing: there is no end, and no run is too long.
  explicit Budget(std::optional<double> seconds) : seconds_(seconds) {}

  // A run that an earlier search made counts, divided by the number of runs side by side.
  void add_earlier(double seconds) { earlier_ += seconds; }
  void set_places(int runs_side_by_side) { places_ = runs_side_by_side; }
  // epochs: 0: it has none, and takes as long as others of its space.
  void add_run(size_t space, double seconds, int epochs) {
    double& longest = longest_[space];
    longest = std::max(longest, seconds / std::max(epochs, 1));
  }

  bool is_spent() const { return seconds_ && left() <= 0; }
  // The seconds that a run takes, if they are known and more than are left.
  std::optional<double> too_long(const SearchRun& run) const {
    const auto longest = longest_.find(run.space);
    if (!seconds_ || longest == longest_.end()) return std::nullopt;
    const double expected = longest->second * std::max(run.epochs, 1);
    return expected > left() ? std::optional(expected) : std::nullopt;
  }

  // A run of that space begins in this process, and ends.
  void begin(size_t space) { now_ = Now{.space_known = longest_.contains(space)}; }
  Taken end() {
    const Taken taken{since(now_->start), now_->epochs};
    now_.reset();
    return taken;
  }
  // After each epoch; no run: does nothing. to_do: epochs that are left. Throws Exceeded.
  void after_epoch(int to_do) {
    if (!now_ || !seconds_) return;
    ++now_->epochs;
    if (to_do == 0) return;
    const double elapsed = since(now_->start);
    const double rest = elapsed / now_->epochs * to_do;
    // A space whose cost is not known yet may take half of what is left.
    if (rest > (now_->space_known ? left() : left() / 2)) throw Exceeded{elapsed + rest};
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Now {
    bool space_known;
    Clock::time_point start = Clock::now();
    int epochs = 0;
  };

  static double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }
  double left() const { return *seconds_ - earlier_ / places_ - since(start_); }

  const std::optional<double> seconds_;
  const Clock::time_point start_ = Clock::now();
  double earlier_ = 0;
  int places_ = 1;
  std::map<size_t, double> longest_;  // by space: seconds of its longest run or, where that has epochs, epoch
  std::optional<Now> now_;
};

}  // namespace rec
