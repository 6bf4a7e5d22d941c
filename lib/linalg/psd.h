// Symmetric matrices made positive semidefinite. Thread-safe: no shared state.
#pragma once

#include <cstddef>
#include <span>

namespace rec {

// The upper triangle of a symmetric n × n matrix, row by row, becomes that of the nearest positive semidefinite one
// (Frobenius norm): the same eigenvectors, and 0 for each eigenvalue below 0. REQUIRES: n (n + 1) / 2 elements, finite.
void project_to_psd(std::span<double> triangle, size_t n);

}  // namespace rec
