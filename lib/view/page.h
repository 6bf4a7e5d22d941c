// One self-contained page of HTML from the tables of the other tools: rankings, titles, pictures, histories, attention,
// metrics, the exposure of groups. Its bytes depend on the tables and the options alone. For one thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "io/output.h"
#include "io/table.h"

namespace rec {

struct ViewOptions {
  std::string ranking = "-";  // user item [score [rank]]
  // Files beside it, "": none.
  std::string compare;    // another ranking
  std::string titles;     // item title
  std::string images;     // item image
  std::string history;    // interactions
  std::string attention;  // user item history_item attention [block head]
  std::string metrics;    // metric value [low high]
  std::string features;   // of items, and
  std::string exposure;   // the kind of them whose categories are groups
  std::string heading = "Recommendations";
  size_t max_users = 1000;
  size_t max_history = 50;  // items of a user, the latest
  size_t top = 20;          // rows of a ranking
};

struct ViewCounts {
  uint64_t users = 0;
  uint64_t users_left_out = 0;
  uint64_t without_title = 0;    // items of the page
  uint64_t without_image = 0;    // items of the page that --images does not have
  uint64_t refused_images = 0;   // items of the page whose image is no URL that a page may have
  uint64_t without_history = 0;  // users of the page
  uint64_t places = 0;           // of the lists, with --exposure
  uint64_t without_group = 0;    // of these: whose item is in no group
  std::vector<std::pair<uint64_t, std::string>> bad_lines;  // by file
};

TableSpec view_ranking_spec();

// Writes the page. A list is in the order of its rank, else of its score, else as it came; the first of equal ones
// stands first. The first max_users users of the ranking are shown, in its order. A history has each item once, the
// latest first, by time, else by place in the table; attention beyond it is not shown. main: how the ranking is
// read; side: the other tables. Throws Error for a malformed line.
ViewCounts write_page(const ViewOptions& options, const ReadOptions& main, const ReadOptions& side, int threads,
                      Output& out);

}  // namespace rec
