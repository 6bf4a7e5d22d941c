// rec-split: interactions into train, validation and test.
#include <cmath>

#include "base/number.h"
#include "base/time.h"
#include "cli/options.h"
#include "cli/run_main.h"
#include "data/split_tsv.h"

namespace {

using namespace rec;

std::string number(double value) {
  std::string text;
  append_number(text, value);
  return text;
}

std::string counts(const PartCounts& part) {
  return counted(part.rows, "row") + ", " + counted(part.users, "user") + ", " + counted(part.items, "item");
}

std::string text_of(const Time& time, bool dates) {
  if (!std::isfinite(time.value)) return "never";
  std::string text;
  append_time(text, time, dates);
  return text;
}

// The parts of one split.
void say_split(const Report& report, const SplitOptions& options, const SplitReport& all, const SplitDone& done) {
  if (options.drop_repeated) {
    report.note(fmt::format("removed {} of test{} that repeat a pair of train", counted(done.repeated.test, "row"),
                            options.files[1].empty() ? "" : fmt::format(" and {} of validation", done.repeated.valid)));
  }
  if (done.cold) report.note(fmt::format("removed {} whose user or item is not in train", counted(*done.cold, "row")));
  for (size_t part = 0; part < 3; ++part) {
    if (done.files[part].empty()) continue;
    const PartCounts& cold_ones = done.parts[part];
    const std::string name = done.files[part] == "-" ? "stdout" : done.files[part];
    std::string line = fmt::format("{}: {}", name, counts(cold_ones));
    if (part > 0) {
      line += fmt::format("; {} and {} not in train, in {}", counted(cold_ones.cold_users, "user"),
                          counted(cold_ones.cold_items, "item"), counted(cold_ones.cold_rows, "row"));
    }
    report.note(line);
    const size_t repeated = part == 1 ? done.repeated.valid : done.repeated.test;
    if (part == 0 || options.drop_repeated || repeated == 0) continue;
    report.note(
        fmt::format("{}: {} repeat{} a pair of train, which no ranking that excludes train can find; "
                    "--drop-repeated removes such rows",
                    name, counted(repeated, "row"), repeated == 1 ? "s" : ""));
  }
  if (done.clipped) {
    report.note(
        fmt::format("weight: {} of {} of train at the clip", *done.clipped, counted(done.parts[0].rows, "row")));
  }
  const bool valid = !options.files[1].empty();
  const auto time = [&](const Time& its) { return text_of(its, all.dates); };
  if (done.window) {
    report.note(fmt::format("train < {}{} <= test < {}: no future in train", time(done.window->valid_from),
                            valid ? " <= validation < " + time(done.window->test_from) : "",
                            time(done.window->test_to)));
  } else if (options.method == SplitMethod::kTime) {
    report.note(fmt::format("train < {}{} <= test: no future in train",
                            valid ? time(done.notes.valid_from) + " <= validation < " : "",
                            time(done.notes.test_from)));
  } else if (options.method == SplitMethod::kUserRandom) {
    report.note(fmt::format("{} with too few rows for a test row", counted(done.notes.short_users, "user")));
  } else if (cuts_each_user(*options.method)) {
    report.note(fmt::format("{} with too few rows for a test row", counted(done.notes.short_users, "user")));
    if (done.notes.tied_users > 0) {
      report.note(fmt::format("{} cut between rows of equal time, which keep the order of the input{}",
                              counted(done.notes.tied_users, "user"),
                              options.order == RowOrder::kInput ? "" : "; --baskets keeps them together"));
    }
    report.note(done.after_test == 0
                    ? "for each user, train is before test"
                    : fmt::format("for each user, train is before test; {} {} later than the first test row of all "
                                  "users, which --method time avoids",
                                  counted(done.after_test, "train row"), done.after_test == 1 ? "is" : "are"));
  }
}

// What was kept and what was removed, on stderr.
void say(const Report& report, const SplitOptions& options, const SplitReport& done) {
  report.bad_lines(done.bad_lines, done.input);
  for (const std::string& note : done.input_notes) report.note(fmt::format("{}: {}", done.input, note));
  for (const std::string& note : done.notes) report.note(note);
  if (done.sessions)
    report.note(fmt::format("{}: {}", done.input, counted(*done.sessions, options.baskets ? "basket" : "session")));
  if (done.without_value)
    report.note(fmt::format("removed {} whose event has the value 0", counted(*done.without_value, "row")));
  if (done.below_min_value)
    report.note(fmt::format("removed {} with a value below {}", counted(*done.below_min_value, "row"),
                            number(*options.min_value)));
  if (done.repeats) {
    report.note(fmt::format("removed {} that repeat{} a pair within {}", counted(*done.repeats, "row"),
                            *done.repeats == 1 ? "s" : "", duration_text(*options.dedup_window)));
  }
  if (done.bursts) {
    report.note(fmt::format("removed {} in bursts of {}", counted(done.bursts->rows, "row"),
                            counted(done.bursts->users, "user")));
  }
  if (done.days) {
    report.note(fmt::format("removed {} beyond {} a day, of {}", counted(done.days->rows, "row"), *options.max_per_day,
                            counted(done.days->users, "user")));
  }
  if (done.duplicates) report.note(fmt::format("removed {}", counted(*done.duplicates, "duplicate row")));
  if (done.core) {
    report.note(fmt::format("removed {} and {} with too few rows: {}", counted(done.core->users, "user"),
                            counted(done.core->items, "item"), counted(done.core->rows, "row")));
  }
  for (const SplitDone& split : done.splits) say_split(report, options, done, split);
}

void declare(Command& command) {
  OptionTable& table = command.options();
  auto options = std::make_shared<SplitOptions>();
  auto common = std::make_shared<CommonOptions>();
  auto& o = *options;
  auto inputs = std::make_shared<std::vector<std::string>>();
  table
      .add("FILE", *inputs, "",
           "Interactions: user item [value [timestamp]]; several are read as one; - (default) is stdin")
      .reads();
  table.choice("--method", o.method, kSplitMethods,
               "time: the latest rows of all users, cut at one time\n"
               "user-time: the latest share of each user's rows; the first one is always train\n"
               "leave-one-out, leave-k-out: each user's latest row, or K; users with fewer than 1 + K (1 + 2K with "
               "--valid) rows stay whole in train\n"
               "hash-user, hash-item, hash-row: a share of the users, the items, or the (user, item) pairs, by a "
               "seeded hash of the ids alone\n"
               "user-random: a share of each user's items, by a seeded hash; one is always train\n"
               "folds: K splits; each of K parts is the test part of one split\n"
               "windows: splits by time, one after the other; train is all rows before the window\n"
               "none: filters only, into --train");
  table
      .add("--train", o.files[0], "FILE",
           "Training rows; - is stdout. Rows keep their bytes and order; where the name ends in .safetensors, they are "
           "written in binary. For folds and windows, %d in the name is the number of the split, from 1")
      .writes();
  table
      .add("--valid", o.files[1], "FILE",
           "Validation rows: those before the test rows in time; without this option there are none")
      .writes();
  table.add("--test", o.files[2], "FILE", "Test rows. All files appear complete, or none does").writes();
  table.flag("--allow-empty", o.allow_empty, "An empty part is no error");
  add_sync_option(table, *common);
  add_run_options(table, *common);

  table.heading("Where to cut");
  table.add("--test-fraction", o.test_fraction, "F",
            "Share of the test rows (default 0.2). With --method time all rows of one timestamp are in the same part, "
            "the later one");
  table.add("--valid-fraction", o.valid_fraction, "F", "Share of validation (default 0.1 with --valid)");
  table.add("--test-from", o.test_from, "T",
            "For time, instead of shares: test has timestamp >= T, a number or a date. For windows: where the first "
            "one begins");
  table.add("--valid-from", o.valid_from, "T", "The same for validation, up to --test-from");
  table.add("--leave", o.leave, "K", "Rows of each user for leave-k-out; the K rows before them are validation");
  table.add("--seed", o.seed, "N", "Seed of hash-user, hash-item, hash-row, user-random and folds (default 1)");
  table.one_of<std::optional<RowOrder>, RowOrder>(
      "--order", o.order, {{"time", RowOrder::kTime}, {"input", RowOrder::kInput}},
      "What the latest row is: time, that with the greatest timestamp (default; equal ones in input order), or input, "
      "the last in the input");

  table.heading("Folds and windows");
  table.add("--folds", o.folds, "K", "Splits for folds; with --valid, the part after the test part is validation");
  table.one_of<std::optional<FoldUnit>, FoldUnit>(
      "--folds-of", o.folds_of, {{"pairs", FoldUnit::kPairs}, {"users", FoldUnit::kUsers}},
      "What is dealt to the folds: (user, item) pairs, the default, or users with all their rows");
  table.add("--window", o.window, "T",
            "Length of the test part for windows, and of validation before it: as 7d (s, m, h, d, w), or a number in "
            "the unit of the timestamps");
  table.add("--windows", o.windows, "N",
            "Number of windows (default 1; with --test-from up to the newest row). Without --test-from the last window "
            "ends with the newest row");

  table.heading("Sessions and baskets");
  table.add(
      "--session-gap", o.session_gap, "T",
      "Keep sessions whole: a session of a user ends where the next row comes more than T (as 30m) later. For time and "
      "windows the last row of a session is its time; the methods that cut each user count sessions, not rows");
  table.flag("--baskets", o.baskets, "The same for baskets: the rows of equal user and timestamp");
  table.flag("--session-column", o.session_column, "Add a column session, USER:N, to the output");

  table.heading("Weights");
  table.parsed(
      "--propensity", [&o](const std::string& text) { o.propensity = parse_propensity(text, "--propensity"); }, "HOW",
      "popularity:P: add a column weight to the output, the inverse of (users of the item / most users of an item)^P, "
      "cold_ones in train");
  table.add("--clip", o.clip, "C", "No weight is above C (default 10)");

  table.heading("Filters, in this order");
  table.parsed(
      "--event-values", [&o](const std::string& text) { o.events = EventValues::parse(text, "--event-values"); }, "MAP",
      "The table has a column event in place of value; EVENT=VALUE,... gives the value that is written for each event. "
      "0 removes the rows; an event that is not named is an error");
  table.add("--min-value", o.min_value, "V", "Remove rows with a smaller value");
  table.add("--dedup-window", o.dedup_window, "T",
            "Then, remove a row that comes at most T (as 10s; 0: at the same time) after a kept row of the same user "
            "and item: an act that was logged twice");
  table
      .add("--drop-bursts", o.drop_bursts, "N",
           "Then, remove all rows of bursts: more than N rows of a user within a minute")
      .at_least(1);
  table.add("--max-per-day", o.max_per_day, "N", "Then, of each user keep the first N rows of each day (UTC)")
      .at_least(1);
  table.one_of<DuplicateRows, DuplicateRows>(
      "--duplicates", o.duplicates,
      {{"keep", DuplicateRows::kKeep},
       {"first", DuplicateRows::kFirst},
       {"last", DuplicateRows::kLast},
       {"max", DuplicateRows::kMax},
       {"error", DuplicateRows::kError}},
      "Then, of rows with the same user and item: keep all (the default), the first or "
      "last in time, that of the largest value (the first in the input), or fail");
  table.add("--k-core", o.k_core, "N", "Then, remove users and items with fewer than N rows until all have N");
  table.add("--min-per-user", o.min_per_user, "N", "The same for users alone");
  table.add("--min-per-item", o.min_per_item, "N", "The same for items alone; with both, until both hold");
  table.flag("--drop-repeated", o.drop_repeated,
             "After the split, remove validation and test rows whose (user, item) pair is in train");
  table.flag("--drop-cold", o.drop_cold, "Last, remove validation and test rows whose user or item is not in train");

  TableSpec columns = interactions_spec();
  columns.columns.push_back({"event", false});
  add_table_options(table, *common, columns);
  table.remove("--side-columns");  // there is one table
  command.on_run([=] {
    Progress progress("reading", *common, false);
    options->read = common->read_options(&progress);
    options->input = first_file(*inputs, options->read);
    options->threads = common->jobs();
    options->sync = common->sync;
    options->replace_inputs = common->force;
    options->with_header = [common](bool has) { return common->with_header(has); };
    check_split_options(*options);
    const Report report("rec-split", *common);
    report.reading(options->input);
    for (const std::string& more : *options->read.more_files) report.reading(more);
    const SplitReport done = run_split(*options);
    progress.clear();
    say(report, *options, done);
    report.finish();
    return kExitDone;
  });
}

}  // namespace

int main(int argc, char** argv) {
  return rec::run_main({"rec-split", "Split interactions into train, validation and test", declare}, argc, argv);
}
