#include "base/parallel_for.h"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

using namespace rec;

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

TEST_CASE("hardware_threads: at least one") { CHECK(hardware_threads() >= 1); }
