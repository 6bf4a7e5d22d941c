// rec-features stats.
#include <fmt/format.h>

#include "base/error.h"
#include "base/number.h"
#include "cli/options.h"
#include "cli/run_main.h"
#include "data/features_unindexed.h"
#include "features/commands.h"
#include "features/feature_stats.h"

namespace rec {
namespace {

int run_stats(const CommonOptions& common, const std::vector<std::string>& inputs) {
  Progress progress("reading", common);
  ReadOptions read = common.read_options(&progress);
  const std::string input = first_file(inputs, read);
  const Report report("rec-features", common);
  report.reading(input);
  const FeatureTable features = read_features_unindexed(input, IdKind::kItem, read, common.jobs());
  progress.clear();
  if (const std::string unused = features.unused_columns(false); !unused.empty()) report.note(unused);
  if (features.ids.size() == 0) fail("{}: no rows", features.name);
  std::string text;
  if (common.with_header(true)) {
    text = "kind\tcategories\titems\tshare\tvalues\tleast\tmean\tgreatest\tcommonest\tcommonest_items\n";
  }
  for (const FeatureKindStats& stats : feature_stats(features)) {
    text += fmt::format("{}\t{}\t{}\t", escaped(stats.kind), stats.categories, stats.items);
    append_number(text, stats.share);
    text += fmt::format("\t{}\t", stats.values);
    append_number(text, stats.least);
    text += '\t';
    append_number(text, static_cast<float>(stats.mean));
    text += '\t';
    append_number(text, stats.greatest);
    text += fmt::format("\t{}\t{}\n", escaped(stats.commonest), stats.commonest_items);
  }
  Output out(common.output, common.sync);
  out.write(text);
  out.finish();
  report.bad_lines(features.bad_lines, features.name);
  report.note(fmt::format("{}: {} items with features", features.name, features.ids.size()));
  report.finish();
  return kExitDone;
}

}  // namespace

void declare_stats(Command& tool) {
  Command& command = tool.add_command("stats", "Show what a table of features holds, kind by kind");
  OptionTable& table = command.options();
  struct All {
    CommonOptions common;
    std::vector<std::string> inputs;
  };
  auto all = std::make_shared<All>();
  table
      .add("FILE", all->inputs, "",
           "Features: item feature [value], or a column a kind; several are read as one; - (default) is stdin")
      .reads();
  add_common_options(table, all->common);
  add_table_options(table, all->common, {"features", {{"item"}}}, true);
  table.remove("--side-columns");  // there is one table
  command.on_run([all] { return run_stats(all->common, all->inputs); });
}

}  // namespace rec
