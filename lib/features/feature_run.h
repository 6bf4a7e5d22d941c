// Where a command of rec-features reads and writes, and with what. Plain data, for one thread.
#pragma once

#include <functional>
#include <string>

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

}  // namespace rec
