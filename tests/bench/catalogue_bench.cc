// The best 100 of all items for all users, beside the matrix product alone that
// it contains. catalogue_bench MODEL [TOP] [THREADS]; prints a TSV table.
#include <fmt/format.h>
#include <Eigen/Dense>

#include <algorithm>
#include <chrono>
#include <functional>
#include <vector>

#include "base/number.h"
#include "base/parallel_for.h"
#include "linalg/score_tile.h"
#include "score/catalogue.h"

namespace rec {
namespace {

double best_of(int runs, const std::function<void()>& body) {
  double best = 1e300;
  for (int run = 0; run < runs; ++run) {
    const auto start = std::chrono::steady_clock::now();
    body();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

// U × F by F × I in blocks that stay in cache, results dropped.
void product_alone(ConstMatrixView users, const PackedItems& items, int threads) {
  constexpr size_t kUsers = 64;
  constexpr size_t kItems = 42 * PackedItems::kPanel;
  std::vector<AlignedBuffer<float>> block(static_cast<size_t>(threads));
  for (auto& own : block) own.resize(kUsers * kItems);
  parallel_for((users.rows + kUsers - 1) / kUsers, threads, [&](size_t task, int worker) {
    const size_t first = task * kUsers;
    const ConstMatrixView rows = users.middle_rows(first, std::min(kUsers, users.rows - first));
    for (size_t item = 0; item < items.size(); item += kItems) {
      score_block(rows, items, item, std::min(kItems, items.size() - item), block[static_cast<size_t>(worker)].data(),
                  kItems);
    }
  });
}

// The same by Eigen, in blocks large enough for it.
void product_by_eigen(ConstMatrixView users, ConstMatrixView items, int threads) {
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  constexpr size_t kUsers = 512;
  const Eigen::Map<const RowMajor> Y(items.data, static_cast<Eigen::Index>(items.rows),
                                     static_cast<Eigen::Index>(items.cols));
  std::vector<RowMajor> block(static_cast<size_t>(threads));
  parallel_for((users.rows + kUsers - 1) / kUsers, threads, [&](size_t task, int worker) {
    const size_t first = task * kUsers;
    const size_t n = std::min(kUsers, users.rows - first);
    const Eigen::Map<const RowMajor> X(users.row(first), static_cast<Eigen::Index>(n),
                                       static_cast<Eigen::Index>(users.cols));
    block[static_cast<size_t>(worker)].noalias() = X * Y.transpose();
  });
}

void run(const char* path, size_t top, int threads) {
  const std::unique_ptr<Model> model = Model::load(path, threads);
  const UserVectors users(*model, nullptr, Fallback::kZero, threads);
  const Exclusions none;
  CatalogueOptions options;
  options.top = top;
  const Catalogue catalogue(*model, users, none, options);
  const ConstMatrixView X = model->artefact().find("users.factors")->view();
  const ConstMatrixView Y = model->item_vectors();
  const PackedItems packed(Y);
  const double flops = 2.0 * static_cast<double>(X.rows) * static_cast<double>(Y.rows) * static_cast<double>(Y.cols);

  const double ours = best_of(3, [&] { product_alone(X, packed, threads); });
  const double eigen = best_of(2, [&] { product_by_eigen(X, Y, threads); });
  const double product = std::min(ours, eigen);
  constexpr size_t kBlock = Catalogue::kUsersPerBlock;
  std::vector<Catalogue::Scratch> scratch(static_cast<size_t>(threads));
  const double selected = best_of(3, [&] {
    parallel_for((X.rows + kBlock - 1) / kBlock, threads, [&](size_t task, int worker) {
      std::vector<std::string_view> names;
      for (size_t user = task * kBlock; user < std::min(X.rows, (task + 1) * kBlock); ++user)
        names.push_back(model->users()[static_cast<uint32_t>(user)]);
      std::vector<Catalogue::Result> results;
      catalogue.best(names, results, scratch[static_cast<size_t>(worker)]);
    });
  });
  fmt::print("what\tusers/s\tGFLOP/s\tshare of the product alone\n");
  auto line = [&](const char* what, double seconds) {
    fmt::print("{}\t{:.0f}\t{:.1f}\t{:.3f}\n", what, static_cast<double>(X.rows) / seconds, flops / seconds / 1e9,
               product / seconds);
  };
  line("product alone, score_block", ours);
  line("product alone, Eigen", eigen);
  line("product and selection", selected);
}

}  // namespace
}  // namespace rec

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: catalogue_bench MODEL [TOP] [THREADS]\n");
    return 2;
  }
  const size_t top = argc > 2 ? rec::parse_integer<size_t>(argv[2]).value_or(100) : 100;
  const int threads = argc > 3 ? rec::parse_integer<int>(argv[3]).value_or(1) : rec::hardware_threads();
  rec::run(argv[1], top, threads);
  return 0;
}
