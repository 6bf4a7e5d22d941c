#include "tune/trials.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"
#include "io/output.h"
#include "tune/identity.h"

namespace rec {
namespace {

constexpr uint64_t kRowsOfThread = 500'000;  // from twice as many on a run has several threads
constexpr int kMostBeside = 8;

}  // namespace

std::string Trials::checkpoint(const SearchRun& run) const {
  return its_.checkpoints.file(checkpoint_name(its_.identity, model_of(run), run.words));
}

void Trials::find_places(const SearchRun& first) {
  if (places_ > 0) return;
  places_ = 1;
  its_.runs.read_for(model_of(first), first.words);
  const Interactions* data = its_.runs.data_read();
  if (data == nullptr) return;  // the run says why
  const auto threads = static_cast<int>(std::clamp<uint64_t>(data->size() / kRowsOfThread, 1, 1024));
  places_ = std::clamp(its_.options.common.jobs() / threads, 1, kMostBeside);
  its_.budget.set_places(places_);
  if (places_ > 1)
    its_.messages.detail(fmt::format("{} runs side by side, of {} thread{} each", places_, threads_beside(),
                                     threads_beside() == 1 ? "" : "s"));
}

RunResult Trials::result_of(const SearchRun& run, const InterruptGuard& interrupts) {
  const std::string name = name_of(run);
  if (places_ > 1 && (beside_.runs(name) || beside_.has_ended(name) || begin(run))) {
    while (!beside_.has_ended(name)) {
      begin_ahead(run);
      if (interrupts.interrupted()) throw Interrupted("");
      beside_.wait();
    }
    if (std::optional<RunResult> result = beside_.take(name)) return std::move(*result);
    // It failed, perhaps for want of memory that others had: what it comes to alone counts.
    while (beside_.running() > 0 && !interrupts.interrupted()) beside_.wait();
  }
  return run_here(run, its_.options.common.jobs());
}

RunResult Trials::run_here(const SearchRun& run, int threads) {
  RunResult result;
  its_.budget.begin(run.space);
  try {
    result.trained =
        its_.runs.run(model_of(run), run.words, {.checkpoint = checkpoint(run), .refit = false, .threads = threads});
  } catch (const Budget::Exceeded& over) {
    result.too_long = over.expected;
  } catch (const Error& error) {
    result.failure = error.what();
  }
  const Budget::Taken taken = its_.budget.end();
  if (!result.failure.empty()) result.trained.seconds = taken.seconds;
  result.epochs = taken.epochs;
  return result;
}

RunResult Trials::run_in_child(const SearchRun& run, const std::string& model_path) {
  its_.checkpoints.leave_folder();
  std::vector<std::string> warnings;
  its_.messages.keep_warnings(warnings);
  RunResult result = run_here(run, threads_beside());
  result.warnings = std::move(warnings);
  // Only the model of the best run so far is of use.
  if (result.trained.metric && !its_.options.refit && its_.leaderboard.would_lead(*result.trained.metric)) {
    Output out(model_path, Sync::kNo);
    write_artefact(result.trained.model, Encoding::kSafetensors, out, threads_beside());
    out.finish();
  }
  return result;
}

// Begins a run in a process of its own; false: there can be none.
bool Trials::begin(const SearchRun& run) {
  its_.runs.read_for(model_of(run), run.words);
  checkpoint(run);  // its name is known here, too, and goes with the search
  try {
    beside_.begin(name_of(run), run.space, memory_guess(run),
                  [&](const std::string& path) { return run_in_child(run, path); });
  } catch (const Error&) {
    return false;
  }
  return true;
}

RunKnown Trials::known(const SearchRun& run) const {
  if (const LeaderboardRow* row = its_.leaderboard.find(model_of(run), shell_line(run.words)))
    return {RunKnown::kEnded, row->metric};
  const std::string name = name_of(run);
  if (beside_.runs(name)) return {RunKnown::kRuns, {}};
  if (!beside_.has_ended(name)) return {};
  const RunResult* result = beside_.result(name);
  return {RunKnown::kEnded, result != nullptr ? result->trained.metric : std::nullopt};
}

// Begins runs whose turn may come, as long as there are places.
void Trials::begin_ahead(const SearchRun& now) {
  const auto of_run = [this](const SearchRun& run) { return known(run); };
  while (beside_.running() < static_cast<size_t>(places_)) {
    const size_t most = 4 * static_cast<size_t>(places_);  // what is further ahead is a guess upon guesses
    std::optional<SearchRun> run;
    try {
      run = its_.plan.ahead(now, of_run, most);
    } catch (const UsageError&) {  // of a point, which says so when its turn comes
    }
    if (!run || its_.budget.is_spent() || its_.budget.too_long(*run)) return;
    if (!beside_.has_memory(run->space, memory_guess(*run)) || !begin(*run)) return;
  }
}

// Bytes that a run may take where none of its space has ended: its copy of the rows and what follows from them, and
// the matrices of items of ease.
uint64_t Trials::memory_guess(const SearchRun& run) const {
  const Interactions* data = its_.runs.data_read();
  const uint64_t items = data->items.size();
  return 128 * data->size() + (model_of(run) == "ease" ? 12 * items * items : 0);
}

}  // namespace rec
