// rec-view: one page of HTML to look at, from the tables of the other tools.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/number.h"
#include "cli/options.h"
#include "cli/run_main.h"
#include "view/page.h"

namespace {

using namespace rec;

struct Options {
  CommonOptions common;
  ViewOptions view;
};

void declare_options(OptionTable& table, Options& options) {
  ViewOptions& view = options.view;
  table.add("FILE", view.ranking, "", "A ranking: user item [score [rank]]; - (default) is stdin").reads();
  table.add("--titles", view.titles, "FILE", "Titles of items (item title)").reads();
  table.add("--images", view.images, "FILE", "Pictures of items (item image): http(s), data or relative URLs").reads();
  table.add("--history", view.history, "FILE", "Interactions: what the users did before").reads();
  table
      .add("--attention", view.attention, "FILE",
           "The output of rec-attend --over history: the items of the history light up by their attention")
      .reads()
      .needs("--history", [&view] { return !view.history.empty(); });
  table.add("--compare", view.compare, "FILE", "A second ranking, side by side with the first").reads();
  table.add("--metrics", view.metrics, "FILE", "Metrics of rec-eval (metric value [low high])").reads();
  table.add("--features", view.features, "FILE", "Features of items, for --exposure")
      .reads()
      .needs("--exposure", [&view] { return !view.exposure.empty(); });
  table
      .add("--exposure", view.exposure, "KIND",
           "Show how the exposure in the lists is divided among the categories of that kind of features")
      .needs("--features", [&view] { return !view.features.empty(); });
  table.add("--heading", view.heading, "TEXT", "The heading of the page");
  table.add("-k,--top", view.top, "N", "Rows of each ranking for each user").above(0);
  table.add("--max-users", view.max_users, "N", "Users on the page: the first of the ranking").above(0);
  table.add("--max-history", view.max_history, "N", "Items of a history: the latest").above(0);
  add_table_options(table, options.common, view_ranking_spec());
  table.remove("--header");  // a page has no header line
  add_common_options(table, options.common);
}

void report_counts(const Report& report, const ViewCounts& counts) {
  for (const auto& [count, file] : counts.bad_lines) report.bad_lines(count, file);
  auto note = [&](uint64_t count, const char* noun, const char* what) {
    if (count > 0) report.note(counted(count, noun) + " " + what);
  };
  if (counts.users == 0) report.warning("the ranking has no rows: the page shows no user");
  note(counts.users_left_out, "user", "left out; a greater --max-users shows more");
  note(counts.without_title, "item", "without a title");
  note(counts.without_image, "item", "without an image");
  note(counts.refused_images, "image", "left out: not an http(s) URL, data:image/...;base64 or relative path");
  note(counts.without_history, "user", "without a history");
  if (counts.places > 0 && counts.without_group == counts.places) {
    report.warning("no item of the lists is in a group of --exposure: the ids of --features may be others");
  } else {
    note(counts.without_group, "place", "with an item of no group of --exposure");
  }
}

int run(const Options& options) {
  const ViewOptions& view = options.view;
  const std::vector<std::string> paths{view.ranking, view.compare,   view.titles,  view.images,
                                       view.history, view.attention, view.metrics, view.features};
  if (std::count(paths.begin(), paths.end(), "-") > 1) fail_usage("stdin (-) is used for more than one input");
  const Report report("rec-view", options.common);
  report.reading(view.ranking);
  Output out(options.common.output, options.common.sync);
  out.no_table();
  const ViewCounts counts =
      write_page(view, options.common.read_options(), options.common.side_options(), options.common.jobs(), out);
  out.finish();
  report_counts(report, counts);
  report.finish();
  return kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return run_main({"rec-view", "Make an HTML page of recommendations, with explanations and metrics",
                   [&options](Command& command) {
                     declare_options(command.options(), options);
                     command.on_run([&options] { return run(options); });
                   }},
                  argc, argv);
}
