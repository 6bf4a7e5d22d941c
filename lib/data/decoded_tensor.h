// The floats of a tensor of another type, made when they are first asked for. Thread-safe.
#pragma once

#include <mutex>

#include "data/artefact.h"

namespace rec {

struct DecodedTensor {
  const float* scale = nullptr;  // int8: of each row; bfloat16: nullptr
  std::once_flag once;
  AlignedBuffer<float> values;  // all rows, one after the other
};

// Row `row` of a tensor that has `decoded`, as cols floats.
void decode_row(const Artefact::Tensor& tensor, uint64_t row, float* out);

}  // namespace rec
