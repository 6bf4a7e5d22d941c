#include "linalg/gram.h"

#include <algorithm>

#include "base/parallel_for.h"
#include "linalg/syrk.h"

namespace rec {
namespace {
constexpr size_t kBlock = 1024;
constexpr size_t kBlocksPerRound = 64;  // bounds the memory for the partial sums
}  // namespace

Matrix gram_upper(ConstMatrixView rows, int threads) {
  const size_t F = rows.cols;
  const size_t padded = pad16(F);
  const size_t blocks = (rows.rows + kBlock - 1) / kBlock;
  std::vector<double> sum(padded * padded, 0.0);
  std::vector<Matrix> partial(std::min(blocks, kBlocksPerRound));
  for (size_t first = 0; first < blocks; first += kBlocksPerRound) {
    const size_t count = std::min(kBlocksPerRound, blocks - first);
    parallel_for(count, threads, [&](size_t at, int) {
      const size_t begin = (first + at) * kBlock;
      const size_t n = std::min(kBlock, rows.rows - begin);
      AlignedBuffer<float> packed(n * padded, 0.0f);
      for (size_t row = 0; row < n; ++row) std::copy_n(rows.row(begin + row), F, packed.data() + row * padded);
      partial[at].resize(padded, padded);
      syrk_add_upper(packed.data(), n, padded, partial[at].data(), padded);
    });
    for (size_t at = 0; at < count; ++at) {
      for (size_t cell = 0; cell < sum.size(); ++cell) sum[cell] += static_cast<double>(partial[at].data()[cell]);
    }
  }
  Matrix gram(padded, padded);
  for (size_t cell = 0; cell < sum.size(); ++cell) gram.data()[cell] = static_cast<float>(sum[cell]);
  return gram;
}

}  // namespace rec
