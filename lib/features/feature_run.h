// Where a command of rec-features reads and writes, and with what. Plain data, for one thread.
#pragma once

#include <functional>
#include <string>

#include "data/artefact.h"
#include "data/id_list.h"
#include "io/output.h"
#include "io/table.h"

namespace rec {

struct FeatureRun {
  std::string input = "-";
  std::string id = "item";  // the column of ids: item or user
  std::string output = "-";
  std::string state;  // where the state is written; "": nowhere
  std::string apply;  // the state that is applied; "": one is learnt
  ReadOptions read;
  int threads = 1;
  Sync sync = Sync::kYes;
  std::function<bool(bool input_has_header)> with_header;
};

// The ids that alone have rows: as read_id_list(), with Error for a list without any.
IdList read_allowed(const std::string& path, const FeatureRun& run, const ReadOptions& read);

// Puts `out` in place and, where run.state names a file, the state beside it: both or neither.
void finish(const FeatureRun& run, Output& out, const std::function<Artefact()>& state);

}  // namespace rec
