// The log of a training, a TSV line an epoch, that can be looked at while it grows. For one thread.
#pragma once

#include <string>
#include <vector>

#include "io/output.h"

namespace rec {

class TrainingLog {
 public:
  // metric: the name of the last column; "": none. resumes: lines of the same columns that stand at `path` stay, up to
  // the first epoch that is written. A device or pipe is written as it is. Throws Error if it cannot be opened.
  TrainingLog(const std::string& path, const std::string& metric, bool resumes, Sync sync);

  // line: of `epoch`, with its LF; it is in the file when this returns.
  void write(int epoch, const std::string& line);
  // Call once, last.
  void finish();

 private:
  void begin(int epoch);

  std::string header_;
  std::vector<std::string> earlier_;
  Output out_;
  bool begun_ = false;
};

}  // namespace rec
