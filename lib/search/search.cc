#include "search/search.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace rec {
namespace {

constexpr int kFactor = 3;      // of the epochs from rung to rung, and of those that stay
constexpr int kPromotions = 2;  // of a point, at most

}  // namespace

Words with_epochs(const Words& words, int epochs) {
  if (epochs == 0) return words;
  Words result;
  for (size_t at = 0; at < words.size(); ++at) {
    if (words[at] == "--epochs" || words[at] == "-e") {
      ++at;
    } else if (!words[at].starts_with("--epochs=") && !(words[at].starts_with("-e") && words[at].size() > 2)) {
      result.push_back(words[at]);
    }
  }
  result.insert(result.end(), {"--epochs", std::to_string(epochs)});
  return result;
}

std::vector<int> rungs_of(int epochs, bool halving) {
  std::vector<int> rungs{epochs};
  for (int promotions = 0; halving && promotions < kPromotions; ++promotions) {
    const int fewer = (rungs.front() + kFactor - 1) / kFactor;
    if (fewer < 2) break;
    rungs.insert(rungs.begin(), fewer);
  }
  return rungs;
}

Search::State::State(SearchSpace its_space, uint64_t seed, uint64_t stream)
    : space(std::move(its_space)), points(space.space, seed, stream) {}

Search::Search(std::vector<SearchSpace> spaces, const SearchOptions& options,
               std::function<int(const SearchSpace&, const Words&)> epochs_of)
    : options_(options), epochs_of_(std::move(epochs_of)) {
  for (SearchSpace& space : spaces) {
    const uint64_t stream = spaces_.size();
    spaces_.emplace_back(std::move(space), options.seed, stream);
  }
}

bool Search::draw(State& state) {
  if (state.exhausted || drawn_ >= options_.trials) return false;
  std::optional<Point> point;
  if (state.space.first && !std::exchange(state.first_given, true)) {
    point = Point{{}, *state.space.first};
    state.points.leave_out(point->words);
  } else {
    point = state.points.next(state.best ? &state.trials[state.best_trial].point.u : nullptr);
  }
  if (!point) {
    state.exhausted = true;
    return false;
  }
  ++drawn_;
  const int epochs = epochs_of_(state.space, point->words);
  state.trials.push_back({.point = std::move(*point), .rungs = rungs_of(epochs, options_.halving), .value = {}});
  return true;
}

std::optional<size_t> Search::promotable(const State& state, bool closing) const {
  // The highest rung first: what is nearest to its end.
  for (size_t rung = kPromotions; rung-- > 0;) {
    std::vector<size_t> there;
    size_t gone_on = 0;
    for (size_t trial = 0; trial < state.trials.size(); ++trial) {
      const Trial& its = state.trials[trial];
      if (its.value.size() <= rung || !its.value[rung] || its.rungs.size() <= rung + 1) continue;
      there.push_back(trial);
      gone_on += its.promoted > rung + 1 ? 1 : 0;
    }
    std::stable_sort(there.begin(), there.end(), [&](size_t a, size_t b) {
      return better(*state.trials[a].value[rung], *state.trials[b].value[rung]);
    });
    const size_t least = closing ? (gone_on == 0 ? 1 : 0) : (rung > 0 || there.size() > 1 ? 1 : 0);
    const size_t best = closing ? least : std::max(least, there.size() / kFactor);
    for (size_t place = 0; place < std::min(best, there.size()); ++place) {
      const Trial& its = state.trials[there[place]];
      if (its.promoted == rung + 1 && !its.closed) return there[place];
    }
  }
  return std::nullopt;
}

std::optional<SearchRun> Search::run_of(size_t space, size_t number) {
  Trial& trial = spaces_[space].trials[number];
  const size_t rung = trial.promoted++;
  return SearchRun{.space = space,
                   .point = number,
                   .rung = rung,
                   .epochs = trial.rungs[rung],
                   .words = with_epochs(trial.point.words, trial.rungs[rung]),
                   .more = rung + 1 < trial.rungs.size()};
}

std::optional<SearchRun> Search::next_of(size_t space, bool new_points, bool closing) {
  State& state = spaces_[space];
  if (const auto trial = promotable(state, closing)) return run_of(space, *trial);
  if (new_points && draw(state)) return run_of(space, state.trials.size() - 1);
  return std::nullopt;
}

// The spaces, the one to turn to first at the front: each has a share of the runs, the one with the best value
// so far the most, the next half of that, and so on down to a sixteenth.
std::vector<size_t> Search::order() const {
  std::vector<size_t> by_best(spaces_.size());
  for (size_t space = 0; space < by_best.size(); ++space) by_best[space] = space;
  std::stable_sort(by_best.begin(), by_best.end(), [&](size_t a, size_t b) {
    const State &its = spaces_[a], &other = spaces_[b];
    if (!its.best || !other.best) return its.best.has_value() && !other.best.has_value();
    return better(*its.best, *other.best);
  });
  std::vector<double> wants(spaces_.size());
  for (size_t place = 0; place < by_best.size(); ++place) {
    const double share = 1.0 / static_cast<double>(1 << std::min<size_t>(place, 4));
    wants[by_best[place]] = share / static_cast<double>(spaces_[by_best[place]].runs + 1);
  }
  std::stable_sort(by_best.begin(), by_best.end(), [&](size_t a, size_t b) { return wants[a] > wants[b]; });
  return by_best;
}

std::optional<SearchRun> Search::next() {
  for (size_t space = 0; space < spaces_.size(); ++space) {  // one of each, in their order
    if (!spaces_[space].trials.empty() || spaces_[space].exhausted) continue;
    if (auto run = next_of(space, true, false)) return run;
  }
  const std::vector<size_t> spaces = order();
  for (const bool closing : {false, true}) {
    for (const size_t space : spaces) {
      if (auto run = next_of(space, !closing, closing)) return run;
    }
  }
  return std::nullopt;
}

std::optional<SearchRun> Search::ahead(const SearchRun& now, const std::function<RunKnown(const SearchRun&)>& known,
                                       size_t most) const {
  Search way(*this);
  const double least = (options_.lower_is_better ? 1 : -1) * std::numeric_limits<double>::infinity();
  std::set<std::pair<size_t, size_t>> waiting{{now.space, now.point}};
  way.record(now, least);
  for (; most > 0; --most) {
    const std::optional<SearchRun> run = way.next();
    if (!run) break;
    const RunKnown its = known(*run);
    const bool first = waiting.insert({run->space, run->point}).second;
    if (its.state == RunKnown::kNothing && first) return run;
    way.record(*run, its.state == RunKnown::kEnded ? its.metric : least);
  }
  return std::nullopt;
}

void Search::record(const SearchRun& run, std::optional<double> metric) {
  State& state = spaces_[run.space];
  Trial& trial = state.trials[run.point];
  ++state.runs;
  trial.value.push_back(metric);
  if (!metric) {
    trial.closed = true;
  } else if (!state.best || better(*metric, *state.best)) {
    state.best = metric;
    state.best_trial = run.point;
  }
}

void Search::skip(const SearchRun& run) {
  State& state = spaces_[run.space];
  state.trials[run.point].closed = true;
  if (run.rung == 0) state.exhausted = true;
}

}  // namespace rec
