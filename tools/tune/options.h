// The command line of rec-tune. For one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"
#include "metrics/metric_table.h"
#include "search/search.h"

namespace rec {

struct TuneOptions {
  CommonOptions common;
  std::vector<std::string> inputs;  // read as one table
  std::string valid;
  std::string metric = "ndcg@10";
  std::vector<std::string> spaces;  // as given
  std::vector<std::string> models;  // by --models
  std::optional<double> budget;     // seconds
  SearchOptions search;             // its trials: those of --trials
  std::string leaderboard;          // "": none is written
  bool refit = false;

  std::vector<Space> parsed_spaces;  // of --space

  // The options of the tables that rec-embed is to be given, too.
  Words table_words;
};

void add_tune_options(OptionTable& table, TuneOptions& options);
// Throws UsageError for what the table of options cannot see; sets what follows from them.
void check_tune_options(const OptionTable& table, TuneOptions& options);

}  // namespace rec
