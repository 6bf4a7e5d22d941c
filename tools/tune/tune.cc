#include "tune/tune.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/error.h"
#include "base/interrupt.h"
#include "cli/run_main.h"
#include "data/digest.h"
#include "data/interactions_notes_tsv.h"
#include "io/byte_source.h"
#include "io/output.h"
#include "search/leaderboard.h"
#include "tune/checkpoints.h"
#include "tune/own_spaces.h"
#include "tune/run.h"

namespace rec {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kDigits = 8;  // of a digest in the leaderboard

std::string short_text(const Digest& digest) { return digest.text().substr(0, kDigits); }

// Of a compressed file what it holds.
void add_file(const std::string& path, Digest& digest) {
  ByteSource source(path);
  std::string bytes(size_t{1} << 20, '\0');
  while (const size_t size = source.read(bytes.data(), bytes.size()))
    digest.add(std::span<const char>(bytes.data(), size));
}

std::string digest_of_files(const std::vector<std::string>& paths) {
  Digest digest;
  for (const std::string& path : paths) add_file(path, digest);
  return short_text(digest);
}

void add_text(const std::string& text, Digest& digest) { digest.add(std::span<const char>(text.data(), text.size())); }

// Thrown between two epochs of a run that the budget does not suffice for.
struct OverBudget {
  double expected;  // seconds of the whole run
};

class Tune {
 public:
  explicit Tune(const TuneOptions& options)
      : options_(options),
        report_("rec-tune", options.common),
        runs_(
            options, [this](const std::string& text) { report_.warning(text); },
            [this](const LoadedInteractions& loaded) { say_read(loaded); },
            [this](const TrainingRecord& record) { after_epoch(record); }) {}

  int run() {
    Output out(options_.common.output, options_.common.sync);  // opened first: what cannot be written is not searched
    std::vector<SearchSpace> spaces = spaces_of_run();
    const SearchIdentity identity = identity_of(spaces);
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
    report_.finish();
    return kExitDone;
  }

 private:
  struct Speed {
    double seconds = 0;  // of the longest run or, where it has epochs, of the longest epoch
    bool known = false;
  };

  // Once, at the end: a disk may take longer than a run.
  void sync(const Leaderboard& leaderboard) const {
    if (options_.leaderboard.empty() || leaderboard.rows().empty()) return;
    leaderboard.write(options_.leaderboard, options_.common.sync);
  }

  double spent() const { return before_ + std::chrono::duration<double>(Clock::now() - start_).count(); }
  double left() const { return *options_.budget - spent(); }

  std::vector<SearchSpace> spaces_of_run() {
    std::vector<SearchSpace> spaces;
    for (const Space& space : options_.parsed_spaces) spaces.push_back({space, std::nullopt});
    if (spaces.empty()) {
      const Interactions& data = runs_.data(false);
      if (data.size() == 0) fail("{}: no interactions", input_names(options_.inputs));
      spaces = own_spaces(options_.models, data, options_.search.lower_is_better);
    }
    for (const SearchSpace& space : spaces) {
      report_.detail(fmt::format("--space '{}'", space.space.text()));
      for (const Words& words : space.space.corners()) {
        const TrainerRuns::Checked checked = runs_.check(space.space.model(), words);
        for (const std::string& file : checked.files) files_.push_back(file);
      }
    }
    std::sort(files_.begin(), files_.end());
    files_.erase(std::unique(files_.begin(), files_.end()), files_.end());
    return spaces;
  }

  SearchIdentity identity_of(const std::vector<SearchSpace>& spaces) const {
    Digest search;
    for (const SearchSpace& space : spaces) {
      add_text(space.space.text(), search);
      add_text(space.first ? shell_line(*space.first) : "", search);
    }
    add_text(options_.metric, search);
    add_text(shell_line(options_.table_words), search);
    const uint64_t numbers[] = {options_.search.seed, options_.search.halving};
    search.add(std::span<const uint64_t>(numbers));
    for (const std::string& file : files_) add_file(file, search);
    return {digest_of_files(options_.inputs), digest_of_files({options_.valid}), short_text(search)};
  }

  // "": the run begins anew where it goes on.
  static std::string checkpoint_of(const SearchIdentity& identity, const std::string& model, const Words& words,
                                   Checkpoints& checkpoints) {
    if (!can_go_on(words)) return "";
    Digest digest;
    add_text(identity.text(), digest);
    add_text(model, digest);
    add_text(shell_line(with_epochs(words, 1)), digest);  // of all its epochs alike
    return checkpoints.file(digest.text());
  }

  // A rate that falls over all epochs depends on how many there are: such a run cannot go on for longer.
  static bool can_go_on(const Words& words) {
    return std::none_of(words.begin(), words.end(),
                        [](const std::string& word) { return word.starts_with("--schedule"); });
  }

  void after_epoch(const TrainingRecord& record) {
    if (!searching_ || !options_.budget) return;
    const double elapsed = std::chrono::duration<double>(Clock::now() - run_start_).count();
    ++epochs_run_;
    const int to_do = record.most - record.epoch;
    if (to_do == 0) return;
    const double rest = elapsed / epochs_run_ * to_do;
    // A space whose cost is not known yet may take half of what is left.
    if (rest > (speed_known_ ? left() : left() / 2)) throw OverBudget{elapsed + rest};
  }

  void search(std::vector<SearchSpace> spaces, const SearchIdentity& identity, Leaderboard& leaderboard,
              Checkpoints& checkpoints, const InterruptGuard& interrupts) {
    const bool asked_for = !options_.spaces.empty();
    std::vector<Speed> speed(spaces.size());
    std::vector<bool> begun(spaces.size());
    Search plan(std::move(spaces), options_.search, [this](const SearchSpace& space, const Words& words) {
      return runs_.check(space.space.model(), words).epochs;
    });
    while (const std::optional<SearchRun> run = plan.next()) {
      const std::string& model = plan.space(run->space).model();
      const std::string line = shell_line(run->words);
      const std::string checkpoint = checkpoint_of(identity, model, run->words, checkpoints);
      const auto ended = [&](std::optional<double> metric) {
        plan.record(*run, metric);
        if (checkpoint.empty()) return;
        if (metric && run->more) return checkpoints.keep(run->space, checkpoint, *metric);
        checkpoints.drop(run->space, checkpoint);
      };
      if (const LeaderboardRow* row = leaderboard.find(model, line)) {
        ended(row->metric);
        before_ += row->seconds;
        begun[run->space] = true;
        continue;
      }
      const int epochs = std::max(run->epochs, 1);
      if (options_.budget) {
        if (left() <= 0) break;
        if (speed[run->space].known && speed[run->space].seconds * epochs > left()) {
          say_skipped(model, line, speed[run->space].seconds * epochs);
          plan.skip(*run);
          continue;
        }
      }
      LeaderboardRow row;
      row.trial = leaderboard.rows().size() + 1;
      row.model = model;
      row.options = line;
      std::string failure;
      speed_known_ = speed[run->space].known;
      run_start_ = Clock::now();
      epochs_run_ = 0;
      searching_ = true;
      try {
        TrainedModel trained = runs_.run(model, run->words, {.checkpoint = checkpoint, .refit = false});
        row.epoch = trained.epoch;
        row.metric = trained.metric;
        row.seconds = trained.seconds;
        row.memory = trained.memory;
        leaderboard.add(row);
        if (leaderboard.best()->trial == row.trial) {
          best_ = std::move(trained);
          best_trial_ = row.trial;
        }
      } catch (const OverBudget& over) {
        say_skipped(model, line, over.expected);
        plan.skip(*run);
        continue;
      } catch (const Error& error) {
        // What is wrong with the data is wrong with each run.
        if ((asked_for && !begun[run->space]) || leaderboard.best() == nullptr) throw;
        failure = error.what();
        row.seconds = std::chrono::duration<double>(Clock::now() - run_start_).count();
        leaderboard.add(row);
      }
      searching_ = false;
      begun[run->space] = true;
      Speed& its = speed[run->space];
      its = {std::max(its.seconds, row.seconds / std::max(epochs_run_, 1)), true};
      if (!options_.leaderboard.empty()) leaderboard.write(options_.leaderboard, Sync::kNo);
      ended(row.metric);
      say_run(leaderboard, row, failure);
      if (interrupts.interrupted()) throw Interrupted("");
    }
    searching_ = false;
  }

  void say_read(const LoadedInteractions& loaded) const {
    const std::string name = input_names(options_.inputs);
    report_.bad_lines(loaded.bad_lines, name);
    if (loaded.data.size() == 0) return;  // an error follows
    for (const std::string& note : interactions_notes(loaded, {.value = true, .timestamp = true}))
      report_.note(name + ": " + note);
    if (options_.common.bad_lines == BadLines::kSkip) {
      const LoadedInteractions valid =
          read_interactions(options_.valid, options_.common.side_options(), {}, options_.common.jobs());
      report_.bad_lines(valid.bad_lines, options_.valid);
    }
  }

  void say_run(const Leaderboard& leaderboard, const LeaderboardRow& row, const std::string& failure) const {
    const std::string what = row.model + (row.options.empty() ? "" : " " + row.options);
    if (!row.metric) return report_.note(fmt::format("{} {}: failed: {}", row.trial, what, failure));
    report_.note(fmt::format("{} {}: {} {:.5f}, {:.1f} s{}", row.trial, what, options_.metric, *row.metric, row.seconds,
                             leaderboard.best()->trial == row.trial ? ", the best so far" : ""));
  }

  void say_skipped(const std::string& model, const std::string& line, double seconds) const {
    report_.note(fmt::format("{} {}: left out, it would take {:.1f} s", model, line, seconds));
  }

  // Writes the best model, which a search that was gone on from has to train again.
  void finish(const Leaderboard& leaderboard, const SearchIdentity& identity, Checkpoints& checkpoints, Output& out) {
    const LeaderboardRow* best = leaderboard.best();
    if (best == nullptr)
      fail("no run came to an end in {:.0f} s; a greater --budget gives more time", *options_.budget);
    const Words words = Space::parse(best->model + " " + best->options).at({});
    report_.note(fmt::format("best of {} run{}: {} {:.5f}, by", leaderboard.rows().size(),
                             leaderboard.rows().size() == 1 ? "" : "s", options_.metric, *best->metric));
    const Words final_words = options_.refit && best->epoch > 0 ? with_epochs(words, best->epoch) : words;
    if (options_.refit) {
      best_ = runs_.run(best->model, final_words, {.checkpoint = "", .refit = true});
    } else if (best_trial_ != best->trial) {
      const std::string checkpoint = checkpoint_of(identity, best->model, words, checkpoints);
      best_ = runs_.run(best->model, words, {.checkpoint = checkpoint, .refit = false});
      // The checkpoint may be of more epochs than the row is.
      if (best_->metric != best->metric || best_->epoch != best->epoch)
        best_ = runs_.run(best->model, words, {.checkpoint = "", .refit = false});
    }
    write_artefact(best_->model, encoding_for(options_.common.output), out, options_.common.jobs());
    out.finish();
    report_.note(shell_line(runs_.command(best->model, final_words, options_.refit)));
  }

  const TuneOptions& options_;
  const Report report_;
  TrainerRuns runs_;
  std::vector<std::string> files_;  // that points of the spaces read
  const Clock::time_point start_ = Clock::now();
  double before_ = 0;  // seconds of the runs that the leaderboard had already
  std::optional<TrainedModel> best_;
  uint64_t best_trial_ = 0;  // of the leaderboard

  bool searching_ = false;  // and the run that goes on:
  Clock::time_point run_start_;
  int epochs_run_ = 0;
  bool speed_known_ = false;
};

}  // namespace

int tune(const TuneOptions& options) { return Tune(options).run(); }

}  // namespace rec
