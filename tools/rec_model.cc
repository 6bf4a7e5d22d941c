// rec-model: looks into a model file, checks it, converts it, makes it small, joins or sums parts, adds new ids by
// their features, lists similar items.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/number.h"
#include "base/vectors_name.h"
#include "cli/options.h"
#include "cli/run_main.h"
#include "data/artefact_rows.h"
#include "data/quantise.h"
#include "data/titles.h"
#include "model/convert.h"
#include "model/info.h"
#include "model/prune.h"
#include "model/quantise.h"
#include "model/sum.h"
#include "rerank/ranking_rows.h"
#include "score/extend_by_files.h"
#include "score/similar.h"

namespace {

using namespace rec;

struct ModelOptions {
  CommonOptions common;
  std::string model = "-";
  std::string items;
  std::vector<std::string> similar_to;
  std::string function;
  size_t top = 10;
  uint32_t min_users = 0;
  std::string titles;
  std::string user_rows;
  std::string item_rows;
  std::vector<std::string> item_features;
  std::vector<std::string> user_features;
  std::vector<std::string> item_vectors;
  std::vector<std::string> user_vectors;
};

void add_model(OptionTable& table, ModelOptions& options) {
  table.add("-m,--model", options.model, "FILE", "Model file; - (default) is stdin").reads_model();
  add_common_options(table, options.common);
}

int run_join(const ModelOptions& options) {
  if (options.user_rows.empty() && options.item_rows.empty()) fail_usage("join needs --users, --items or both");
  if ((options.model == "-") + (options.user_rows == "-") + (options.item_rows == "-") > 1)
    fail_usage("stdin (-) is used for more than one input");
  Report("rec-model", options.common).reading(options.model);
  Artefact model = dequantised(read_artefact(options.model, options.common.jobs()));
  if (!options.user_rows.empty()) model = join_rows(model, RowKind::kUser, options.user_rows, options.common.jobs());
  if (!options.item_rows.empty()) model = join_rows(model, RowKind::kItem, options.item_rows, options.common.jobs());
  Output out(options.common.output, options.common.sync);
  write_artefact(model, encoding_for(options.common.output), out, options.common.jobs());
  out.finish();
  return kExitDone;
}

int run_extend(const ModelOptions& options) {
  if (options.item_features.empty() && options.user_features.empty() && options.item_vectors.empty() &&
      options.user_vectors.empty())
    fail_usage("extend needs --item-features, --user-features, --item-vectors or --user-vectors");
  const auto stdins = [](const std::vector<std::string>& files) {
    return static_cast<size_t>(std::count(files.begin(), files.end(), "-"));
  };
  if ((options.model == "-") + stdins(options.item_features) + stdins(options.user_features) +
          count_stdin(options.item_vectors) + count_stdin(options.user_vectors) >
      1)
    fail_usage("stdin (-) is used for more than one input");
  const Report report("rec-model", options.common);
  report.reading(options.model);
  Output out(options.common.output, options.common.sync);
  Artefact model = read_artefact(options.model, options.common.jobs());
  for (const IdKind of : {IdKind::kItem, IdKind::kUser}) {
    const bool items = of == IdKind::kItem;
    const Extended extended =
        extend_by_files(model, of, items ? options.item_features : options.user_features,
                        items ? options.item_vectors : options.user_vectors, options.common.read_options(),
                        input_name(options.model), options.common.jobs());
    report.bad_lines(extended.bad_lines, "features");
    for (const std::string& note : extended.notes) report.note(note);
  }
  write_artefact(model, encoding_for(options.common.output), out, options.common.jobs());
  out.finish();
  report.finish();
  return kExitDone;
}

int run_similar(const ModelOptions& options) {
  if (options.titles == "-" && options.model == "-") fail_usage("stdin (-) is used for more than one input");
  const Report report("rec-model", options.common);
  report.reading(options.model);
  std::optional<ItemTexts> titles;
  if (!options.titles.empty()) {
    titles = read_titles(options.titles, options.common.read_options());
    report.bad_lines(titles->bad_lines, titles->name);
  }
  const std::unique_ptr<Model> model =
      Model::of(read_artefact(options.model, options.common.jobs(), Reading::kByPart), options.model, 0);
  model->require_comparable_items(input_name(options.model));
  ScoreForm form = model->parts().items.cols > 0 ? ScoreForm::kCosine : ScoreForm::kNeighbours;
  if (!options.function.empty()) form = score_form_of(options.function);
  const float* users = model->item_counts();
  if (options.min_users > 0 && users == nullptr)
    fail("{}: the model has no number of users of each item, which --min-users needs", input_name(options.model));
  std::vector<bool> few(model->items().size(), false);
  for (size_t item = 0; options.min_users > 0 && item < few.size(); ++item)
    few[item] = users[item] < static_cast<float>(options.min_users);
  Output out(options.common.output, options.common.sync);
  std::string text = fmt::format("item\tsimilar_item\tsimilarity\trank{}\n", titles ? "\ttitle" : "");
  uint64_t without_title = 0;
  for (const std::string& item : options.similar_to) {
    const uint32_t number = model->items().find(item);
    if (number == kNoId) fail("{}: no item \"{}\" in the model", input_name(options.model), printable(item));
    if (few[number]) {
      report.note(fmt::format("\"{}\" has fewer than {} users: no rows", printable(item), options.min_users));
      continue;
    }
    size_t rank = 0;
    for (const Scored& other : similar_items(*model, number, form, options.top, few)) {
      text += fmt::format("{}\t{}\t", item, model->items()[other.index]);
      append_number(text, other.score);
      text += fmt::format("\t{}", ++rank);
      if (titles) append_title(*titles, model->items()[other.index], text, without_title);
      text += '\n';
    }
  }
  out.write(text);
  out.finish();
  if (const auto count = std::count(few.begin(), few.end(), true); count > 0) {
    report.note(fmt::format("{} of {} items left out: fewer than {} users", count, few.size(), options.min_users));
  }
  if (without_title > 0) report.note(counted(without_title, "row") + " whose item has no title");
  return kExitDone;
}

void declare_similar(Command& tool, ModelOptions& options) {
  Command& command = tool.add_command("similar", "List the items that are most similar to given ones");
  OptionTable& table = command.options();
  table.add("ITEM", options.similar_to, "", "Items to compare with").required();
  table.word("--function", options.function, {"cosine", "dot", "neighbours"},
             "cosine or dot of item vectors, or neighbours: the model's weights (default: cosine, or neighbours in a "
             "model without item vectors)");
  table.add("-k,--top", options.top, "N", "Rows for each item").at_least(1);
  table.add("--min-users", options.min_users, "K", "Leave out items with fewer than K users, and count them")
      .at_least(1)
      .none(0);
  table
      .add("--titles", options.titles, "FILE",
           "Titles of items (item title): append a column title of the similar item, empty where unknown")
      .reads();
  add_table_options(table, options.common, titles_spec());
  table.remove("--side-columns");  // the titles are the only table
  table.remove("--header");        // a report, which has one
  for (Option& option : table.all()) {
    for (const char* flag : {"--columns", "--csv", "--delimiter", "--header-rows", "--bad-lines"}) {
      if (option.matches(flag)) option.needs("--titles", [&table] { return table.given("--titles"); });
    }
  }
  add_model(table, options);
  command.on_run([&options] { return run_similar(options); });
}

void declare_extend(Command& tool, ModelOptions& options) {
  Command& command =
      tool.add_command("extend", "Write the model with new items or users, whose vectors come from their features");
  OptionTable& table = command.options();
  table.add("--item-features", options.item_features, "FILE", "Features of new items; repeatable").reads();
  table.add("--user-features", options.user_features, "FILE", "Features of new users; repeatable").reads();
  table
      .add("--item-vectors", options.item_vectors, "[NAME=]FILE[:PART]",
           "Vectors of new items: a table, an array with a file of ids, or a model; repeatable")
      .reads_vectors();
  table
      .add("--user-vectors", options.user_vectors, "[NAME=]FILE[:PART]",
           "Vectors of new users: a table, an array with a file of ids, or a model; repeatable")
      .reads_vectors();
  add_table_options(table, options.common, {"features", {{"item"}, {"user"}}});
  table.remove("--side-columns");  // the features are the input
  table.remove("--header");        // a model has no header line
  add_model(table, options);
  command.on_run([&options] { return run_extend(options); });
}

void declare_join(Command& tool, ModelOptions& options) {
  Command& command =
      tool.add_command("join", "Write the model with other users or items, from rows of rec-embed als --half-epoch");
  OptionTable& table = command.options();
  table.add("--users", options.user_rows, "FILE", "Rows \"user ID VALUES\", in any order").reads();
  table.add("--items", options.item_rows, "FILE", "Rows \"item ID VALUES\", in any order").reads();
  add_model(table, options);
  command.on_run([&options] { return run_join(options); });
}

}  // namespace

int main(int argc, char** argv) {
  ModelOptions options;
  PruneOptions prune;
  QuantiseOptions quantise;
  return run_main(
      {"rec-model", "Show a model file, convert it, make it smaller, join, extend or sum it, list similar items",
       [&options, &prune, &quantise](Command& tool) {
         declare_info(tool);
         declare_check(tool);
         declare_convert(tool);
         declare_quantise(tool, quantise);
         declare_prune(tool, prune);
         declare_similar(tool, options);
         declare_join(tool, options);
         declare_extend(tool, options);
         declare_sum(tool);
       }},
      argc, argv);
}
