#include "linalg/panel_matrix.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "linalg/plain.h"
#include "unit/linalg/linalg_random.h"

namespace rec::panel_matrix_test {
namespace {

// A row of `cols` values as PanelMatrix::set takes it.
std::vector<double> random_row(std::mt19937& rng, size_t cols) {
  std::vector<double> row(cols);
  for (double& value : row) value = static_cast<double>(test::uniform(rng));
  return row;
}

}  // namespace

TEST_CASE("panel_matrix: a row is read as it was set, and no other changes") {
  std::mt19937 rng(1);
  for (const size_t cols : {1u, 63u, 64u, 65u, 200u}) {
    PanelMatrix m;
    m.resize(3, cols);
    const std::vector<double> row = random_row(rng, cols);
    m.set(1, row.data());
    std::vector<double> got(cols);
    m.get(1, got.data());
    CHECK(got == row);
    for (const size_t other : {0u, 2u}) {
      m.get(other, got.data());
      CHECK(got == std::vector<double>(cols, 0.0));
    }
    CHECK(PanelMatrix::memory(3, cols) == 4 * 3 * 64 * ((cols + 63) / 64));
  }
}

TEST_CASE("panel_matrix: products are chains in double in the order of the row, for every number of threads") {
  std::mt19937 rng(2);
  constexpr size_t kRows = 50, kDense = 90;
  for (const bool weighted : {false, true}) {
    for (const auto& [cols, taken] : {std::pair{1u, 1u}, {70u, 70u}, {200u, 65u}}) {
      PanelMatrix dense;
      dense.resize(kDense, cols);
      std::vector<std::vector<double>> rows;
      for (size_t row = 0; row < kDense; ++row) dense.set(row, rows.emplace_back(random_row(rng, cols)).data());
      std::vector<uint64_t> begin{0};
      std::vector<uint32_t> index, order;
      std::vector<float> weight;
      for (size_t row = 0; row < kRows; ++row) {
        for (size_t k = 0; k < row; ++k) {
          index.push_back(static_cast<uint32_t>(test::below(rng, kDense)));
          if (weighted) weight.push_back(test::uniform(rng));
        }
        begin.push_back(index.size());
        if (row != 7) order.push_back(static_cast<uint32_t>(row));
      }
      for (const int threads : {1, 3}) {
        PanelMatrix out;
        out.resize(kRows, taken);
        sparse_times_panels({begin, index, weight}, order, dense, out, threads);
        std::vector<double> got(taken);
        for (size_t row = 0; row < kRows; ++row) {
          out.get(row, got.data());
          for (size_t c = 0; c < taken; ++c) {
            double want = 0.0;
            for (uint64_t at = begin[row]; at < begin[row + 1] && row != 7; ++at)
              want = std::fma(weighted ? static_cast<double>(weight[at]) : 1.0, rows[index[at]][c], want);
            CHECK(got[c] == static_cast<double>(static_cast<float>(want)));
          }
        }
      }
    }
  }
}

TEST_CASE("panel_matrix: the plain twin is the same chain") {
  std::mt19937 rng(3);
  std::vector<float> panel(5 * PanelMatrix::kColumns);
  for (float& value : panel) value = test::uniform(rng);
  const std::vector<uint32_t> index{4, 0, 3};
  const std::vector<float> weight{0.5f, -2.0f, 3.0f};
  std::vector<float> out(PanelMatrix::kColumns);
  plain::panel_sum(panel.data(), index.data(), weight.data(), index.size(), out.data());
  for (size_t c = 0; c < out.size(); ++c) {
    double want = 0.0;
    for (size_t k = 0; k < index.size(); ++k)
      want = std::fma(static_cast<double>(weight[k]), static_cast<double>(panel[index[k] * out.size() + c]), want);
    CHECK(out[c] == static_cast<float>(want));
  }
}

}  // namespace rec::panel_matrix_test
