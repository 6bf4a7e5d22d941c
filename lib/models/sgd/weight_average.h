// The exponential moving average of a model's weights over its epochs, corrected for its
// start (Kingma & Ba 2015, arXiv:1412.6980, section 7.2). Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rec {

// Sets average[0..n) to the average after `epoch` (from 1), from what it was before that
// epoch and from the weights now. At each epoch the coefficients of all earlier epochs are
// multiplied by `keep` (0 to below 1), and all coefficients sum to 1. After epoch 1 it is
// the weights, whatever it was before. Pure.
void move_average(double keep, uint64_t epoch, const float* now, size_t n, float* average);

}  // namespace rec
