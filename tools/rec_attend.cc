// rec-attend: how a user's attention is shared out, over candidates, over the
// catalogue, or over the user's own history.
#include "base/error.h"
#include "cli/model_options.h"
#include "cli/options.h"
#include "cli/run_main.h"
#include "score/session.h"
#include "score/streams.h"

namespace {

using namespace rec;

struct Options {
  CommonOptions common;
  ModelOptions model;
  std::string input = "-";
  std::string function;
  double temperature = 1.0;
  bool has_temperature = false;
  std::string over = "candidates";
  bool by_head = false;
  bool grouped = false;
  bool ungrouped = false;
};

void declare_options(OptionTable& table, Options& options) {
  table.add("FILE", options.input, "", "Candidates: user item [...], or users with --all; - (default) is stdin")
      .reads();
  table.word("--function", options.function, attention_names(), "Attention function g (default: that of the model)");
  table
      .add("-t,--temperature", options.temperature, "T",
           "Softmax temperature; above 1 the weights are more equal, below 1 less")
      .above(0);
  table.word("--over", options.over, {"candidates", "history"},
             "Which items get the attention: the candidates, or for each candidate the items of the history");
  table
      .flag("--by-head", options.by_head,
            "With --over history: write the attention weights of each block and head, if the model has heads")
      .needs("--over history", [&options] { return options.over == "history"; });
  add_model_options(table, options.model);
  add_table_options(table, options.common, candidates_spec());
  add_grouping_options(table, options.grouped, options.ungrouped);
  add_line_buffered_option(table, options.common);
  add_common_options(table, options.common);
}

void check_options(const OptionTable& table, Options& options) {
  check_model_options(table, options.model, options.input);
  const bool history = options.over == "history";
  if (history && options.model.all) fail_usage("--over history needs candidates, not --all");
  if (history && options.model.history.empty()) fail_usage("--over history needs --history FILE");
  if (history && options.model.keep) fail_usage("--keep does not apply to --over history");
  for (const char* name : {"--fallback", "--refold"}) {
    if (history && table.given(name)) fail_usage("{} does not apply to --over history", name);
  }
  if (options.by_head && !options.function.empty()) fail_usage("--by-head does not apply to --function");
  option_needs(table, "--top", "--all or --over history", options.model.all || history);
  options.has_temperature = table.given("--temperature");
  if (history && !table.given("--top")) options.model.top = SIZE_MAX;
  if (options.model.all && (options.grouped || options.ungrouped))
    fail_usage("--grouped and --ungrouped do not apply to --all");
}

StreamCounts run_all(const Options& options, Session& session, ScoreForm function, StreamOptions stream, Output& out,
                     const Report& report) {
  const CommonOptions& common = options.common;
  if (options.model.users.empty() && !options.model.all_users) report.reading(options.input);
  const UserList users = users_of_run(session, {.model = options.model.model,
                                                .input = options.input,
                                                .users = options.model.users,
                                                .everyone = options.model.all_users,
                                                .read = common.read_options(),
                                                .side = common.side_options()});
  report.bad_lines(users.bad_lines, users.name);
  for (const std::string& text : users.warnings) report.warning(text);
  CatalogueOptions catalogue;
  catalogue.output = CatalogueOptions::Output::kAttention;
  catalogue.attention = function;
  catalogue.temperature = options.temperature;
  catalogue.top = options.model.top;
  session.model().expect_lookups(users.users.size(), 0);
  stream.header = common.with_header(users.header);
  const Catalogue all(session.model(), session.users(), session.exclusions(), catalogue);
  return best_of_catalogue(users.names(), session.model(), all, catalogue.top, "attention", stream, out);
}

// By the encoder's own attention, where it has one and no function is asked for.
std::unique_ptr<HistoryAttention> explain(const Options& options, const Model& model, ScoreForm function) {
  const bool own = options.by_head || (options.function.empty() && model.encoder().attention_heads().blocks > 0);
  std::unique_ptr<const Scorer> scorer;
  if (!own) scorer = make_scorer(function, model.parts());
  if (options.has_temperature && (own || !scorer->history_has_temperature()))
    fail_usage("--temperature does not apply to --over history by {}",
               own ? "the model's own attention" : name_of(function));
  if (own) return std::make_unique<HistoryAttention>(model, options.by_head);
  return std::make_unique<HistoryAttention>(model, std::move(scorer), options.temperature);
}

int run(const Options& options) {
  const CommonOptions& common = options.common;
  const Report report("rec-attend", common);
  const int threads = common.jobs();
  const bool over_history = options.over == "history";
  Session session({.model = options.model.model,
                   .history = options.model.history,
                   .item_features = options.model.item_features,
                   .user_features = options.model.user_features,
                   .fallback = over_history ? "zero" : options.model.fallback,
                   .exclude = options.model.exclude,
                   .fold_in = !over_history,
                   .context = options.model.context,
                   .refold = options.model.refold,
                   .side = common.side_options(),
                   .threads = threads});
  if (!over_history) session.require_whole_context();
  const ScoreForm function = options.function.empty() ? session.model().attention() : score_form_of(options.function);
  std::unique_ptr<HistoryAttention> explanation;
  if (over_history) session.model().require_comparable_items(input_name(options.model.model));
  if (over_history) explanation = explain(options, session.model(), function);
  Output out(common.output, common.sync, common.buffering());
  Progress progress("rec-attend", common);
  StreamOptions stream{.keep = options.model.keep, .threads = threads, .progress = [&](size_t done, size_t total) {
                         progress.update(static_cast<double>(done), static_cast<double>(total), "users");
                       }};
  StreamCounts counts;
  std::vector<std::string> warnings;
  if (options.model.all) {
    counts = run_all(options, session, function, stream, out, report);
  } else {
    const Grouping grouping = options.grouped || common.line_buffered ? Grouping::kGrouped
                              : options.ungrouped                     ? Grouping::kUngrouped
                                                                      : Grouping::kAuto;
    report.reading(options.input);
    GroupReader candidates(options.input, candidates_spec(), common.read_options(&progress), grouping);
    stream.header = common.with_header(candidates.layout().header);
    const size_t lookups = common.line_buffered ? 0 : candidates.lines_left();
    session.model().expect_lookups(lookups, lookups);
    if (over_history) {
      counts = attend_history(candidates, session.model(), *explanation, session.histories(), options.by_head,
                              options.model.top, stream, out);
    } else {
      const PairScorer scorer(session.model(), function, session.users());
      counts = attend_candidates(candidates, session.model(), scorer, options.temperature, stream, out);
    }
    report.bad_lines(candidates.bad_lines(), candidates.name());
    warnings = session.warnings(
        {.name = candidates.name(), .users = counts.user_ids.column(), .items = counts.item_ids.column()});
  }
  out.finish();
  progress.clear();
  report.bad_lines(session.bad_lines(), "side tables");
  for (const std::string& note : session.notes()) report.note(note);
  const std::string what = over_history ? "without a known history got no rows" : fallback_note(session.users());
  for (const std::string& note : notes_of(counts, what, session.users())) report.note(note);
  if (!session.model().compares_items())
    report.note(input_name(options.model.model) + ": popularity knows no users: the attention is alike for everyone");
  for (const std::string& text : warnings) report.warning(text);
  report.finish();
  return kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return run_main({"rec-attend", "Compute the attention of each user over candidates, the catalogue or the history",
                   [&options](Command& command) {
                     declare_options(command.options(), options);
                     command.on_run([&options, &command] {
                       check_options(command.options(), options);
                       return run(options);
                     });
                   }},
                  argc, argv);
}
