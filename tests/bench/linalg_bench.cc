// Rates of linalg's kernels, as TSV: what, size, rate, unit, and the share of
// the peak: a loop of independent fused multiply-adds, measured in this run.
// Usage: linalg_bench [substring of what]. One thread unless `what` says x2.
#include <time.h>
#include <Eigen/Dense>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/parallel_for.h"
#include "linalg/cholesky.h"
#include "linalg/dot.h"
#include "linalg/score_tile.h"
#include "linalg/sgemm.h"
#include "linalg/softmax.h"
#include "linalg/syrk.h"
#include "linalg/top_k.h"

namespace rec {
namespace {

const char* g_filter = "";
double g_peak = 1.0;  // flop/s of one thread

double now(clockid_t clock) {
  timespec t;
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// Seconds a call: the least of 40 samples of at least 2 ms. Of one thread its
// processor time is taken, so that neighbours on the machine matter less.
double seconds_per_call(const std::function<void()>& body, int threads = 1) {
  const clockid_t clock = threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
  size_t calls = 1;
  double best = 1e9;
  for (int sample = 0; sample < 40;) {
    const double start = now(clock);
    for (size_t i = 0; i < calls; ++i) body();
    const double elapsed = now(clock) - start;
    if (elapsed < 0.002 && calls < 1u << 24) {
      calls *= 2;
      continue;
    }
    best = std::min(best, elapsed / static_cast<double>(calls));
    sample += elapsed < 0.05 ? 1 : 4;
  }
  return best;
}

bool wanted(const std::string& what) {
  return what.find(g_filter) != std::string::npos || std::strstr(g_filter, what.c_str());
}

void report_flops(const std::string& what, const std::string& size, double flops, double seconds, int threads = 1) {
  std::printf("%s\t%s\t%.1f\tGflop/s\t%.3f\n", what.c_str(), size.c_str(), flops / seconds * 1e-9,
              flops / seconds / (g_peak * threads));
  std::fflush(stdout);
}

void report(const std::string& what, const std::string& size, double rate, const char* unit) {
  std::printf("%s\t%s\t%.4g\t%s\t\n", what.c_str(), size.c_str(), rate, unit);
  std::fflush(stdout);
}

void fill(std::mt19937& rng, float* values, size_t n) {
  for (size_t i = 0; i < n; ++i) values[i] = static_cast<float>(rng() >> 8) * 0x1p-23f - 1.0f;
}

Matrix random_matrix(std::mt19937& rng, size_t rows, size_t cols) {
  Matrix m(rows, cols);
  for (size_t r = 0; r < rows; ++r) fill(rng, m.row(r), cols);
  return m;
}

// Independent chains of the widest vectors that the compiler has here, each in
// its own register; asm, because the compiler would fold or reorder them.
#if defined(__AVX512F__)
typedef float Wide __attribute__((vector_size(64)));
#elif defined(__AVX2__)
typedef float Wide __attribute__((vector_size(32)));
#else
typedef float Wide __attribute__((vector_size(16)));
#endif

inline void fma_in_place(Wide& v, Wide a, Wide b) {
#if defined(__AVX512F__)
  asm("vfmadd213ps %2, %1, %0" : "+v"(v) : "v"(a), "v"(b));
#elif defined(__FMA__)
  asm("vfmadd213ps %2, %1, %0" : "+x"(v) : "x"(a), "x"(b));
#else
  v = v * a + b;
#endif
}

double fma_peak() {
  constexpr int kChains = 12;
  constexpr int kSteps = 1000;
  const Wide a = Wide{} + 0.999f;
  const Wide b = Wide{} + 0.001f;
  volatile float sink = 0.0f;
  const double seconds = seconds_per_call([&] {
    Wide v0 = a, v1 = a, v2 = a, v3 = a, v4 = a, v5 = a, v6 = a, v7 = a, v8 = a, v9 = a, v10 = a, v11 = a;
    for (int s = 0; s < kSteps; ++s) {
      fma_in_place(v0, a, b);
      fma_in_place(v1, a, b);
      fma_in_place(v2, a, b);
      fma_in_place(v3, a, b);
      fma_in_place(v4, a, b);
      fma_in_place(v5, a, b);
      fma_in_place(v6, a, b);
      fma_in_place(v7, a, b);
      fma_in_place(v8, a, b);
      fma_in_place(v9, a, b);
      fma_in_place(v10, a, b);
      fma_in_place(v11, a, b);
    }
    const Wide all = v0 + v1 + v2 + v3 + v4 + v5 + v6 + v7 + v8 + v9 + v10 + v11;
    sink = all[0];
  });
  return 2.0 * kChains * kSteps * (sizeof(Wide) / sizeof(float)) / seconds;
}

void bench_syrk(std::mt19937& rng) {
  if (!wanted("syrk")) return;
  for (size_t F : {16u, 32u, 64u, 128u, 192u, 256u, 512u}) {
    for (size_t n : {16u, 64u, 256u}) {
      const Matrix rows = random_matrix(rng, n, F);
      Matrix A(F, F);
      const double s = seconds_per_call([&] { syrk_add_upper(rows.data(), n, F, A.data(), A.stride()); });
      const double blocks = static_cast<double>(F / 16 * (F / 16 + 1) / 2);
      report_flops("syrk upper blocks", "F=" + std::to_string(F) + " n=" + std::to_string(n),
                   2.0 * 256.0 * blocks * static_cast<double>(n), s);
    }
  }
}

void bench_cholesky(std::mt19937& rng) {
  if (!wanted("cholesky")) return;
  for (size_t F : {16u, 32u, 48u, 64u, 96u, 128u, 192u, 256u, 512u, 1024u}) {
    const Matrix rows = random_matrix(rng, F + 8, F);
    Matrix A(F, F);
    for (size_t f = 0; f < F; ++f) A(f, f) = 1.0f;
    syrk_add_upper(rows.data(), F + 8, F, A.data(), A.stride());
    Matrix B(F, F);
    AlignedBuffer<float> b(F);
    bool ok = true;
    const auto copy = [&] {
      std::memcpy(B.data(), A.data(), F * F * sizeof(float));
      std::fill(b.begin(), b.end(), 1.0f);
    };
    const double s = seconds_per_call([&] {
      copy();
      ok = cholesky_solve_upper(B.data(), b.data(), F, F) && ok;
    });
    const double t = seconds_per_call(copy);
    if (!ok) std::printf("cholesky failed\n");
    const double f = static_cast<double>(F);
    report_flops("cholesky_solve", "F=" + std::to_string(F), f * f * f / 3.0 + 2.0 * f * f, s - t);
    report("cholesky_solve", "F=" + std::to_string(F), (s - t) * 1e6, "us");
  }
  for (size_t F : {64u, 256u}) {
    const Matrix rows = random_matrix(rng, F + 8, F);
    using Map = Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
    const Map Y(rows.data(), F + 8, F);
    const Eigen::MatrixXf M = Y.transpose() * Y + Eigen::MatrixXf::Identity(F, F);
    Eigen::VectorXf v = Eigen::VectorXf::Ones(F);
    const double s = seconds_per_call([&] { v = Eigen::VectorXf::Ones(F) + 1e-9f * M.llt().solve(v); });
    report("Eigen llt solve", "F=" + std::to_string(F), s * 1e6, "us");
  }
}

void bench_dots(std::mt19937& rng) {
  if (!wanted("dots")) return;
  for (size_t F : {16u, 64u, 128u, 256u}) {
    const Matrix table = random_matrix(rng, 2000, F);
    const size_t n = 100;
    std::vector<const float*> x(n);
    for (auto& p : x) p = table.row(rng() % table.rows());
    std::vector<float> out(n);
    const double s = seconds_per_call([&] { dots(table.row(0), x.data(), n, F, out.data()); });
    report_flops("dots", "F=" + std::to_string(F) + " n=100", 2.0 * static_cast<double>(n * F), s);
    report("dots", "F=" + std::to_string(F) + " n=100", s / static_cast<double>(n) * 1e9, "ns a pair");
  }
}

void bench_score(std::mt19937& rng) {
  if (!wanted("score_block")) return;
  for (size_t F : {16u, 32u, 64u, 128u, 256u, 512u}) {
    const size_t I = 2016;
    const Matrix items = random_matrix(rng, I, F);
    const PackedItems packed(items);
    for (size_t U : {1u, 2u, 8u, 64u}) {
      const Matrix users = random_matrix(rng, U, F);
      AlignedBuffer<float> out(U * I);
      const double s = seconds_per_call([&] { score_block(users, packed, 0, I, out.data(), I); });
      report_flops("score_block", "F=" + std::to_string(F) + " U=" + std::to_string(U) + " I=2016",
                   2.0 * static_cast<double>(U * I * F), s);
    }
  }
}

void bench_top_k(std::mt19937& rng) {
  if (!wanted("top_k")) return;
  const size_t n = 20108;
  const size_t block = 2048;
  std::vector<std::vector<float>> users(16, std::vector<float>(n));
  for (auto& u : users) fill(rng, u.data(), n);
  std::vector<uint32_t> map(n);
  for (size_t i = 0; i < n; ++i) map[i] = static_cast<uint32_t>(n - 1 - i);
  std::vector<Scored> out;
  const auto run = [&](const char* what, size_t k, const uint32_t* index_map) {
    TopK top(k);
    size_t next = 0;
    const double s = seconds_per_call([&] {
      const std::vector<float>& g = users[next++ % users.size()];
      for (size_t first = 0; first < n; first += block) {
        top.push_block(g.data() + first, std::min(block, n - first), static_cast<uint32_t>(first), index_map);
      }
      top.finish(out);
    });
    report(what, "n=20108 k=" + std::to_string(k), s * 1e6, "us a user");
  };
  for (size_t k : {10u, 100u, 1000u}) {
    run("top_k random", k, nullptr);
    run("top_k random, map", k, map.data());
  }
  for (auto& u : users) std::sort(u.begin(), u.end());
  run("top_k rising", 100, nullptr);
  for (auto& u : users) std::reverse(u.begin(), u.end());
  run("top_k falling", 100, nullptr);
  for (auto& u : users) std::fill(u.begin(), u.end(), 1.0f);
  run("top_k equal", 100, nullptr);
  run("top_k equal, map", 100, map.data());
}

void bench_softmax(std::mt19937& rng) {
  if (!wanted("softmax")) return;
  for (size_t n : {100u, 20108u}) {
    std::vector<float> g(n);
    std::vector<float> alpha(n);
    fill(rng, g.data(), n);
    const double s = seconds_per_call([&] { softmax(g.data(), n, 0.5, alpha.data()); });
    report("softmax", "n=" + std::to_string(n), s / static_cast<double>(n) * 1e9, "ns an item");
    SoftmaxSum sum(0.5);
    const double t = seconds_per_call([&] {
      sum.reset();
      for (size_t i = 0; i < n; i += 2048) sum.add(g.data() + i, std::min<size_t>(2048, n - i));
    });
    report("softmax_sum add", "n=" + std::to_string(n), t / static_cast<double>(n) * 1e9, "ns an item");
  }
}

void bench_sgemm(std::mt19937& rng) {
  if (!wanted("sgemm")) return;
  for (size_t n : {256u, 1024u, 2048u}) {
    const Matrix A = random_matrix(rng, n, n);
    const Matrix B = random_matrix(rng, n, n);
    Matrix C(n, n);
    const double flops = 2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);
    const std::string size = std::to_string(n) + "^3";
    for (int threads : {1, 2}) {
      if (threads > hardware_threads()) break;
      const double s = seconds_per_call([&] { sgemm(A, B, C, threads); }, threads);
      report_flops(threads == 1 ? "sgemm" : "sgemm x2", size, flops, s, threads);
      // Eigen itself is not built with threads: give it halves of the rows.
      using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
      const Eigen::Index N = static_cast<Eigen::Index>(n);
      const Eigen::Map<const RowMajor, Eigen::Aligned64> a(A.data(), N, N);
      const Eigen::Map<const RowMajor, Eigen::Aligned64> b(B.data(), N, N);
      Eigen::Map<RowMajor, Eigen::Aligned64> c(C.data(), N, N);
      const Eigen::Index part = N / threads;
      const double e = seconds_per_call(
          [&] {
            parallel_for(static_cast<size_t>(threads), threads, [&](size_t i, int) {
              const Eigen::Index first = static_cast<Eigen::Index>(i) * part;
              c.middleRows(first, part).noalias() = a.middleRows(first, part) * b;
            });
          },
          threads);
      report_flops(threads == 1 ? "sgemm Eigen" : "sgemm Eigen x2", size, flops, e, threads);
    }
  }
}

}  // namespace
}  // namespace rec

int main(int argc, char** argv) {
  using namespace rec;
  if (argc > 1) g_filter = argv[1];
  std::mt19937 rng(1);
  std::printf("what\tsize\trate\tunit\tpeak share\n");
  g_peak = fma_peak();
  report_flops("fma loop", "12 chains", g_peak, 1.0);
  bench_syrk(rng);
  bench_cholesky(rng);
  bench_dots(rng);
  bench_score(rng);
  bench_top_k(rng);
  bench_softmax(rng);
  bench_sgemm(rng);
  return 0;
}
