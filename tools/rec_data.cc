// rec-data: what a table of interactions holds, and what is wrong with it.
#include <unistd.h>

#include <ctime>

#include "base/error.h"
#include "base/time.h"
#include "cli/options.h"
#include "cli/run_main.h"
#include "data/data_checks.h"
#include "data/interactions_tsv.h"
#include "eval/report_table.h"

namespace {

using namespace rec;

struct Options {
  std::vector<std::string> inputs;
  std::string valid, test;
  std::optional<Verdict> fail_on;
  CheckLimits limits;
  bool json = false;
  CommonOptions common;
};

LoadedInteractions load(const std::string& path, const ReadOptions& read, const Report& report, int threads) {
  report.reading(path);
  LoadedInteractions loaded = read_interactions(path, read, {.value = true, .timestamp = true}, threads);
  loaded.data.users.index();
  loaded.data.items.index();
  return loaded;
}

int run(Options& options) {
  const CommonOptions& common = options.common;
  const Report report("rec-data", common);
  ReadOptions side = common.side_options();
  Progress progress("reading", common);
  ReadOptions read = common.read_options(&progress);
  const std::string input = first_file(options.inputs, read);
  std::vector<std::string> all = *read.more_files;
  all.insert(all.end(), {input, options.valid, options.test});
  if (std::count(all.begin(), all.end(), "-") > 1) fail_usage("stdin (-) is used for more than one input");
  const LoadedInteractions loaded = load(input, read, report, common.jobs());
  progress.clear();

  std::vector<Finding> findings = check_interactions(loaded.data, options.limits, common.jobs());
  for (const std::string& doubt : loaded.layout.doubts)
    findings.push_back({"columns", 0, "doubtful", Verdict::kWarn, escaped(doubt)});
  uint64_t bad_lines = loaded.bad_lines;
  const auto held_out = [&](const std::string& path, const char* part) {
    if (path.empty()) return;
    const LoadedInteractions its = load(path, side, report, common.jobs());
    bad_lines += its.bad_lines;
    for (Finding& finding : check_held_out(loaded.data, its.data, part)) findings.push_back(std::move(finding));
  };
  held_out(options.valid, "valid");
  held_out(options.test, "test");
  if (common.bad_lines == BadLines::kSkip) {
    findings.push_back(
        {"bad_lines", static_cast<double>(bad_lines), "", bad_lines > 0 ? Verdict::kWarn : Verdict::kOk,
         bad_lines > 0 ? "lines that no tool can read; without --bad-lines skip the first is shown" : ""});
  }

  Output out(common.output, common.sync);
  if (options.json) {
    out.no_table();
    out.write(findings_json(findings));
  } else {
    const std::string text = findings_tsv(findings, common.header != HeaderRule::kNever);
    const bool for_eyes = common.output == "-" && ::isatty(STDOUT_FILENO) == 1;
    out.write(for_eyes ? aligned_columns(text) : text);
  }
  out.finish();
  report.finish();
  if (!options.fail_on) return kExitDone;
  std::string failed;
  for (const Finding& finding : findings) {
    if (finding.verdict < *options.fail_on) continue;
    failed.append(failed.empty() ? "" : ", ").append(finding.check);
  }
  if (failed.empty()) return kExitDone;
  say(fmt::format("rec-data: --fail-on {}: {}\n", name_in(kVerdicts, *options.fail_on), failed));
  return kExitCondition;
}

void declare(Command& tool) {
  Command& command = tool.add_command("check", "Look for what is wrong with interactions, before a model is trained");
  OptionTable& table = command.options();
  auto options = std::make_shared<Options>();
  Options& o = *options;
  o.limits.now = static_cast<double>(std::time(nullptr));
  table
      .add("FILE", o.inputs, "",
           "Interactions: user item [value [timestamp]]; several are read as one; - (default) is stdin")
      .reads();
  table.add("--valid", o.valid, "FILE", "Validation rows: check them against FILE, which is then train").reads();
  table.add("--test", o.test, "FILE", "Test rows: check them in the same way").reads();
  table.one_of<std::optional<Verdict>, Verdict>(
      "--fail-on", o.fail_on, {{"note", Verdict::kNote}, {"warn", Verdict::kWarn}},
      "Exit with status 3 if a verdict is as bad as that, or worse: a gate for cron jobs");
  table.flag("--json", o.json, "Write JSON instead of TSV");
  table.add("--burst", o.limits.burst, "N", "More than N rows of a user within a minute are a burst").at_least(1);
  table.parsed(
      "--now",
      [&o](const std::string& text) {
        const auto date = parse_date(text);
        if (!date) fail_usage("--now: expected a date such as 2026-03-01, found \"{}\"", printable(text));
        o.limits.now = date->time.value;
      },
      "DATE", "Rows later than this are in the future (default: the time of the run)");
  add_common_options(table, o.common);
  add_table_options(table, o.common, interactions_spec(), true);
  command.on_run([options] { return run(*options); });
}

}  // namespace

int main(int argc, char** argv) {
  return rec::run_main({"rec-data", "Check interactions before a model is trained", declare}, argc, argv);
}
