// rec-score: the recommendation score r = M(h, x)·α for candidates, or the best
// of the whole catalogue.
#include <cmath>

#include "base/error.h"
#include "cli/model_options.h"
#include "cli/options.h"
#include "cli/run_main.h"
#include "score/context_rows.h"
#include "score/follow.h"
#include "score/session.h"
#include "score/streams.h"

namespace {

using namespace rec;

struct Options {
  CommonOptions common;
  ModelOptions model;
  std::string input = "-";
  std::string predictor;
  bool no_attention = false;
  bool labels = false;
  std::string attention;
  double temperature = 1.0;
  bool follow = false;
  bool line_items = false;
};

void declare_options(OptionTable& table, Options& options) {
  table.add("FILE", options.input, "", "Candidates: user item [attention], or users with --all; - (default) is stdin")
      .reads();
  table.word("--predictor", options.predictor, predictor_names(), "Prediction model M (default: that of the model)");
  table.flag("--no-attention", options.no_attention, "r = M, even if the input has an attention column");
  table.flag("--labels", options.labels,
             "The input is user item value: write label prediction weight user item, for rec-eval -m rmse");
  table
      .word("--attention", options.attention, attention_names(),
            "With --all: r = M*attention, the attention by this function of rec-attend")
      .needs("--all", [&options] { return options.model.all; });
  table.add("-t,--temperature", options.temperature, "T", "Softmax temperature of --attention")
      .above(0)
      .needs("--attention", [&options] { return !options.attention.empty(); });
  add_model_options(table, options.model);
  table
      .flag("--follow", options.follow,
            "With --all: answer each line at once with the rows of its user and an empty line, until the input ends; "
            "if the model file is replaced, the new one is used")
      .needs("--all", [&options] { return options.model.all; })
      .excludes("--users")
      .excludes("--all-users");
  table
      .flag("--line-items", options.line_items,
            "With --follow: after the user, a line has the items of a history, oldest first; the vector of the user is "
            "computed from them, and they are left out")
      .needs("--follow", [&options] { return options.follow; });
  TableSpec columns = attention_spec();
  columns.columns.push_back(labels_spec().columns.back());
  add_table_options(table, options.common, columns);
  add_line_buffered_option(table, options.common);
  add_common_options(table, options.common);
}

void check_options(const OptionTable& table, const Options& options) {
  check_model_options(table, options.model, options.input);
  option_needs(table, "--top", "--all", options.model.all);
  option_needs(table, "--context", "--all; without it each line says its own context", options.model.all);
  if (options.follow && options.model.model == "-")
    fail_usage("--follow: the model cannot come from stdin: name its file by --model");
  if (options.labels && options.model.all) fail_usage("--labels does not apply to --all");
  if (options.labels && options.no_attention) fail_usage("--no-attention does not apply to --labels, which reads none");
  if (options.no_attention && options.model.all) fail_usage("--no-attention does not apply to --all");
}

CatalogueOptions catalogue_options(const Options& options) {
  CatalogueOptions catalogue;
  catalogue.output =
      options.attention.empty() ? CatalogueOptions::Output::kPrediction : CatalogueOptions::Output::kScore;
  if (!options.attention.empty()) catalogue.attention = score_form_of(options.attention);
  catalogue.temperature = options.temperature;
  catalogue.top = options.model.top;
  return catalogue;
}

StreamCounts run_all(const Options& options, Session& session, ScoreForm predictor, StreamOptions stream, Output& out,
                     const Report& report) {
  const CommonOptions& common = options.common;
  if (options.model.users.empty() && !options.model.all_users) report.reading(options.input);
  session.require_whole_context();
  const UserList users = users_of_run(session, {.model = options.model.model,
                                                .input = options.input,
                                                .users = options.model.users,
                                                .everyone = options.model.all_users,
                                                .read = common.read_options(),
                                                .side = common.side_options()});
  report.bad_lines(users.bad_lines, users.name);
  for (const std::string& text : users.warnings) report.warning(text);
  CatalogueOptions catalogue = catalogue_options(options);
  catalogue.predictor = predictor;
  catalogue.users = users.users.size();
  catalogue.threads = common.jobs();
  session.model().expect_lookups(users.users.size(), 0);
  stream.header = common.with_header(users.header);
  const Catalogue all(session.model(), session.users(), session.exclusions(), catalogue);
  return best_of_catalogue(users.names(), session.model(), all, catalogue.top, "score", stream, out);
}

SessionOptions session_options(const Options& options) {
  return {.model = options.model.model,
          .history = options.model.history,
          .item_features = options.model.item_features,
          .user_features = options.model.user_features,
          .item_vectors = options.model.item_vectors,
          .user_vectors = options.model.user_vectors,
          .fallback = options.model.fallback,
          .exclude = options.model.exclude,
          .exclude_for = options.model.exclude_for,
          .by_features = options.model.by_features,
          .context = options.model.context,
          .refold = options.model.refold,
          .folds_requests = options.line_items,
          .side = options.common.side_options(),
          .threads = options.common.jobs()};
}

int run_follow(Options options) {
  options.common.line_buffered = true;
  const CommonOptions& common = options.common;
  const Report report("rec-score", common);
  Output out(common.output, common.sync, common.buffering());
  report.reading(options.input);
  const FollowResult result = follow({.session = session_options(options),
                                      .catalogue = catalogue_options(options),
                                      .predictor = options.predictor,
                                      .input = options.input,
                                      .read = common.read_options(),
                                      .line_items = options.line_items,
                                      .with_header = [&](bool header) { return common.with_header(header); },
                                      .warn = [&](const std::string& text) { report.warning(text); }},
                                     out);
  out.finish();
  report.bad_lines(result.bad_lines, input_name(options.input));
  for (const std::string& note : result.notes) report.note(note);
  if (result.models > 1) report.note(fmt::format("{} models were used, one after the other", result.models));
  report.finish();
  return kExitDone;
}

int run(const Options& options) {
  if (options.follow) return run_follow(options);
  const CommonOptions& common = options.common;
  const Report report("rec-score", common);
  const int threads = common.jobs();
  Session session(session_options(options));
  const ScoreForm predictor =
      options.predictor.empty() ? session.model().predictor() : score_form_of(options.predictor);
  Output out(common.output, common.sync, common.buffering());
  Progress progress("rec-score", common);
  StreamOptions stream{.keep = options.model.keep, .threads = threads, .progress = [&](size_t done, size_t total) {
                         progress.update(static_cast<double>(done), static_cast<double>(total), "users");
                       }};
  StreamCounts counts;
  std::vector<std::string> warnings;
  if (options.model.all) {
    counts = run_all(options, session, predictor, stream, out, report);
  } else {
    const ThirdColumn third = options.labels         ? ThirdColumn::kLabel
                              : options.no_attention ? ThirdColumn::kNone
                                                     : ThirdColumn::kAttention;
    report.reading(options.input);
    const Encoder& encoder = session.model().encoder();
    TableReader candidates(options.input,
                           encoder.reads_rows() ? context_rows_spec(encoder.context_columns(), options.labels)
                           : options.labels     ? labels_spec()
                                                : attention_spec(),
                           common.read_options(&progress));
    stream.header = common.with_header(candidates.layout().header);
    const size_t lookups = common.line_buffered ? 0 : candidates.lines_left();
    session.model().expect_lookups(lookups, lookups);
    if (encoder.reads_rows()) {
      counts = score_context_rows(candidates, session.model(), predictor, session.users(), third, stream, out);
    } else {
      const PairScorer scorer(session.model(), predictor, session.users());
      counts = score_candidates(candidates, session.model(), scorer, third, stream, out);
    }
    report.bad_lines(candidates.bad_lines(), candidates.name());
    warnings = session.warnings(
        {.name = candidates.name(), .users = counts.user_ids.column(), .items = counts.item_ids.column()});
  }
  out.finish();
  progress.clear();
  report.bad_lines(session.bad_lines(), "side tables");
  for (const std::string& note : session.notes()) report.note(note);
  for (const std::string& note : notes_of(counts, fallback_note(session.users()), session.users())) report.note(note);
  if (options.labels && !std::isfinite(session.model().value_range().least)) {
    report.note(input_name(options.model.model) +
                ": this model learnt no values: its predictions rank (rec-eval -m auc), and their rmse says nothing; "
                "rec-embed mf learns values");
  }
  for (const std::string& text : warnings) report.warning(text);
  report.finish();
  return kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return run_main({"rec-score", "Score candidates: r = M(user, item) * attention",
                   [&options](Command& command) {
                     declare_options(command.options(), options);
                     command.on_run([&options, &command] {
                       check_options(command.options(), options);
                       return run(options);
                     });
                   }},
                  argc, argv);
}
