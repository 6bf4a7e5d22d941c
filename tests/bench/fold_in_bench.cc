// Folding in new users, as TSV: what, users/s. Usage: fold_in_bench MODEL LENGTH THREADS
// 100,000 histories of LENGTH distinct random items of an als model.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "base/parallel_for.h"
#include "base/rng.h"
#include "models/inference/model.h"

int main(int argc, char** argv) {
  using namespace rec;
  if (argc != 4) return 2;
  const size_t length = std::strtoul(argv[2], nullptr, 10);
  const int threads = std::atoi(argv[3]);
  const std::unique_ptr<Model> model = Model::load(argv[1], threads);
  model->encoder().prepare(threads);
  constexpr size_t kUsers = 100000;
  std::vector<uint32_t> items(kUsers * length);
  Rng rng(1);
  for (uint32_t& item : items) item = static_cast<uint32_t>(rng.below(model->items().size()));
  double best = 1e30;
  for (int run = 0; run < 5; ++run) {
    const auto start = std::chrono::steady_clock::now();
    constexpr size_t kPerTask = 250;
    parallel_for(kUsers / kPerTask, threads, [&](size_t task, int) {
      Behaviour h;
      for (size_t user = task * kPerTask; user < (task + 1) * kPerTask; ++user) {
        model->encoder().encode_history({std::span(items.data() + user * length, length), {}, {}}, h);
      }
    });
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::printf("what\tusers/s\nfold in, histories of %zu, %d threads\t%.0f\n", length, threads,
              static_cast<double>(kUsers) / best);
  return 0;
}
