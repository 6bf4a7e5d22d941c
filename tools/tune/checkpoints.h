// The checkpoints of the runs of a search, from which a point goes on to more epochs. For one thread.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/signals.h"
#include "io/fd.h"

namespace rec {

class Checkpoints {
 public:
  // leaderboard: the files lie in the folder LEADERBOARD.checkpoints and stay there until remove_all(), so that a
  // search that was killed goes on from them; what lies there without a leaderboard is removed, first and last. "":
  // they are scratch files in the folder for these, and go with this. Throws Error where the folder cannot be made, or
  // where another process has it open.
  Checkpoints(const std::string& leaderboard, bool lower_is_better);
  ~Checkpoints();
  Checkpoints(const Checkpoints&) = delete;
  Checkpoints& operator=(const Checkpoints&) = delete;

  // The file of a run. name: of letters and digits, for the same point the same; "": there is none.
  std::string file(const std::string& name);
  // The run came to `metric` and may go on. Of each space the best eight stay; others begin anew if they go on.
  void keep(size_t space, const std::string& file, double metric);
  // The run does not go on.
  void drop(size_t space, const std::string& file);
  void remove_all() noexcept;
  // In a process that runs beside: the folder is that of the process that searches.
  void leave_folder() { folder_ = FileDescriptor(); }

 private:
  void remove_without_leaderboard() noexcept;

  const bool scratch_, lower_is_better_;
  const std::string leaderboard_;
  std::string prefix_;     // of the names of all files
  FileDescriptor folder_;  // holds a lock
  std::map<std::string, TemporaryName> temporary_;
  std::map<size_t, std::vector<std::pair<double, std::string>>> kept_;  // by space: metric and file
};

}  // namespace rec
