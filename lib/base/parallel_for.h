// The one way to use several cores. Results never depend on the number of
// threads: a body writes only what belongs to its own index, and whoever sums
// does so afterwards, in index order.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace rec {

// The number of threads that `-j 0` stands for: the processors this process may
// run on, at least 1.
int hardware_threads();

// Threads that stay for many short loops: between two they look out for the next one
// for some microseconds, and then sleep.
class ThreadPool {
 public:
  using Body = std::function<void(size_t index, int worker)>;

  // Of `threads` threads, at least 1, with the calling one among them.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }
  // Calls body(index, worker) once for every index in [0, count); worker in [0, threads)
  // is the same for no two calls that run at the same time, so it may pick scratch memory.
  // Indices are handed out in ascending order, one at a time: put the long ones first.
  // If bodies throw, no new index is started and the exception of the lowest
  // index that failed is rethrown once all threads have ended.
  // By one thread at a time, and not from a body.
  void run(size_t count, const Body& body);

 private:
  void stand_by(int worker);
  void work(int worker) noexcept;

  const int threads_;
  std::vector<std::thread> others_;
  std::atomic<uint32_t> round_{0};  // loops begun
  std::atomic<uint32_t> away_{0};   // threads that have not ended this one's work
  bool over_ = false;

  // The loop at hand.
  const Body* body_ = nullptr;
  size_t count_ = 0;
  std::atomic<size_t> next_{0};
  std::mutex mutex_;  // of what follows
  std::exception_ptr error_;
  size_t error_index_ = 0;
};

// One such loop, on up to `threads` threads that are there for it alone.
void parallel_for(size_t count, int threads, const ThreadPool::Body& body);

}  // namespace rec
