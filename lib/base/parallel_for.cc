#include "base/parallel_for.h"

#include <sched.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/signals.h"

namespace rec {
namespace {

constexpr int kLooks = 200;  // some tens of microseconds, what it takes to wake a thread

// Until the value is another one.
void wait_while(const std::atomic<uint32_t>& value, uint32_t old) {
  for (int look = 0; look < kLooks; ++look) {
    if (value.load(std::memory_order_acquire) != old) return;
    std::this_thread::yield();  // others may have work for this processor
  }
  value.wait(old, std::memory_order_acquire);
}

}  // namespace

int hardware_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

ThreadPool::ThreadPool(int threads) : threads_(std::max(1, threads)) {
  others_.reserve(static_cast<size_t>(threads_ - 1));
  const SignalsHeld held(SignalsHeld::kButFaults);  // the others take none: the calling thread does
  try {
    for (int worker = 1; worker < threads_; ++worker) others_.emplace_back([this, worker] { stand_by(worker); });
  } catch (const std::system_error&) {
    // No more threads to be had (ulimit -u): those that started do all of it.
  }
}

ThreadPool::~ThreadPool() {
  over_ = true;
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  for (std::thread& other : others_) other.join();
}

void ThreadPool::run(size_t count, const Body& body) {
  if (others_.empty() || count <= 1) {
    for (size_t index = 0; index < count; ++index) body(index, 0);
    return;
  }
  body_ = &body;
  count_ = count;
  next_.store(0, std::memory_order_relaxed);
  error_index_ = count;
  away_.store(static_cast<uint32_t>(others_.size()), std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  work(0);
  for (uint32_t away = away_.load(std::memory_order_acquire); away > 0; away = away_.load(std::memory_order_acquire))
    wait_while(away_, away);
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void ThreadPool::stand_by(int worker) {
  for (uint32_t seen = 0;; ++seen) {
    wait_while(round_, seen);
    if (over_) return;
    work(worker);
    if (away_.fetch_sub(1, std::memory_order_acq_rel) == 1) away_.notify_one();
  }
}

void ThreadPool::work(int worker) noexcept {
  for (;;) {
    const size_t index = next_.fetch_add(1, std::memory_order_relaxed);
    if (index >= count_) return;
    try {
      (*body_)(index, worker);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (index < error_index_) {
        error_index_ = index;
        error_ = std::current_exception();
      }
      next_.store(count_, std::memory_order_relaxed);
    }
  }
}

void parallel_for(size_t count, int threads, const ThreadPool::Body& body) {
  ThreadPool thread_pool(static_cast<int>(std::min<size_t>(count, static_cast<size_t>(std::max(1, threads)))));
  thread_pool.run(count, body);
}

}  // namespace rec
