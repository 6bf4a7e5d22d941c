// What the fuzz targets share: choices read from an input's bytes, and how a finding ends the
// run. A target is X_fuzz.cc with libFuzzer's function LLVMFuzzerTestOneInput; it is built
// with loop_main.cc or, where there is clang, as a libFuzzer program. For one thread.
//
// A target whose inputs are recipes defines rec_fuzz_recipes() to return 1: any bytes make a
// file, field by field, in the way that `Choices` says.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" {
int LLVMFuzzerInitialize(int* argc, char*** argv);
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
int rec_fuzz_recipes();
// The file that a recipe makes, for a finding; the same bytes where they are no recipe.
void rec_fuzz_file(const uint8_t* data, size_t size, std::string& file);
}

namespace rec::fuzz {

// Inputs that got past the reader, counted where loop_main.cc looks.
inline uint64_t* reached = nullptr;
inline void count_reached() {
  if (reached != nullptr) ++*reached;
}

// A finding: says what, and ends the process.
[[noreturn]] inline void finding(const std::string& what) {
  std::fprintf(stderr, "finding: %s\n", what.c_str());
  std::abort();
}

// Numbers out of a recipe's bytes; zeros behind its end, so that a short recipe changes
// little. Each number takes one byte, or as many as its bound has.
class Choices {
 public:
  Choices(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  bool over() const { return at_ >= size_; }
  // In [0, bound).
  uint64_t below(uint64_t bound) {
    if (bound <= 1) return 0;
    uint64_t value = 0;
    for (uint64_t rest = bound - 1; rest > 0; rest >>= 8) value = value << 8 | (at_ < size_ ? data_[at_++] : 0);
    return value % bound;
  }
  bool one_in(uint64_t n) { return below(n) == n - 1; }
  template <class List>
  auto& pick(List& list) {
    return list[below(std::size(list))];
  }

 private:
  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
};

}  // namespace rec::fuzz
