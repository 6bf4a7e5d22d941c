#include "tune/messages.h"

#include "data/interactions_notes_tsv.h"

namespace rec {

void Messages::warning(const std::string& text) const {
  if (kept_ != nullptr) return kept_->push_back(text);
  report_.warning(text);
}

void Messages::read(const LoadedInteractions& loaded) const {
  const std::string name = input_names(options_.inputs);
  report_.bad_lines(loaded.bad_lines, name);
  if (loaded.data.size() == 0) return;  // an error follows
  for (const std::string& text : interactions_notes(loaded, {.value = true, .timestamp = true}))
    report_.note(name + ": " + text);
  if (options_.common.bad_lines == BadLines::kSkip) {
    const LoadedInteractions valid =
        read_interactions(options_.valid, options_.common.side_options(), {}, options_.common.jobs());
    report_.bad_lines(valid.bad_lines, options_.valid);
  }
}

void Messages::ran(const Leaderboard& leaderboard, const LeaderboardRow& row, const std::string& failure) const {
  const std::string what = row.model + (row.options.empty() ? "" : " " + row.options);
  if (!row.metric) return report_.note(fmt::format("{} {}: failed: {}", row.trial, what, failure));
  report_.note(fmt::format("{} {}: {} {:.5f}, {:.1f} s{}", row.trial, what, options_.metric, *row.metric, row.seconds,
                           leaderboard.best()->trial == row.trial ? ", the best so far" : ""));
}

void Messages::skipped(const std::string& model, const std::string& options, double seconds) const {
  report_.note(fmt::format("{} {}: left out, it would take {:.1f} s", model, options, seconds));
}

void Messages::best(const Leaderboard& leaderboard) const {
  report_.note(fmt::format("best of {} run{}: {} {:.5f}, by", leaderboard.rows().size(),
                           leaderboard.rows().size() == 1 ? "" : "s", options_.metric, *leaderboard.best()->metric));
}

}  // namespace rec
