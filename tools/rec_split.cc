// rec-split: interactions into train, validation and test.
#include <cmath>

#include "base/number.h"
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

std::string count(size_t n, const char* what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

std::string counts(const PartCounts& part) {
  return count(part.rows, "row") + ", " + count(part.users, "user") + ", " + count(part.items, "item");
}

// What was kept and what was removed, on stderr.
void say(const Report& report, const SplitOptions& options, const SplitReport& done) {
  report.bad_lines(done.bad_lines, done.input);
  report.note(fmt::format("{}: {}", done.input, counts(done.all)));
  if (done.below_min_value)
    report.note(fmt::format("removed {} with a value below {}", count(*done.below_min_value, "row"),
                            number(*options.min_value)));
  if (done.duplicates) report.note(fmt::format("removed {}", count(*done.duplicates, "duplicate row")));
  if (done.core) {
    report.note(fmt::format("removed {} and {} with too few rows: {}", count(done.core->users, "user"),
                            count(done.core->items, "item"), count(done.core->rows, "row")));
  }
  if (done.cold) report.note(fmt::format("removed {} whose user or item is not in train", count(*done.cold, "row")));
  for (size_t part = 0; part < 3; ++part) {
    if (options.files[part].empty()) continue;
    const PartCounts& counted = done.parts[part];
    std::string line =
        fmt::format("{}: {}", options.files[part] == "-" ? "stdout" : options.files[part], counts(counted));
    if (part > 0) {
      line += fmt::format("; {} and {} not in train, in {}", count(counted.cold_users, "user"),
                          count(counted.cold_items, "item"), count(counted.cold_rows, "row"));
    }
    report.note(line);
  }
  const bool valid = !options.files[1].empty();
  if (options.method == SplitMethod::kTime) {
    const auto cut = [](double from) { return std::isfinite(from) ? number(from) : std::string("never"); };
    report.note(fmt::format("train < {}{} <= test: no future in train",
                            valid ? cut(done.notes.valid_from) + " <= validation < " : "", cut(done.notes.test_from)));
  } else if (cuts_each_user(*options.method)) {
    report.note(fmt::format("{} too short for a test row", count(done.notes.short_users, "user")));
    if (done.notes.tied_users > 0) {
      report.note(fmt::format("{} cut between rows of equal time, which keep the input's order",
                              count(done.notes.tied_users, "user")));
    }
    report.note(fmt::format(
        "no user's future is in train, but {} later than the first test row of all users; --method time has none",
        count(done.after_test, "train row")));
  }
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
  table.one_of<std::optional<SplitMethod>, SplitMethod>(
      "--method", o.method,
      {{"time", SplitMethod::kTime},
       {"user-time", SplitMethod::kUserTime},
       {"leave-one-out", SplitMethod::kLeaveOneOut},
       {"leave-k-out", SplitMethod::kLeaveKOut},
       {"hash-user", SplitMethod::kHashUser},
       {"hash-row", SplitMethod::kHashRow},
       {"none", SplitMethod::kNone}},
      "time: the latest rows of all users, cut at one time\n"
      "user-time: the latest share of each user's rows; the first one is always train\n"
      "leave-one-out, leave-k-out: each user's latest row, or K; users with fewer than 1 + K "
      "(1 + 2K with --valid) rows stay whole in train\n"
      "hash-user, hash-row: a share of the users, or of the (user, item) pairs, by a seeded "
      "hash of the ids alone\n"
      "none: filters only, into --train");
  table.add("--train", o.files[0], "FILE", "Training rows; - is stdout. Rows keep their bytes and order").writes();
  table
      .add("--valid", o.files[1], "FILE",
           "Validation rows: those before the test rows in time; without this option there are none")
      .writes();
  table.add("--test", o.files[2], "FILE", "Test rows. All files appear complete, or none does").writes();
  table.add("--test-fraction", o.test_fraction, "F",
            "Share of the test rows (default 0.2). With --method time all rows of one timestamp are in the same part, "
            "the later one");
  table.add("--valid-fraction", o.valid_fraction, "F", "Share of validation (default 0.1 with --valid)");
  table.add("--test-from", o.test_from, "T", "For --method time, instead of shares: test has timestamp >= T");
  table.add("--valid-from", o.valid_from, "T", "The same for validation, up to --test-from");
  table.add("--leave", o.leave, "K", "Rows of each user for leave-k-out; the K rows before them are validation");
  table.add("--seed", o.seed, "N", "Seed of the hash methods (default 1)");
  table.one_of<std::optional<RowOrder>, RowOrder>(
      "--order", o.order, {{"time", RowOrder::kTime}, {"input", RowOrder::kInput}},
      "What the latest row is: time, that with the greatest timestamp (default; equal ones in input order), or input, "
      "the last in the input");
  table.add("--min-value", o.min_value, "V", "First, remove rows with a smaller value");
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
  table.flag("--drop-cold", o.drop_cold, "Last, remove validation and test rows whose user or item is not in train");
  table.flag("--allow-empty", o.allow_empty, "An empty part is no error");
  add_sync_option(table, *common);
  add_run_options(table, *common);
  add_table_options(table, *common, interactions_spec());
  command.on_run([=] {
    Progress progress("reading", *common, false);
    options->read = common->read_options(&progress);
    options->input = first_file(*inputs, options->read);
    options->threads = common->jobs();
    options->sync = common->sync;
    options->with_header = [common](bool has) { return common->with_header(has); };
    check_split_options(*options);
    const Report report("rec-split", *common);
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
