#include "tune/run.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/error.h"
#include "base/number.h"
#include "base/version.h"

namespace rec {
namespace {

using Declare = void (*)(const EmbedTool& tool);
constexpr std::pair<const char*, Declare> kTrainers[] = {
    {"pop", declare_pop},          {"als", declare_als},
    {"ease", declare_ease},        {"svd", declare_svd},
    {"knn", declare_knn},          {"mf", declare_mf},
    {"content", declare_content},  {"attention-pool", declare_attention_pool},
    {"neural", declare_neural},    {"sasrec", declare_sasrec},
    {"bert4rec", declare_bert4rec}};

// Those that make no model of the whole, or another output than a file. Those of rec-tune itself, and those that write
// files, are no option of a point either.
constexpr const char* kNotOfPoint[] = {"--half-epoch", "--dp-epsilon", "--statistics-only", "--statistics",
                                       "--tensorboard"};

// Sets a flag for as long as it lives.
class WhileSet {
 public:
  explicit WhileSet(bool& flag) : flag_(flag) { flag_ = true; }
  ~WhileSet() { flag_ = false; }
  WhileSet(const WhileSet&) = delete;
  WhileSet& operator=(const WhileSet&) = delete;

 private:
  bool& flag_;
};

struct OnlyChecked {};  // ends a run that is not meant to read anything

Declare declaration_of(const std::string& model) {
  for (const auto& [name, declare] : kTrainers) {
    if (model == name) return declare;
  }
  if (model == "fm")
    fail_usage("--space: fm learns from labelled rows, which rec-tune does not read: rec-embed fm --valid compares");
  fail_usage("--space: no trainer \"{}\"; there are {}", printable(model), trainer_names());
}

}  // namespace

bool is_trainer(const std::string& name) {
  return std::any_of(std::begin(kTrainers), std::end(kTrainers), [&](const auto& its) { return name == its.first; });
}

std::string trainer_names() {
  std::string names;
  for (const auto& [name, declare] : kTrainers) names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

Words TrainerRuns::arguments(const std::string& model, const Words& words, const RunFiles& files,
                             bool has_epochs) const {
  Words all{model};
  for (size_t at = 0; at < words.size(); ++at) {
    if (files.refit && words[at] == "--patience") {
      ++at;
    } else if (!files.refit || !words[at].starts_with("--patience=")) {
      all.push_back(words[at]);
    }
  }
  if (!files.refit) all.insert(all.end(), {"--valid", options_.valid, "--metric", options_.metric});
  if (has_epochs && !files.checkpoint.empty())
    all.insert(all.end(), {"--checkpoint", files.checkpoint, "--resume", "--no-sync"});
  all.insert(all.end(), options_.table_words.begin(), options_.table_words.end());
  return all;
}

Words TrainerRuns::command(const std::string& model, const Words& words, bool refit) const {
  Words all{"rec-embed"};
  const Words its = arguments(model, words, {.checkpoint = "", .refit = refit}, false);
  all.insert(all.end(), its.begin(), its.end());
  if (options_.common.output != "-") all.insert(all.end(), {"-o", options_.common.output});
  std::vector<std::string> inputs = options_.inputs;
  if (refit) inputs.push_back(options_.valid);
  if (std::any_of(inputs.begin(), inputs.end(), [](const std::string& path) { return path.starts_with('-'); }))
    all.emplace_back("--");
  all.insert(all.end(), inputs.begin(), inputs.end());
  return all;
}

// Throws UsageError for an option that is not for a point.
void TrainerRuns::check_own(const std::string& model, const Words& words) {
  Command tool("rec-embed", "");
  declaration_of(model)({tool, this});
  Words own{model};
  own.insert(own.end(), words.begin(), words.end());
  try {
    tool.parse(own, kVersion);
  } catch (const UsageError&) {  // perhaps for want of --valid: what is wrong is found with it
  }
  Command rec_tune("rec-tune", "");
  TuneOptions unused;
  add_tune_options(rec_tune.options(), unused);
  for (const Option& option : tool.commands().front().options().all()) {
    const bool is_ours = option.flag() != "--seed" && rec_tune.options().find(option.flag()) != nullptr;
    const bool is_other =
        std::find(std::begin(kNotOfPoint), std::end(kNotOfPoint), option.flag()) != std::end(kNotOfPoint);
    if (option.given() && (is_ours || is_other || option.file() == Option::File::kWritten))
      fail_usage("{} is not for a point of a search", option.flag());
  }
}

TrainerRuns::Checked TrainerRuns::check(const std::string& model, const Words& words) {
  Command tool("rec-embed", "");
  declaration_of(model)({tool, this});
  const OptionTable& table = tool.commands().front().options();
  Words given = arguments(model, words, {}, false);
  given.insert(given.end(), {"-q", "--"});
  given.insert(given.end(), options_.inputs.begin(), options_.inputs.end());
  const WhileSet only_checks(only_checks_);
  const auto refuse = [&](const char* text) {
    Words line{model};
    line.insert(line.end(), words.begin(), words.end());
    fail_usage("--space: {}: {}", shell_line(line), text);
  };
  try {
    check_own(model, words);
    tool.parse(given, kVersion)();
  } catch (const OnlyChecked&) {
  } catch (const Command::Printed&) {
    refuse("--help is not for a point of a search");
  } catch (const UsageError& error) {
    refuse(error.what());
  }
  Checked checked;
  const Option* epochs = table.find("--epochs");
  const bool by_itself = epochs != nullptr && !epochs->given() && epochs->default_shown() != epochs->text();
  if (epochs != nullptr && !by_itself) checked.epochs = static_cast<int>(*parse_integer<int64_t>(epochs->text()));
  for (const Option& option : table.all()) {
    if (option.file() != Option::File::kRead || !option.given() || option.is_positional() || option.flag() == "--valid")
      continue;
    const std::vector<std::string> paths = option.paths();
    checked.files.insert(checked.files.end(), paths.begin(), paths.end());
  }
  return checked;
}

TrainedModel TrainerRuns::run(const std::string& model, const Words& words, const RunFiles& files) {
  Command tool("rec-embed", "");
  declaration_of(model)({tool, this});
  const bool has_epochs = tool.commands().front().options().find("--checkpoint") != nullptr;
  Words given = arguments(model, words, files, has_epochs);
  given.insert(given.end(),
               {"-q", "-j", std::to_string(files.threads > 0 ? files.threads : options_.common.jobs()), "--"});
  given.insert(given.end(), options_.inputs.begin(), options_.inputs.end());
  refit_ = files.refit;
  const auto start = std::chrono::steady_clock::now();
  tool.parse(given, kVersion)();
  TrainedModel trained;
  trained.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  trained.model = std::exchange(taken_, {});
  const auto meta = [&](const char* key) -> std::optional<double> {
    const auto found = trained.model.meta.find(key);
    return found == trained.model.meta.end() ? std::nullopt : parse_number<double>(found->second);
  };
  trained.metric = meta("valid-value");
  if (has_epochs) trained.epoch = static_cast<int>(meta("epochs").value_or(0));
  uint64_t bytes = trained.model.items.bytes().size() + trained.model.users.bytes().size();
  for (const auto& [name, ids] : trained.model.tables) bytes += ids.bytes().size();
  for (const Artefact::Tensor& tensor : trained.model.tensors()) bytes += tensor.bytes();
  for (const Artefact::Sparse& matrix : trained.model.sparse()) {
    const SparseView& view = matrix.view;
    bytes += view.begin.size_bytes() + view.index.size_bytes() + view.weight.size_bytes();
  }
  trained.memory = static_cast<double>(bytes) / 1048576.0;
  return trained;
}

const LoadedInteractions& TrainerRuns::table_of(bool refit, const OptionalColumns& wanted) {
  const std::string key =
      fmt::format("{} {} {} {} {}", refit, wanted.value, wanted.timestamp, wanted.weight, wanted.no_negative_for);
  const auto found = tables_.find(key);
  if (found != tables_.end()) return found->second;
  std::vector<std::string> inputs = options_.inputs;
  if (refit) inputs.push_back(options_.valid);
  ReadOptions read = options_.common.read_options();
  const std::string first = first_file(inputs, read);
  const LoadedInteractions& table =
      tables_.emplace(key, read_interactions(first, read, wanted, options_.common.jobs())).first->second;
  if (!refit && !std::exchange(read_, true)) first_read_(table);
  return table;
}

const Interactions& TrainerRuns::data(bool refit) { return table_of(refit, {.value = true, .timestamp = true}).data; }

const LoadedInteractions& TrainerRuns::loaded(bool refit, const WantedColumns& wanted) {
  return table_of(refit, OptionalColumns{.value = wanted.value,
                                         .timestamp = wanted.timestamp,
                                         .weight = wanted.weight,
                                         .no_negative_for = wanted.no_negative ? wanted.value_for : ""});
}

void TrainerRuns::read_for(const std::string& model, const Words& words) {
  asked_for_.reset();
  try {
    check(model, words);
    if (asked_for_) loaded(false, *asked_for_);
  } catch (const Error&) {
  } catch (const UsageError&) {
  }
}

LoadedInteractions TrainerRuns::load(const WantedColumns& wanted) {
  if (only_checks_) {
    asked_for_ = wanted;
    throw OnlyChecked();
  }
  return loaded(refit_, wanted);
}

}  // namespace rec
