// A machine of as many cores as -j says, on one: what a tool is linked with in place of base/parallel_for.cc to learn
// how long it would take there at the least. Every loop runs on the calling thread. The next index goes to the worker
// that is free first, as the real threads take it, each worker's time is the processor time of its bodies, and the loop
// takes as long as its longest worker and a wake-up. What is outside the loops is serial. Memory bandwidth, caches and
// clocks that many busy cores share are left out: the real machine may be slower, and not faster.
//
// At the end of the program a line goes to the file that $VIRTUAL_CORES names: processor seconds outside the loops, in
// all bodies, in the longest workers, the number of loops, of these with their wake-ups, and the number of tasks that a
// loop offers, weighted by the loop's time. Then a line for each body that was run, the longest first: seconds in it,
// in its longest workers, loops, tasks, and its name (c++filt reads it).
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/parallel_for.h"

namespace rec {
namespace {

// What a loop costs beside its bodies where 16 threads wait for it: some microseconds.
constexpr double kWakeUp = 5e-6;

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

class Account {
 public:
  ~Account() {
    const char* path = std::getenv("VIRTUAL_CORES");
    std::FILE* file = path == nullptr ? nullptr : std::fopen(path, "w");
    if (file == nullptr) return;
    const double serial = processor_seconds() - within_;
    std::fprintf(file, "%.6f\t%.6f\t%.6f\t%zu\t%.6f\t%.1f\n", serial, bodies_, longest_, loops_,
                 kWakeUp * static_cast<double>(loops_), bodies_ > 0.0 ? weighted_tasks_ / bodies_ : 0.0);
    std::vector<std::pair<double, std::string>> lines;
    for (const auto& [name, its] : bodies_of_) {
      std::array<char, 100> text{};
      std::snprintf(text.data(), text.size(), "%.6f\t%.6f\t%zu\t%zu\t", its.bodies, its.longest, its.loops, its.tasks);
      lines.emplace_back(-its.longest, text.data() + name);
    }
    std::sort(lines.begin(), lines.end());
    for (const auto& [key, line] : lines) std::fprintf(file, "%s\n", line.c_str());
    std::fclose(file);
  }

  void run(size_t count, size_t threads, const ThreadPool::Body& body) {
    const double start = processor_seconds();
    std::vector<double> busy(std::min(threads, count));
    double sum = 0.0;
    double before = start;
    inside_ = true;
    for (size_t index = 0; index < count; ++index) {
      const auto free = std::min_element(busy.begin(), busy.end());
      try {
        body(index, static_cast<int>(free - busy.begin()));
      } catch (...) {
        inside_ = false;
        throw;
      }
      const double after = processor_seconds();
      *free += after - before;
      sum += after - before;
      before = after;
    }
    inside_ = false;
    const double longest = *std::max_element(busy.begin(), busy.end());
    Body& its = bodies_of_[body.target_type().name()];
    its.bodies += sum;
    its.longest += longest;
    ++its.loops;
    its.tasks += count;
    bodies_ += sum;
    longest_ += longest;
    weighted_tasks_ += sum * static_cast<double>(count);
    ++loops_;
    within_ += processor_seconds() - start;
  }
  bool inside() const { return inside_; }

 private:
  struct Body {
    double bodies = 0.0;
    double longest = 0.0;
    size_t loops = 0;
    size_t tasks = 0;
  };
  std::map<std::string, Body> bodies_of_;
  bool inside_ = false;
  double within_ = 0.0;  // the loops, this accounting with them
  double bodies_ = 0.0;
  double longest_ = 0.0;
  double weighted_tasks_ = 0.0;
  size_t loops_ = 0;
};

Account& account() {
  static Account all;
  return all;
}

}  // namespace

int hardware_threads() { return 1; }

ThreadPool::ThreadPool(int threads) : threads_(std::max(1, threads)) {}
ThreadPool::~ThreadPool() = default;

void ThreadPool::run(size_t count, const Body& body) {
  if (count <= 1 || account().inside()) {  // a loop of one is no loop, and one in a body is part of it
    for (size_t index = 0; index < count; ++index) body(index, 0);
    return;
  }
  account().run(count, static_cast<size_t>(threads_), body);
}

void parallel_for(size_t count, int threads, const ThreadPool::Body& body) {
  ThreadPool(static_cast<int>(std::min<size_t>(count, static_cast<size_t>(std::max(1, threads))))).run(count, body);
}

}  // namespace rec
