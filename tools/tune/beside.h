// Runs of a search side by side, each in a process of its own, so that none sees another one: what they share is the
// memory that was there before, which none of them changes. What a run came to waits here until its turn. For one
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/child.h"
#include "io/fd.h"
#include "tune/run.h"

namespace rec {

// What a run came to.
struct RunResult {
  TrainedModel trained;            // without its model where that is in `model`
  FileDescriptor model;            // a file in memory; not open: there is none
  int epochs = 0;                  // that were trained
  std::optional<double> too_long;  // it was cut short: the seconds that it would take
  std::string failure;             // why there is no model; "": there is one, or it was cut short
  std::vector<std::string> warnings;
};

class RunsBeside {
 public:
  // key: tells runs apart. space: whose runs take about as much memory. need: bytes, where no run of that space has
  // ended. work: runs there; the model is to be written to the path that it gets, if at all. Throws Error where no
  // process can be made.
  void begin(const std::string& key, size_t space, uint64_t need,
             const std::function<RunResult(const std::string& model)>& work);

  size_t running() const;
  bool runs(const std::string& key) const { return runs_.contains(key) && !runs_.at(key).child->ended(); }
  bool has_ended(const std::string& key) const { return runs_.contains(key) && runs_.at(key).child->ended(); }
  // REQUIRES: it has ended. nullptr: it gave no result.
  const RunResult* result(const std::string& key) const;
  // The same, which is gone then; nothing: it gave no result.
  std::optional<RunResult> take(const std::string& key);
  // Waits until one of those that run has ended, a signal comes, or a part of a second is over.
  void wait();
  // Whether there is memory for one more run of that space beside those that run.
  bool has_memory(size_t space, uint64_t need) const;
  // Ends those that run, and forgets all.
  void clear() { runs_.clear(); }

 private:
  struct Run {
    size_t space;
    uint64_t need;
    FileDescriptor model;
    std::unique_ptr<Child> child;
    std::optional<RunResult> result;
  };
  uint64_t need_of(size_t space, uint64_t unless_known) const;

  std::map<std::string, Run> runs_;
  std::map<size_t, uint64_t> peaks_;  // by space
};

}  // namespace rec
