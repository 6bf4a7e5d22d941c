// The parameters of a network: matrices that lie one behind the other in one array.
// Thread rule: values without shared state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace rec {

// One parameter matrix within all parameters, which lie one behind the other.
struct Parameter {
  std::string name;  // in the model file: "block.1.qkv", ...
  size_t offset = 0;
  size_t rows = 0;  // 1: a vector
  size_t cols = 0;
  size_t size() const { return rows * cols; }
};

// Normal values with this deviation, of seed and stream alone.
void fill_normal(float* x, size_t n, double deviation, uint64_t seed, uint64_t stream);

}  // namespace rec
