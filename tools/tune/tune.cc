#include "tune/tune.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/interrupt.h"
#include "cli/run_main.h"
#include "data/digest.h"
#include "data/interactions_notes_tsv.h"
#include "io/byte_source.h"
#include "io/output.h"
#include "search/leaderboard.h"
#include "tune/beside.h"
#include "tune/budget.h"
#include "tune/checkpoints.h"
#include "tune/own_spaces.h"
#include "tune/run.h"

namespace rec {
namespace {

constexpr size_t kDigits = 8;  // of a digest in the leaderboard

constexpr uint64_t kRowsOfThread = 500'000;  // from twice as many on a run has several threads
constexpr int kMostBeside = 8;

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

class Tune {
 public:
  explicit Tune(const TuneOptions& options)
      : options_(options),
        report_("rec-tune", options.common),
        budget_(options.budget),
        runs_(
            options, [this](const std::string& text) { warn(text); },
            [this](const LoadedInteractions& loaded) { say_read(loaded); },
            [this](const TrainingRecord& record) { budget_.after_epoch(record.most - record.epoch); }) {}

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

  void search(std::vector<SearchSpace> spaces, const SearchIdentity& identity, Leaderboard& leaderboard,
              Checkpoints& checkpoints, const InterruptGuard& interrupts) {
    const bool asked_for = !options_.spaces.empty();
    std::vector<bool> begun(spaces.size());
    std::map<std::string, int> epochs;
    RunsBeside beside;  // ends with the search, however that ends: no run writes a checkpoint behind it
    Search plan(std::move(spaces), options_.search, [&](const SearchSpace& space, const Words& words) {
      const std::string name = space.space.model() + " " + shell_line(words);
      if (!epochs.contains(name)) epochs[name] = runs_.check(space.space.model(), words).epochs;
      return epochs[name];
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
        budget_.add_earlier(row->seconds);
        begun[run->space] = true;
        continue;
      }
      if (places_ == 0) find_places(model, run->words);
      if (budget_.is_spent()) break;
      if (const auto expected = budget_.too_long(*run)) {
        say_skipped(model, line, *expected);
        plan.skip(*run);
        continue;
      }
      RunResult result = result_of({plan, *run, leaderboard, identity, checkpoints, beside}, interrupts);
      for (const std::string& text : result.warnings) runs_.warn(text);
      if (result.too_long) {
        say_skipped(model, line, *result.too_long);
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
      say_run(leaderboard, row, result.failure);
      if (row.metric && leaderboard.best()->trial == row.trial) {
        best_ = std::move(result.trained);
        best_model_ = std::move(result.model);
        best_trial_ = row.trial;
      }
      if (interrupts.interrupted()) throw Interrupted("");
    }
  }

  // What a run needs to know of the search.
  struct Turn {
    const Search& plan;
    const SearchRun& run;
    const Leaderboard& leaderboard;
    const SearchIdentity& identity;
    Checkpoints& checkpoints;
    RunsBeside& beside;

    const std::string& model_of(const SearchRun& its) const { return plan.space(its.space).model(); }
    std::string name_of(const SearchRun& its) const { return model_of(its) + " " + shell_line(its.words); }
    std::string checkpoint(const SearchRun& its) const {
      return checkpoint_of(identity, model_of(its), its.words, checkpoints);
    }
  };

  // The run that has its turn, if need be with others beside it whose turn may come.
  RunResult result_of(const Turn& turn, const InterruptGuard& interrupts) {
    const std::string name = turn.name_of(turn.run);
    if (places_ > 1 && (turn.beside.runs(name) || turn.beside.has_ended(name) || begin(turn, turn.run))) {
      while (!turn.beside.has_ended(name)) {
        begin_ahead(turn);
        if (interrupts.interrupted()) throw Interrupted("");
        turn.beside.wait();
      }
      if (std::optional<RunResult> result = turn.beside.take(name)) return std::move(*result);
      // It failed, perhaps for want of memory that others had: what it comes to alone counts.
      while (turn.beside.running() > 0 && !interrupts.interrupted()) turn.beside.wait();
    }
    return run_here(turn.model_of(turn.run), turn.run, turn.checkpoint(turn.run), options_.common.jobs());
  }

  RunResult run_here(const std::string& model, const SearchRun& run, const std::string& checkpoint, int threads) {
    RunResult result;
    budget_.begin(run.space);
    try {
      result.trained = runs_.run(model, run.words, {.checkpoint = checkpoint, .refit = false, .threads = threads});
    } catch (const Budget::Exceeded& over) {
      result.too_long = over.expected;
    } catch (const Error& error) {
      result.failure = error.what();
    }
    const Budget::Taken taken = budget_.end();
    if (!result.failure.empty()) result.trained.seconds = taken.seconds;
    result.epochs = taken.epochs;
    return result;
  }

  // Begins a run in a process of its own; false: there can be none.
  bool begin(const Turn& turn, const SearchRun& run) {
    const std::string& model = turn.model_of(run);
    const std::string checkpoint = turn.checkpoint(run);
    runs_.read_for(model, run.words);
    const LeaderboardRow* best = turn.leaderboard.best();
    try {
      turn.beside.begin(turn.name_of(run), run.space, memory_guess(model), [&](const std::string& path) {
        turn.checkpoints.leave_folder();
        std::vector<std::string> warnings;
        warnings_ = &warnings;
        RunResult result = run_here(model, run, checkpoint, threads_beside());
        result.warnings = std::move(warnings);
        const std::optional<double> metric = result.trained.metric;
        // Only the model of the best run so far is of use.
        if (metric && !options_.refit &&
            (best == nullptr ||
             (options_.search.lower_is_better ? *metric < *best->metric : *metric > *best->metric))) {
          Output out(path, Sync::kNo);
          write_artefact(result.trained.model, Encoding::kSafetensors, out, threads_beside());
          out.finish();
        }
        return result;
      });
    } catch (const Error&) {
      return false;
    }
    return true;
  }

  // Begins runs whose turn may come, as long as there are places.
  void begin_ahead(const Turn& turn) {
    const auto known = [&](const SearchRun& run) -> RunKnown {
      if (const LeaderboardRow* row = turn.leaderboard.find(turn.model_of(run), shell_line(run.words)))
        return {RunKnown::kEnded, row->metric};
      const std::string name = turn.name_of(run);
      if (turn.beside.runs(name)) return {RunKnown::kRuns, {}};
      if (!turn.beside.has_ended(name)) return {};
      const RunResult* result = turn.beside.result(name);
      return {RunKnown::kEnded, result != nullptr ? result->trained.metric : std::nullopt};
    };
    while (turn.beside.running() < static_cast<size_t>(places_)) {
      const size_t most = 4 * static_cast<size_t>(places_);  // what is further ahead is a guess upon guesses
      std::optional<SearchRun> run;
      try {
        run = turn.plan.ahead(turn.run, known, most);
      } catch (const UsageError&) {  // of a point, which says so when its turn comes
      }
      if (!run || budget_.is_spent() || budget_.too_long(*run)) return;
      if (!turn.beside.has_memory(run->space, memory_guess(turn.model_of(*run))) || !begin(turn, *run)) return;
    }
  }

  // How many runs go side by side: threads within a run have little to do where there are few rows. The run is the
  // first.
  void find_places(const std::string& model, const Words& words) {
    runs_.read_for(model, words);
    const Interactions* data = runs_.data_read();
    if (data == nullptr) {  // the run says why
      places_ = 1;
      return;
    }
    const auto threads = static_cast<int>(std::clamp<uint64_t>(data->size() / kRowsOfThread, 1, 1024));
    places_ = std::clamp(options_.common.jobs() / threads, 1, kMostBeside);
    budget_.set_places(places_);
    if (places_ > 1)
      report_.detail(fmt::format("{} runs side by side, of {} thread{} each", places_, threads_beside(),
                                 threads_beside() == 1 ? "" : "s"));
  }
  int threads_beside() const { return options_.common.jobs() / places_; }

  // Bytes that a run may take where none of its space has ended: its copy of the rows and what follows from them, and
  // the matrices of items of ease.
  uint64_t memory_guess(const std::string& model) const {
    const Interactions* data = runs_.data_read();
    const uint64_t items = data->items.size();
    return 128 * data->size() + (model == "ease" ? 12 * items * items : 0);
  }

  // In a process of its own a run has nothing to say itself.
  void warn(const std::string& text) {
    if (warnings_ != nullptr) return warnings_->push_back(text);
    report_.warning(text);
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
    if (best_trial_ == best->trial && best_model_.is_open())
      best_->model = read_artefact(fmt::format("/dev/fd/{}", best_model_.get()), options_.common.jobs());
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
  Budget budget_;
  TrainerRuns runs_;
  std::vector<std::string> files_;  // that points of the spaces read
  std::optional<TrainedModel> best_;
  FileDescriptor best_model_;                     // its model, where a process of its own made it
  uint64_t best_trial_ = 0;                       // of the leaderboard
  int places_ = 0;                                // for runs side by side; 0: not known yet
  std::vector<std::string>* warnings_ = nullptr;  // of a run in a process of its own
};

}  // namespace

int tune(const TuneOptions& options) { return Tune(options).run(); }

}  // namespace rec
