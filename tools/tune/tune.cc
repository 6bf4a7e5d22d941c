#include "tune/tune.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/interrupt.h"
#include "cli/run_main.h"
#include "io/output.h"
#include "train/validation.h"
#include "tune/identity.h"
#include "tune/own_spaces.h"
#include "tune/trials.h"

namespace rec {
namespace {

class Tune {
 public:
  explicit Tune(const TuneOptions& options)
      : options_(options),
        messages_(options),
        budget_(options.budget),
        runs_(
            options, [this](const std::string& text) { messages_.warning(text); },
            [this](const LoadedInteractions& loaded) { messages_.read(loaded); },
            [this](const TrainingRecord& record) { budget_.after_epoch(record.most - record.epoch); }) {}

  int run() {
    Output out(options_.common.output, options_.common.sync);  // opened first: what cannot be written is not searched
    std::vector<SearchSpace> spaces = spaces_of_run();
    const SearchIdentity identity = identity_of(options_, spaces, files_);
    Leaderboard leaderboard(options_.metric, options_.search.lower_is_better, identity);
    Checkpoints checkpoints(options_.leaderboard, options_.search.lower_is_better);
    if (!options_.leaderboard.empty() && ::access(options_.leaderboard.c_str(), F_OK) == 0)
      leaderboard.read(options_.leaderboard);
    if (options_.refit) runs_.data(true);  // what cannot be read as one table is said before the search
    const InterruptGuard interrupts;
    try {
      search(std::move(spaces), identity, leaderboard, checkpoints, interrupts);
      sync(leaderboard);
      finish(leaderboard, identity, checkpoints, out);
    } catch (const Interrupted&) {
      sync(leaderboard);
      if (leaderboard.rows().empty()) throw Interrupted("interrupted before the first run ended: nothing written");
      throw Interrupted(options_.leaderboard.empty()
                            ? "interrupted: nothing written; with --leaderboard a search can go on"
                            : fmt::format("interrupted: {} holds {} runs, the same command goes on from there",
                                          options_.leaderboard, leaderboard.rows().size()));
    }
    checkpoints.remove_all();
    messages_.finish();
    return kExitDone;
  }

 private:
  // Once, at the end: a disk may take longer than a run.
  void sync(const Leaderboard& leaderboard) const {
    if (options_.leaderboard.empty() || leaderboard.rows().empty()) return;
    leaderboard.write(options_.leaderboard, options_.common.sync);
  }

  std::vector<SearchSpace> spaces_of_run() {
    std::vector<SearchSpace> spaces;
    for (const Space& space : options_.parsed_spaces) spaces.push_back({space, std::nullopt});
    if (spaces.empty()) {
      const Interactions& data = runs_.data(false);
      if (data.size() == 0) fail("{}: no interactions", input_names(options_.inputs));
      spaces = own_spaces(options_.models, data, is_error_of_values(parse_metric(options_.metric)));
    }
    for (const SearchSpace& space : spaces) {
      messages_.detail(fmt::format("--space '{}'", space.space.text()));
      for (const Words& words : space.space.corners()) {
        const TrainerRuns::Checked checked = runs_.check(space.space.model(), words);
        for (const std::string& file : checked.files) files_.push_back(file);
      }
    }
    std::sort(files_.begin(), files_.end());
    files_.erase(std::unique(files_.begin(), files_.end()), files_.end());
    return spaces;
  }

  void search(std::vector<SearchSpace> spaces, const SearchIdentity& identity, Leaderboard& leaderboard,
              Checkpoints& checkpoints, const InterruptGuard& interrupts) {
    const bool asked_for = !options_.spaces.empty();
    std::vector<bool> begun(spaces.size());
    std::map<std::string, int> epochs;
    Search plan(std::move(spaces), options_.search, [&](const SearchSpace& space, const Words& words) {
      const std::string name = space.space.model() + " " + shell_line(words);
      if (!epochs.contains(name)) epochs[name] = runs_.check(space.space.model(), words).epochs;
      return epochs[name];
    });
    Trials trials({options_, plan, identity, leaderboard, messages_, budget_, runs_, checkpoints});
    while (const std::optional<SearchRun> run = plan.next()) {
      const std::string& model = plan.space(run->space).model();
      const std::string line = shell_line(run->words);
      const std::string checkpoint = trials.checkpoint(*run);
      const auto ended = [&](std::optional<double> metric) {
        plan.record(*run, metric);
        if (checkpoint.empty()) return;
        if (metric && run->more) return checkpoints.keep(run->space, checkpoint, *metric);
        checkpoints.drop(run->space, checkpoint);
      };
      if (const LeaderboardRow* row = leaderboard.find(model, line)) {
        ended(row->metric);
        budget_.add_earlier(row->seconds);
        begun[run->space] = true;
        continue;
      }
      trials.find_places(*run);
      if (budget_.is_spent()) break;
      if (const auto expected = budget_.too_long(*run)) {
        messages_.skipped(model, line, *expected);
        plan.skip(*run);
        continue;
      }
      RunResult result = trials.result_of(*run, interrupts);
      for (const std::string& text : result.warnings) runs_.warn(text);
      if (result.too_long) {
        messages_.skipped(model, line, *result.too_long);
        plan.skip(*run);
        continue;
      }
      // What is wrong with the data is wrong with each run.
      if (!result.failure.empty() && ((asked_for && !begun[run->space]) || leaderboard.best() == nullptr))
        throw Error(result.failure);
      const TrainedModel& trained = result.trained;
      leaderboard.add({.trial = leaderboard.rows().size() + 1,
                       .model = model,
                       .options = line,
                       .epoch = trained.epoch,
                       .metric = trained.metric,
                       .seconds = trained.seconds,
                       .memory = trained.memory});
      const LeaderboardRow row = leaderboard.rows().back();
      begun[run->space] = true;
      budget_.add_run(run->space, row.seconds, result.epochs);
      if (!options_.leaderboard.empty()) leaderboard.write(options_.leaderboard, Sync::kNo);
      ended(row.metric);
      messages_.ran(leaderboard, row, result.failure);
      if (row.metric && leaderboard.best()->trial == row.trial) {
        best_ = std::move(result.trained);
        best_model_ = std::move(result.model);
        best_trial_ = row.trial;
      }
      if (interrupts.interrupted()) throw Interrupted("");
    }
  }

  // Writes the best model, which a search that was gone on from has to train again.
  void finish(const Leaderboard& leaderboard, const SearchIdentity& identity, Checkpoints& checkpoints, Output& out) {
    const LeaderboardRow* best = leaderboard.best();
    if (best == nullptr)
      fail("no run came to an end in {:.0f} s; a greater --budget gives more time", *options_.budget);
    const Words words = Space::parse(best->model + " " + best->options).at({});
    messages_.best(leaderboard);
    if (best_trial_ == best->trial && best_model_.is_open())
      best_->model = read_artefact(fmt::format("/dev/fd/{}", best_model_.get()), options_.common.jobs());
    const Words final_words = options_.refit && best->epoch > 0 ? with_epochs(words, best->epoch) : words;
    if (options_.refit) {
      best_ = runs_.run(best->model, final_words, {.checkpoint = "", .refit = true});
    } else if (best_trial_ != best->trial) {
      const std::string checkpoint = checkpoints.file(checkpoint_name(identity, best->model, words));
      best_ = runs_.run(best->model, words, {.checkpoint = checkpoint, .refit = false});
      // The checkpoint may be of more epochs than the row is.
      if (best_->metric != best->metric || best_->epoch != best->epoch)
        best_ = runs_.run(best->model, words, {.checkpoint = "", .refit = false});
    }
    write_artefact(best_->model, encoding_for(options_.common.output), out, options_.common.jobs());
    out.finish();
    messages_.note(shell_line(runs_.command(best->model, final_words, options_.refit)));
  }

  const TuneOptions& options_;
  Messages messages_;
  Budget budget_;
  TrainerRuns runs_;
  std::vector<std::string> files_;  // that points of the spaces read
  std::optional<TrainedModel> best_;
  FileDescriptor best_model_;  // its model, where a process of its own made it
  uint64_t best_trial_ = 0;    // of the leaderboard
};

}  // namespace

int tune(const TuneOptions& options) { return Tune(options).run(); }

}  // namespace rec
