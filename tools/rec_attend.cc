// rec-attend: how a user's attention is shared out, over candidates, over the
// catalogue, or over the user's own history; and what adds up to a score.
#include "base/error.h"
#include "cli/model_options.h"
#include "cli/options.h"
#include "cli/run_main.h"
#include "score/explain_streams.h"
#include "score/feature_contributions.h"
#include "score/history_contributions.h"
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
  bool contributions = false;
  std::optional<IdKind> features_of;
  bool by_head = false;
  bool grouped = false;
  bool ungrouped = false;

  bool over_history() const { return over == "history"; }
  bool over_features() const { return over == "features"; }
};

void declare_options(OptionTable& table, Options& options) {
  table.add("FILE", options.input, "", "Candidates: user item [...], or users with --all; - (default) is stdin")
      .reads();
  table.word("--function", options.function, attention_names(), "Attention function g (default: that of the model)");
  table
      .add("-t,--temperature", options.temperature, "T",
           "Softmax temperature; above 1 the weights are more equal, below 1 less")
      .above(0);
  table.word("--over", options.over, {"candidates", "history", "features"},
             "Which items get the attention: the candidates, or for each candidate the items of the history; or, for "
             "each candidate, what its features add to its score");
  table
      .flag("--contributions", options.contributions,
            "With --over history: what each item of the history adds to the score, in place of its attention")
      .needs("--over history", [&options] { return options.over_history(); });
  table
      .one_of<std::optional<IdKind>, IdKind>(
          "--features-of", options.features_of, {{"item", IdKind::kItem}, {"user", IdKind::kUser}},
          "With --over features: explain by the features of the items, or by those of the users")
      .needs("--over features", [&options] { return options.over_features(); });
  table
      .flag("--by-head", options.by_head,
            "With --over history: write the attention weights of each block and head, if the model has heads")
      .needs("--over history", [&options] { return options.over_history(); });
  add_model_options(table, options.model);
  add_table_options(table, options.common, candidates_spec());
  add_grouping_options(table, options.grouped, options.ungrouped);
  add_line_buffered_option(table, options.common);
  add_common_options(table, options.common);
}

// What applies to attention alone.
void check_explanation(const OptionTable& table, const Options& options) {
  const bool terms = options.contributions || options.over_features();
  if (!terms && !options.over_history()) return;
  const std::string mode = options.contributions ? "--contributions" : "--over " + options.over;
  if (options.model.all) fail_usage("{} needs candidates, not --all", mode);
  if (options.over_history() && options.model.history.empty()) fail_usage("--over history needs --history FILE");
  if (options.model.keep) fail_usage("--keep does not apply to {}", mode);
  if (options.contributions && options.by_head) fail_usage("--by-head does not apply to --contributions");
  for (const char* name : {"--function", "--temperature"}) {
    if (terms && table.given(name)) fail_usage("{} does not apply to {}", name, mode);
  }
  for (const char* name : {"--fallback", "--refold"}) {
    if (options.over_history() && table.given(name)) fail_usage("{} does not apply to {}", name, mode);
  }
  if (options.over_features() && options.model.fallback == "popular")
    fail_usage("--fallback popular does not apply to --over features: it has no terms");
}

void check_options(const OptionTable& table, Options& options) {
  check_model_options(table, options.model, options.input);
  check_explanation(table, options);
  const bool explains = options.over_history() || options.over_features();
  if (options.by_head && !options.function.empty()) fail_usage("--by-head does not apply to --function");
  option_needs(table, "--top", "--all, --over history or --over features", options.model.all || explains);
  options.has_temperature = table.given("--temperature");
  if (explains && !table.given("--top")) options.model.top = SIZE_MAX;
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
  catalogue.threads = common.jobs();
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

std::unique_ptr<Contributions> contributions_of(const Options& options, Session& session, int threads) {
  if (options.over_history())
    return std::make_unique<HistoryContributions>(session.model(), session.histories(), threads);
  return feature_contributions(session.model(), session.users(), options.features_of,
                               {session.features(IdKind::kItem), session.features(IdKind::kUser)});
}

// What becomes of users of whom there is nothing to say.
std::string fallback_of(const Options& options, const Session& session) {
  if (options.over_history()) return "without a known history got no rows";
  return options.over_features() ? "without a vector got no rows" : fallback_note(session.users());
}

int run(const Options& options) {
  const CommonOptions& common = options.common;
  const Report report("rec-attend", common);
  const int threads = common.jobs();
  const bool over_history = options.over_history();
  const bool terms = options.contributions || options.over_features();
  Session session({.model = options.model.model,
                   .history = options.model.history,
                   .item_features = options.model.item_features,
                   .user_features = options.model.user_features,
                   .item_vectors = options.model.item_vectors,
                   .user_vectors = options.model.user_vectors,
                   .fallback = over_history ? "zero" : options.model.fallback,
                   .exclude = options.model.exclude,
                   .exclude_for = options.model.exclude_for,
                   .by_features = options.model.by_features,
                   .fold_in = !over_history,
                   .context = options.model.context,
                   .refold = options.model.refold,
                   .keep_features = options.over_features(),
                   .side = common.side_options(),
                   .threads = threads});
  if (!over_history) session.require_whole_context();
  const ScoreForm function = options.function.empty() ? session.model().attention() : score_form_of(options.function);
  std::unique_ptr<HistoryAttention> explanation;
  if (over_history) session.model().require_comparable_items(input_name(options.model.model));
  if (over_history && !terms) explanation = explain(options, session.model(), function);
  std::unique_ptr<Contributions> contributions;
  if (terms) contributions = contributions_of(options, session, threads);
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
    if (terms) {
      counts = explain_candidates(candidates, session.model(), *contributions, options.model.top, stream, out);
    } else if (over_history) {
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
  for (const std::string& note : notes_of(counts, fallback_of(options, session), session.users())) report.note(note);
  if (const char* sum = terms ? sum_of_contributions(session.model()) : ""; *sum != '\0')
    report.note(fmt::format("{}: the contributions add up to {}", input_name(options.model.model), sum));
  if (!session.model().compares_items())
    report.note(input_name(options.model.model) +
                ": popularity knows no users: the attention is the same for everyone");
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
