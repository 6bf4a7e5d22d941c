// Rates of the TSV reader: `reader_bench FILE [THREADS]`, as TSV on stdout: what,
// MB/s (10^6 bytes; the best of 5 runs), and MB for each second of processor time
// (all threads' together), which tells more where others use the machine. FILE is an interactions table with a
// value column; it should be in the page cache (it is read once before).
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "base/number-inl.h"
#include "data/interactions_tsv.h"
#include "io/table.h"

namespace rec {
namespace {

double g_bytes = 0;

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void report(const char* what, const std::function<void()>& body) {
  double best = 1e30;
  double best_cpu = 1e30;
  for (int run = 0; run < 5; ++run) {
    const auto start = std::chrono::steady_clock::now();
    const double cpu = cpu_seconds();
    body();
    best_cpu = std::min(best_cpu, cpu_seconds() - cpu);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::printf("%s\t%.1f\t%.1f\n", what, g_bytes / 1e6 / best, g_bytes / 1e6 / std::max(best_cpu, 1e-6));
  std::fflush(stdout);
}

// A file named .csv is read as CSV.
Input open(const std::string& path) {
  const auto delimiter = csv_delimiter(path, {});
  return Input(path, Input::kChunkBytes, delimiter ? Input::Fields::kCsv : Input::Fields::kTabs,
               delimiter.value_or(""));
}

int run(const std::string& path, int threads) {
  std::vector<char> text;  // the whole file, for the parsers alone
  for (Input input = open(path); input.next();) text.insert(text.end(), input.text().begin(), input.text().end());
  const std::string_view lines(text.data(), text.size());
  g_bytes = static_cast<double>(lines.size());
  text.resize(text.size() + kTextPadding);

  std::printf("what\tMB/s\tMB/CPU s\n");
  volatile size_t sink = 0;
  report("chunks read", [&] {
    size_t bytes = 0;
    for (Input input = open(path); input.next();) bytes += input.text().size();
    sink = bytes;
  });
  report("fields split", [&] {
    LineCursor cursor({text.data(), lines.size()}, 3);
    Line line;
    size_t fields = 0;
    while (cursor.next(line)) fields += line.n_fields;
    sink = fields;
  });
  report("fields split, number parsed", [&] {
    LineCursor cursor({text.data(), lines.size()}, 3);
    Line line;
    double sum = 0;
    while (cursor.next(line)) sum += parse_number_inline<float>(line.fields[2]).value_or(0);
    sink = static_cast<size_t>(sum);
  });
  report("fields split, three numbers parsed", [&] {
    LineCursor cursor({text.data(), lines.size()}, 3);
    Line line;
    double sum = 0;
    while (cursor.next(line)) {
      for (const std::string_view field : line.fields) sum += parse_number_inline<double>(field).value_or(0);
    }
    sink = static_cast<size_t>(sum);
  });
  std::vector<char>().swap(text);
  for (const int t : {1, threads}) {
    const std::string what = fmt::format("interactions loaded, {} thread{}", t, t == 1 ? "" : "s");
    report(what.c_str(),
           [&] { sink = read_interactions(path, {}, {.value = true, .timestamp = true}, t).data.size(); });
  }
  return 0;
}

}  // namespace
}  // namespace rec

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: reader_bench FILE [THREADS]\n");
    return 2;
  }
  try {
    return rec::run(argv[1], argc > 2 ? std::atoi(argv[2]) : rec::hardware_threads());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "reader_bench: %s\n", error.what());
    return 1;
  }
}
