// The exponential moving average of a model's weights over its epochs, corrected for its
// start (Kingma & Ba 2015, arXiv:1412.6980, section 7.2): what training wanders around.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rec {

// average[0..n) after `epoch` (from 1), with the weights now: the terms of earlier epochs
// keep the share `keep` (below 1), and all shares sum to 1. Of epoch 1: the weights, whatever
// average holds.
void move_average(double keep, uint64_t epoch, const float* now, size_t n, float* average);

}  // namespace rec
