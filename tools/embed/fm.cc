// rec-embed fm: labelled rows with context, by logistic regression, factorisation machine and layers.
#include "base/number.h"
#include "models/fm/fm_trainer.h"

#include <utility>

#include "base/error.h"
#include "cli/run_main.h"
#include "data/digest.h"
#include "embed/epochs.h"
#include "embed/feature_tables.h"
#include "io/output.h"
#include "train/labelled_validation.h"

namespace rec {
namespace {

// Each is a table of ids in the model, beside those of features.
constexpr size_t kMostColumns = Artefact::kMaxTables - 2;

struct FmCommand {
  EmbedOptions embed;
  FitOptions fit;
  FmOptions fm;
  std::string context;
  std::vector<std::string> columns;  // of context
  CalibrationKind calibration = CalibrationKind::kNone;
};

void add_options(OptionTable& table, FmCommand& options) {
  options.fit.metric = "auc";
  options.fit.patience = 2;
  table.add("--context", options.context, "COLUMN,...",
            "Further columns of the input that describe a row: categories, by the names of the header");
  options.fm.describe(table);
  add_epoch_options(table, options.fit, "Metric for --valid: auc, gauc or logloss");
  table.choice("--calibrate", options.calibration, kCalibrations,
               "Fit the probabilities to the rows of --valid. platt: by a logistic function of the logit; isotonic: by "
               "a rising step function");
  table
      .add("FILE", options.embed.inputs, "",
           "Labelled rows: label user item [context]; several are read as one; - (default) is stdin")
      .reads();
  TableSpec spec = labelled_spec({});
  spec.columns.push_back({"those of --context"});
  add_table_options(table, options.embed.common, spec);
  table.remove("--header");  // a model has no header line
  add_common_options(table, options.embed.common);
}

std::vector<std::string> columns_of(const std::string& list) {
  std::vector<std::string> columns;
  std::string part;
  for (const char c : list + ",") {
    if (c != ',') {
      part += c;
      continue;
    }
    if (part.empty())
      fail_usage("--context: expected names of columns with commas between them, found \"{}\"", printable(list));
    if (part == "label" || part == "user" || part == "item") fail_usage("--context: {} is a column of its own", part);
    if (std::find(columns.begin(), columns.end(), part) != columns.end())
      fail_usage("--context: the column \"{}\" is there twice", printable(part));
    columns.push_back(std::exchange(part, {}));
  }
  if (columns.size() > kMostColumns)
    fail_usage("--context: expected at most {} columns, found {}", kMostColumns, columns.size());
  return columns;
}

void check_options(const OptionTable& table, FmCommand& options) {
  options.fm.check();
  if (table.given("--context")) options.columns = columns_of(options.context);
  if (!is_metric_of_labels(parse_metric(options.fit.metric)))
    fail_usage("--metric: expected auc, gauc or logloss, found {}", options.fit.metric);
  for (const char* name : {"--rate-decay", "--calibrate"})
    option_needs(table, name, "--valid", !options.fit.valid.empty());
  check_epoch_files(options.fit, options.embed, options.fm.features.stdins());
  check_epoch_options(table, options.embed, options.fm.epochs, options.fit, false);
}

void complete_options(const OptionTable& table, FmCommand& options) {
  options.fm.complete(table.given("--learning-rate"), table.given("--reg"));
}

LabelledRows read_rows(const FmCommand& options, const Report& report) {
  const EmbedOptions& embed = options.embed;
  LabelledRows data = read_inputs(embed, report, [&](const std::string& first, const ReadOptions& read) {
    return read_labelled_rows(first, read, options.columns, embed.common.jobs());
  });
  const std::string name = embed.input_names();
  report.bad_lines(data.bad_lines, name);
  if (data.size() == 0) fail("{}: no rows", name);
  report.note(fmt::format("{}: {}, {} of label 1, {}, {}", name, counted(data.size(), "row"), data.positives(),
                          counted(data.rows.users.size(), "user"), counted(data.rows.items.size(), "item")));
  for (const ContextColumn& column : data.context) {
    const auto empty = std::count(column.value.begin(), column.value.end(), kNoId);
    report.note(
        fmt::format("{}: {} categories{}", printable(column.name), column.categories.size(),
                    empty == 0 ? "" : fmt::format(", {} without one", counted(static_cast<uint64_t>(empty), "row"))));
  }
  if (data.positives() == 0 || data.positives() == data.size())
    report.warning(
        fmt::format("{}: all labels are {}: there is nothing to tell apart", name, data.positives() == 0 ? 0 : 1));
  return data;
}

// The pairs of label 1.
Csr positives_of(const LabelledRows& data) {
  Interactions liked;
  liked.users = data.rows.users;
  liked.items = data.rows.items;
  for (size_t row = 0; row < data.size(); ++row) {
    if (data.rows.value[row] == 0.0f) continue;
    liked.user.push_back(data.rows.user[row]);
    liked.item.push_back(data.rows.item[row]);
  }
  return csr_by_user(liked, {});
}

std::string digest_of(const LabelledRows& data) {
  Digest digest;
  digest.add(std::span<const uint32_t>(data.rows.user));
  digest.add(std::span<const uint32_t>(data.rows.item));
  digest.add(std::span<const float>(data.rows.value));
  for (const ContextColumn& column : data.context) {
    digest.add(column.categories);
    digest.add(std::span<const uint32_t>(column.value));
  }
  return digest.text();
}

TrainingPlan plan(FmCommand& options, LabelledRows& data, const FitEvents& events) {
  FmOptions& fm = options.fm;
  std::vector<SideFeatures> features =
      read_side_features(options.fm.features, options.fit.side, options.fit.threads, data.rows, events);
  fm.resolve(data.size());
  TrainingPlan plan;
  plan.by_user = positives_of(data);
  plan.epochs = fm.epochs;
  plan.note = tell_run_size(data.size(), fm.batch, fm.epochs, "rows", events);
  plan.what = fmt::format("fm: a model of {} fields, {} users and {} items", 2 + data.context.size() + features.size(),
                          data.rows.users.size(), data.rows.items.size());
  plan.size = fmt::format("{} rows", data.size());
  plan.memory = FmTrainer::memory(data, fm, features);
  if (!options.fit.checkpoint.empty()) plan.run["rows"] = digest_of(data);
  for (const SideFeatures& side : features) plan.run[feature_table_name(side.of)] = digest_of(side);
  plan.validation = [&options, &events]() -> std::unique_ptr<Validation> {
    const std::string name = input_name(options.fit.valid);
    LabelledRows held_out =
        read_labelled_rows(options.fit.valid, options.fit.side, options.columns, options.fit.threads);
    events.bad_lines(held_out.bad_lines, name);
    return std::make_unique<LabelledValidation>(std::move(held_out), parse_metric(options.fit.metric), name,
                                                options.calibration);
  };
  plan.make = [&data, &options, features = std::move(features)](Csr by_user) mutable {
    return std::make_unique<FmTrainer>(data, by_user, options.fm, options.fit.threads, std::move(features));
  };
  return plan;
}

int run_fm(FmCommand& options) {
  std::unique_ptr<LabelledRows> data;
  return run_epochs(
      "fm", options.embed, options.fit,
      [&](const Report& report) -> const Interactions& {
        data = std::make_unique<LabelledRows>(read_rows(options, report));
        return data->rows;
      },
      [&](const FitEvents& events) { return plan(options, *data, events); });
}

}  // namespace

void declare_fm(const EmbedTool& tool) {
  embed_command<FmCommand>(tool, "fm", "Labels in context: logistic regression, factorisation machine, layers",
                           add_options, check_options, run_fm, std::make_shared<FmCommand>(), complete_options);
}

}  // namespace rec
