#include "base/parallel_for.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace rec {

int hardware_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void parallel_for(size_t count, int threads, const std::function<void(size_t, int)>& body) {
  const int workers = static_cast<int>(std::min<size_t>(count, static_cast<size_t>(std::max(1, threads))));
  if (workers <= 1) {
    for (size_t index = 0; index < count; ++index) body(index, 0);
    return;
  }
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::exception_ptr error;
  size_t error_index = count;
  auto work = [&](int worker) {
    for (;;) {
      const size_t index = next.fetch_add(1, std::memory_order_relaxed);
      if (index >= count) return;
      try {
        body(index, worker);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (index < error_index) {
          error_index = index;
          error = std::current_exception();
        }
        next.store(count, std::memory_order_relaxed);
      }
    }
  };
  {
    std::vector<std::jthread> others;
    try {
      for (int worker = 1; worker < workers; ++worker) others.emplace_back(work, worker);
    } catch (const std::system_error&) {
      // No more threads to be had (ulimit -u): those that started do all of it.
    }
    work(0);
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace rec
