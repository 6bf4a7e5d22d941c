// What ease is made of, on interactions: the Gramian of the items, and the inverse of
// it plus a ridge. TSV: what, seconds, GFLOP/s; and the largest element of A·P - I in
// 8 rows. Flops: Σ_u n_u (n_u + 1) for the Gramian (its upper half, n_u the pairs of a
// user), n³ for factor, triangle's inverse and its square, a third each.
// Usage: ease_bench INTERACTIONS [REG [THREADS]]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "base/parallel_for.h"
#include "data/interactions_tsv.h"
#include "linalg/sparse_product.h"
#include "linalg/spd_inverse.h"

namespace rec {
namespace {

double seconds_of(const std::function<void()>& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// max |A P - I| over rows spread evenly, A = XᵀX + reg·I, sums in double.
double residual(const Csr& rows, const Csr& columns, double reg, const SymmetricTiles& P) {
  const size_t n = P.size();
  double worst = 0.0;
  std::vector<float> a(n);
  for (size_t at = 0; at < 8; ++at) {
    const size_t i = at * n / 8;
    gram_row(rows.view(), columns.view(), i, a.data());
    std::vector<double> sum(n, 0.0);
    for (size_t k = 0; k < n; ++k) {
      const double left = static_cast<double>(a[k]) + (k == i ? reg : 0.0);
      if (left == 0.0) continue;
      for (size_t j = 0; j < n; ++j) sum[j] += left * static_cast<double>(P(k, j));
    }
    for (size_t j = 0; j < n; ++j) worst = std::max(worst, std::abs(sum[j] - (i == j ? 1.0 : 0.0)));
  }
  return worst;
}

int run(const char* path, double reg, int threads) {
  const LoadedInteractions loaded = read_interactions(path, {}, {}, threads);
  const Csr rows = csr_by_user(loaded.data, {});
  const size_t n = loaded.data.items.size();
  const Csr columns = transpose(rows, n);
  double gram_flops = 0.0;
  for (size_t user = 0; user < rows.rows(); ++user)
    gram_flops += static_cast<double>(rows.row_size(user) * (rows.row_size(user) + 1));
  const double inverse_flops = static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);

  SymmetricTiles P(n);
  const double gram = seconds_of([&] { sparse_gram(rows.view(), columns.view(), P, threads); });
  for (size_t i = 0; i < n; ++i) P(i, i) += static_cast<float>(reg);
  bool good = false;
  const double inverse = seconds_of([&] { good = spd_invert(P, threads); });
  if (!good) {
    std::fprintf(stderr, "ease_bench: not positive definite\n");
    return 1;
  }
  std::printf("what\tseconds\tGFLOP/s\n");
  std::printf("gram\t%.3f\t%.4g\n", gram, gram_flops / gram / 1e9);
  std::printf("inverse\t%.3f\t%.4g\n", inverse, inverse_flops / inverse / 1e9);
  std::printf("gram and inverse\t%.3f\t%.4g\n", gram + inverse, (gram_flops + inverse_flops) / (gram + inverse) / 1e9);
  std::printf("largest |A P - I|\t%.3g\t\n", residual(rows, columns, reg, P));
  return 0;
}

}  // namespace
}  // namespace rec

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: ease_bench INTERACTIONS [REG [THREADS]]\n");
    return 2;
  }
  return rec::run(argv[1], argc > 2 ? std::atof(argv[2]) : 200.0,
                  argc > 3 ? std::atoi(argv[3]) : rec::hardware_threads());
}
