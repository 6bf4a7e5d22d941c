#include "base/parallel_for.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace rec::parallel_for_test {

TEST_CASE("parallel_for: every index once, workers within range") {
  for (const int threads : {-1, 0, 1, 2, 3, 8}) {
    for (const size_t count : {size_t{0}, size_t{1}, size_t{7}, size_t{1000}}) {
      std::vector<std::atomic<int>> calls(count);
      std::atomic<bool> in_range{true};
      parallel_for(count, threads, [&](size_t index, int worker) {
        ++calls[index];
        if (worker < 0 || worker >= std::max(1, threads)) in_range = false;
      });
      CHECK(in_range);
      for (const auto& called : calls) CHECK(called == 1);
    }
  }
}

TEST_CASE("parallel_for: the same worker never runs twice at a time") {
  std::vector<std::atomic<int>> busy(4);
  std::atomic<bool> clash{false};
  parallel_for(2000, 4, [&](size_t, int worker) {
    if (++busy[static_cast<size_t>(worker)] != 1) clash = true;
    --busy[static_cast<size_t>(worker)];
  });
  CHECK_FALSE(clash);
}

TEST_CASE("parallel_for: the exception of the lowest index that failed") {
  for (int repeat = 0; repeat < 200; ++repeat) {
    for (const int threads : {1, 2, 3}) {
      std::string text;
      std::atomic<int> calls{0};
      try {
        parallel_for(1000, threads, [&](size_t index, int) {
          ++calls;
          if (index >= 10) throw std::runtime_error(std::to_string(index));
        });
      } catch (const std::runtime_error& error) {
        text = error.what();
      }
      CHECK(text == "10");
      CHECK(calls <= 10 + threads);
    }
  }
}

TEST_CASE("ThreadPool: loop after loop, with pauses in which its threads sleep") {
  for (const int threads : {-1, 1, 2, 5}) {
    ThreadPool thread_pool(threads);
    CHECK(thread_pool.threads() == std::max(1, threads));
    for (size_t loop = 0; loop < 300; ++loop) {
      const size_t count = loop % 7;
      std::vector<size_t> square(count, 0);
      std::atomic<bool> in_range{true};
      thread_pool.run(count, [&](size_t index, int worker) {
        square[index] += index * index + loop;
        if (worker < 0 || worker >= thread_pool.threads()) in_range = false;
      });
      CHECK(in_range);
      for (size_t index = 0; index < count; ++index) CHECK(square[index] == index * index + loop);
      if (loop % 100 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
}

TEST_CASE("ThreadPool: a long body is waited for") {
  ThreadPool thread_pool(2);
  std::atomic<int> ended{0};
  thread_pool.run(2, [&](size_t, int) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ++ended;
  });
  CHECK(ended == 2);
}

TEST_CASE("ThreadPool: after an exception it goes on") {
  ThreadPool thread_pool(3);
  for (int repeat = 0; repeat < 200; ++repeat) {
    CHECK_THROWS_WITH(thread_pool.run(100,
                                      [](size_t index, int) {
                                        if (index >= 10) throw std::runtime_error(std::to_string(index));
                                      }),
                      "10");
    std::atomic<int> calls{0};
    thread_pool.run(100, [&](size_t, int) { ++calls; });
    CHECK(calls == 100);
  }
}

TEST_CASE("hardware_threads: at least one") { CHECK(hardware_threads() >= 1); }

}  // namespace rec::parallel_for_test
