// rec-rank: each user's best candidates, filtered, re-ranked, in order.
#include "base/error.h"
#include "base/number.h"
#include "cli/model_options.h"
#include "cli/run_main.h"
#include "rank/options.h"
#include "rerank/rank_stream.h"

namespace {

using namespace rec;

void declare_options(OptionTable& table, RankToolOptions& options) {
  RankRequest& request = options.request;
  table.add("FILE", options.inputs, "", "Scores: user item score [...]; - (default) is stdin").reads();
  table.add("-k,--top", request.rank.k, "N", "Rows for each user").above(0);
  table
      .add("--exclude", request.exclude, "FILE",
           "Interactions: the items that a user has there are not listed for that user; repeatable")
      .reads();
  add_exclude_for(table, request.exclude_for, request.exclude);
  table.add("--allow", request.allow, "FILE", "Items (column item): only these are listed; repeatable").reads();
  table.add("--block", request.block, "FILE", "Items (column item): these are not listed; repeatable").reads();
  table.add("--min-score", request.rank.min_score, "S", "Rows with a lower score are not listed").default_text("");
  table.flag("--keep", options.keep, "Append the other columns of the input");
  table
      .add("--titles", request.titles, "FILE",
           "Titles of items (item title): append a column title, empty where unknown")
      .reads();
  using Kind = RankingFormat::Kind;
  table.one_of<Kind, Kind>("--format", options.format.kind, {{"tsv", Kind::kTsv}, {"trec", Kind::kTrec}},
                           "Output: a table, or a run file of TREC (user Q0 item rank score tag)");
  table.add("--tag", options.format.tag, "NAME", "Last field of --format trec");
  declare_rerank_options(table, options);
  declare_explore_options(table, options);
  declare_blend_options(table, options);
  table.heading("");
  add_table_options(table, options.common, scores_spec());
  add_grouping_options(table, options.grouped, options.ungrouped);
  add_line_buffered_option(table, options.common);
  add_common_options(table, options.common);
}

void report_counts(const Report& report, const RankCounts& counts, const RankRequest& request) {
  auto note = [&](uint64_t count, const char* noun, const std::string& what) {
    if (count > 0) report.note(counted(count, noun) + " " + what);
  };
  note(counts.duplicates, "row", "passed over: the item was listed already");
  note(counts.short_lists, "user", fmt::format("with fewer than {} rows", request.rank.k));
  note(counts.without_features, "candidate", "without a line in --features");
  note(counts.without_vector, "candidate", "unknown to the model: like no other item");
  note(counts.without_counts, "candidate", "without a line in --counts: taken as never shown");
  note(counts.without_users, "candidate",
       fmt::format("without a user in --popularity: taken as of {}", request.gamma < 0.0 ? "1 user" : "0 users"));
  note(counts.without_title, "row", "whose item has no title");
  note(counts.unguided, "user", "without a history of known categories: in the order of their keys");
  report.detail(fmt::format("{} rows in, {} filtered, {} out, {} users", counts.rows_in, counts.filtered,
                            counts.rows_out, counts.users));
  if (counts.capped + counts.near_duplicates + counts.pinned > 0) {
    report.detail(fmt::format("{} candidates passed over by caps, {} as near-duplicates, {} rows pinned", counts.capped,
                              counts.near_duplicates, counts.pinned));
  }
}

// What of a policy log has no target, or one of 0 for want of a candidate.
void report_log(const Report& report, const PolicyLog& log, const RankCounts& counts) {
  const uint64_t rows = log.rows.size() - counts.rows_out;
  if (rows > 0) {
    report.warning(fmt::format("{}: {} of {} rows left out: {} of {} users without candidates", log.name, rows,
                               log.rows.size(), log.users.size() - counts.users_logged, log.users.size()));
  }
  if (counts.unlisted > 0) {
    report.note(fmt::format("{}: {} of {} rows show an item that is no candidate of the user: target 0", log.name,
                            counts.unlisted, log.rows.size()));
  }
}

void report_lines(const Report& report, const std::vector<Meeting::Line>& lines) {
  for (const auto& [warning, text] : lines) {
    if (warning) {
      report.warning(text);
    } else {
      report.note(text);
    }
  }
}

int run_blend(const RankToolOptions& options, const Report& report) {
  const CommonOptions& common = options.common;
  RankRequest filters;
  filters.exclude = options.request.exclude;
  filters.exclude_for = options.request.exclude_for;
  filters.allow = options.request.allow;
  filters.block = options.request.block;
  filters.titles = options.request.titles;
  const RankPlan plan(filters, common.side_options(), common.jobs());
  for (const auto& [count, file] : plan.bad_lines()) report.bad_lines(count, file);
  for (const std::string& text : plan.notes()) report.note(text);
  if (!plan.warning().empty()) report.warning(plan.warning());
  Progress progress("rec-rank", common);
  const BlendOptions blend{.method = *options.blend,
                           .paths = options.inputs,
                           .k = options.request.rank.k,
                           .seed = options.request.seed,
                           .read = common.read_options(&progress),
                           .grouping = options.grouping(),
                           .format = options.format,
                           .titles = plan.titles(),
                           .threads = common.jobs()};
  for (const std::string& path : options.inputs) report.reading(path);
  Output out(common.output, common.sync, common.buffering());
  if (options.format.kind == RankingFormat::Kind::kTrec) out.no_table();
  const BlendResult result = blend_stream(
      blend, plan.filter(), plan.side_tables(), [&](bool header) { return common.with_header(header); }, out);
  out.finish();
  progress.clear();
  for (const auto& [count, file] : result.bad_lines) report.bad_lines(count, file);
  report_lines(report, result.meeting.lines(plan.side_tables(), "the lists"));
  report_lines(report, result.apart);
  if (result.one_sided > 0) {
    report.note(fmt::format("{} user{} in only one of the two files, without a list", result.one_sided,
                            result.one_sided == 1 ? "" : "s"));
  }
  report_counts(report, result.counts, options.request);
  report.finish();
  return kExitDone;
}

int run(const RankToolOptions& options) {
  const CommonOptions& common = options.common;
  const Report report("rec-rank", common);
  if (options.blend) return run_blend(options, report);
  const RankPlan plan(options.request, common.side_options(), common.jobs());
  for (const auto& [count, file] : plan.bad_lines()) report.bad_lines(count, file);
  for (const std::string& text : plan.notes()) report.note(text);
  if (!plan.warning().empty()) report.warning(plan.warning());
  Progress progress("rec-rank", common);
  report.reading(options.inputs.front());
  GroupReader scores(options.inputs.front(), scores_spec(options.request.weights, options.request.predicted),
                     common.read_options(&progress), options.grouping());
  Output out(common.output, common.sync, common.buffering());
  if (options.format.kind == RankingFormat::Kind::kTrec) out.no_table();
  std::optional<Output> exposure;
  if (plan.reports()) exposure.emplace(options.report, common.sync);
  const RankStreamResult result = rank_stream(scores, plan,
                                              {.header = common.with_header(scores.layout().header),
                                               .keep = options.keep,
                                               .format = options.format,
                                               .threads = common.jobs()},
                                              out);
  progress.clear();
  if (exposure) {
    const uint64_t least = options.request.min_users;
    const std::string note = left_out_note(write_exposure(*result.exposure, *exposure, least), "group", least);
    if (!note.empty()) report.note(note);
    Output* both[] = {&out, &*exposure};
    finish_all(both);
  } else {
    out.finish();
  }
  report.bad_lines(scores.bad_lines(), scores.name());
  report_lines(report, result.meeting.lines(plan.side_tables(), scores.name()));
  if (const PolicyLog* log = plan.log()) report_log(report, *log, result.counts);
  report_counts(report, result.counts, options.request);
  report.finish();
  return kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  RankToolOptions options;
  return run_main({"rec-rank", "Rank each user's candidates: filter, re-rank, order, cut",
                   [&options](Command& command) {
                     declare_options(command.options(), options);
                     command.on_run([&options, &command] {
                       check_rank_options(command.options(), options);
                       return run(options);
                     });
                   }},
                  argc, argv);
}
