// rec-rank: each user's best candidates, filtered, in order.
#include "base/error.h"
#include "cli/options.h"
#include "cli/run_main.h"
#include "score/rank_stream.h"

namespace {

using namespace rec;

struct Options {
  CommonOptions common;
  std::string input = "-";
  RankOptions rank;
  std::vector<std::string> exclude;
  std::vector<std::string> allow;
  std::vector<std::string> block;
  bool keep = false;
  bool grouped = false;
  bool ungrouped = false;
};

void declare_options(CLI::App& app, Options& options) {
  app.add_option("FILE", options.input, "Scores: user item score [...]; - (default) is stdin")->type_name("");
  app.add_option("-k", options.rank.k, "Rows for each user")->type_name("N")->check(above_zero())->capture_default_str();
  app.add_option("--exclude", options.exclude, "Interactions: a user's items there are not listed for that user; repeatable")
      ->type_name("FILE")->allow_extra_args(false);
  app.add_option("--allow", options.allow, "Items (column item): only these are listed; repeatable")->type_name("FILE")->allow_extra_args(false);
  app.add_option("--block", options.block, "Items (column item): these are not listed; repeatable")->type_name("FILE")->allow_extra_args(false);
  app.add_option("--min-score", options.rank.min_score, "Rows with a lower score are not listed")->type_name("S");
  app.add_flag("--keep", options.keep, "Append the input's other columns");
  add_table_options(app, options.common, scores_spec());
  add_grouping_options(app, options.grouped, options.ungrouped);
  add_common_options(app, options.common);
}

void check_options(const Options& options) {
  std::vector<std::string> paths{options.input};
  for (const auto* list : {&options.exclude, &options.allow, &options.block}) paths.insert(paths.end(), list->begin(), list->end());
  if (std::count(paths.begin(), paths.end(), "-") > 1) fail_usage("stdin (-) is used for more than one input");
  if (std::isnan(options.rank.min_score) || options.rank.min_score == HUGE_VAL) fail_usage("--min-score: expected a finite number");
}

IdTable read_items(const std::string& path, const ReadOptions& read, const Report& report) {
  IdTable items;
  TableReader reader(path, {"items", {{"item"}}}, read);
  while (reader.next()) {
    reader.parse(1, 1, [&](size_t, const Line& line) { items.intern(id_field(line, reader.layout().position[0], "item")); });
  }
  report.bad_lines(reader.bad_lines(), reader.name());
  return items;
}

int run(const Options& options) {
  const CommonOptions& common = options.common;
  const Report report("rec-rank", common);
  const int threads = common.jobs();
  CandidateFilter filter;
  for (const std::string& path : options.exclude) {
    UserItems seen = read_user_items(path, common.side_options(), false, false, threads);
    report.bad_lines(seen.bad_lines, input_name(path));
    filter.exclude(std::move(seen));
  }
  for (const std::string& path : options.allow) filter.allow(read_items(path, common.side_options(), report));
  for (const std::string& path : options.block) filter.block(read_items(path, common.side_options(), report));

  const Grouping grouping = options.grouped ? Grouping::kGrouped : options.ungrouped ? Grouping::kUngrouped : Grouping::kAuto;
  Progress progress("rec-rank", common);
  GroupReader scores(options.input, scores_spec(), common.read_options(&progress), grouping);
  Output out(common.output);
  const RankCounts counts = rank_stream(scores, filter, options.rank, common.with_header(scores.layout().header), options.keep, threads, out);
  out.finish();
  progress.clear();

  report.bad_lines(scores.bad_lines(), scores.name());
  auto note = [&](uint64_t count, const char* noun, const char* what) {
    if (count > 0) report.note(fmt::format("{} {}{} {}", count, noun, count == 1 ? "" : "s", what));
  };
  note(counts.duplicates, "row", "passed over: the item was listed already");
  note(counts.short_lists, "user", fmt::format("with fewer than {} rows", options.rank.k).c_str());
  report.detail(fmt::format("{} rows in, {} filtered, {} out, {} users", counts.rows_in, counts.filtered, counts.rows_out, counts.users));
  report.finish();
  return kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return run_main({"rec-rank", "Rank each user's candidates: filter, order, cut",
                   [&options](CLI::App& app) {
                     declare_options(app, options);
                     return [&options] {
                       check_options(options);
                       return run(options);
                     };
                   }},
                  argc, argv);
}
