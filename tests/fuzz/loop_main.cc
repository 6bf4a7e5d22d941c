// Runs a fuzz target without libFuzzer:
//   X_fuzz [--seed N] [--count N] [--seconds S] [--memory MIB] [--out FOLDER] [--quiet]
//          [--plant crash|throw|hang|memory] FILE|FOLDER...
// First all files, as they are; then inputs made from them and from the seed, until `count`
// are run or `seconds` are over (neither: none). An input depends on its number, the seed and
// the files alone. The target runs in a child process: one that dies, is silent for 10
// seconds or takes more than `memory` is a finding. The parent writes its input below the
// folder --out and goes on with the next. Exit status 0 if there was no finding, else 1.
// --plant makes the 10th input a fault of that kind, to see that it is noticed.
#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "fuzz/fuzz_target.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // their shadow memory leaves no use for a limit on addresses
#else
constexpr bool kSanitized = false;
#endif

extern "C" {
__attribute__((weak)) int LLVMFuzzerInitialize(int*, char***) { return 0; }
__attribute__((weak)) int rec_fuzz_recipes() { return 0; }
__attribute__((weak)) void rec_fuzz_file(const uint8_t* data, size_t size, std::string& file) {
  file.assign(reinterpret_cast<const char*>(data), size);
}
// An allocation beyond the limit, and memory that is never given back, are findings.
__attribute__((weak)) const char* __asan_default_options() {
  return "max_allocation_size_mb=1024:detect_leaks=0:quarantine_size_mb=8:malloc_context_size=6";
}
__attribute__((weak)) const char* __tsan_default_options() { return "max_allocation_size_mb=1024"; }
}

namespace {

using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

struct Options {
  uint64_t seed = 1;
  uint64_t count = 0;
  double seconds = 0;
  uint64_t memory = 256;
  std::string out = ".";
  std::string plant;
  bool quiet = false;
  std::vector<std::string> files;  // their bytes
};

// What the child tells the parent.
struct Shared {
  uint64_t at;       // number of the input
  uint64_t reached;  // see fuzz_target.h
};

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {  // splitmix64
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  uint64_t below(uint64_t bound) { return next() % std::max<uint64_t>(bound, 1); }

 private:
  uint64_t state_;
};

const std::string_view kTokens[] = {"nan",
                                    "inf",
                                    "-1",
                                    "0",
                                    "1e38",
                                    "1e308",
                                    "1e-320",
                                    "4294967296",
                                    "18446744073709551616",
                                    "0x10",
                                    "+1",
                                    " 1",
                                    "\t",
                                    "\t\t",
                                    "\n",
                                    "\n\n",
                                    "\r\n",
                                    "\x1b[31m",
                                    "user\titem\n",
                                    std::string_view("\0", 1),
                                    "\xff\xfe",
                                    "\"",
                                    "{",
                                    "["};

std::string mutated(std::string text, const std::vector<std::string>& files, Random& random) {
  for (uint64_t times = 1 + random.below(6); times > 0; --times) {
    const size_t at = random.below(text.size() + 1);
    const size_t size = std::min<size_t>(text.size() - at, 1 + random.below(16));
    switch (random.below(7)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
        break;
      case 1:
        if (at < text.size()) text[at] = static_cast<char>(random.next());
        break;
      case 2:
        text.insert(at, kTokens[random.below(std::size(kTokens))]);
        break;
      case 3:
        text.erase(at, size);
        break;
      case 4:
        text.insert(at, text.substr(at, size));
        break;
      case 5:
        if (random.below(4) == 0) text.resize(at);
        break;
      default: {
        const std::string& other = files[random.below(files.size())];
        const size_t from = random.below(other.size() + 1);
        text.replace(at, size, other, from, 1 + random.below(64));
      }
    }
  }
  return text;
}

std::string input(const Options& options, uint64_t number) {
  if (number < options.files.size()) return options.files[number];
  Random random(options.seed * 0x2545f4914f6cdd1du + number);
  if (rec_fuzz_recipes() != 0 && (options.files.empty() || random.below(8) != 0)) {
    std::string recipe(4 + random.below(random.below(4) == 0 ? 1200 : 200), '\0');
    for (char& byte : recipe) byte = static_cast<char>(random.next());
    return recipe;
  }
  return mutated(options.files[random.below(options.files.size())], options.files, random);
}

[[noreturn]] void run_child(const Options& options, uint64_t from, uint64_t to, Clock::time_point end, Shared* shared) {
  if (!kSanitized) {
    ::mallopt(M_ARENA_MAX, 1);  // each further one takes 64 MiB of addresses
    std::ifstream sizes("/proc/self/statm");
    uint64_t pages = 0;
    sizes >> pages;
    const rlim_t limit = pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)) + (options.memory << 20);
    const rlimit both{limit, limit};
    ::setrlimit(RLIMIT_AS, &both);
  }
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  rec::fuzz::reached = &shared->reached;
  for (uint64_t number = from; number < to; ++number) {
    if (number >= options.files.size() && Clock::now() >= end) break;
    __atomic_store_n(&shared->at, number, __ATOMIC_RELAXED);
    const std::string bytes = input(options, number);
    if (number == 9) {
      if (options.plant == "crash") *static_cast<volatile int*>(nullptr) = 1;
      if (options.plant == "throw") throw std::bad_alloc();
      if (options.plant == "hang") std::this_thread::sleep_for(std::chrono::hours(1));
      if (options.plant == "memory") std::string(size_t{2} << 30, 'x').swap(*new std::string);
    }
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    __atomic_store_n(&shared->at, number + 1, __ATOMIC_RELAXED);
  }
  std::fflush(stdout);
  ::_exit(0);
}

// Waits for the child. "" if it ended well, else what became of it.
std::string await(pid_t child, const Shared* shared, int silent_seconds) {
  uint64_t seen = UINT64_MAX;
  Clock::time_point since = Clock::now();
  for (int status = 0;;) {
    if (::waitpid(child, &status, WNOHANG) == child) {
      if (WIFEXITED(status))
        return WEXITSTATUS(status) == 0 ? "" : "exit status " + std::to_string(WEXITSTATUS(status));
      return std::string("killed by ") + strsignal(WTERMSIG(status));
    }
    const uint64_t at = __atomic_load_n(&shared->at, __ATOMIC_RELAXED);
    if (at != seen) {
      seen = at;
      since = Clock::now();
    } else if (Clock::now() - since > std::chrono::seconds(silent_seconds)) {
      ::kill(child, SIGKILL);
      ::waitpid(child, &status, 0);
      return "no end after " + std::to_string(silent_seconds) + " s";
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

// All files, in the order of their names.
std::vector<std::string> read_files(const std::vector<std::string>& paths) {
  std::vector<fs::path> files;
  for (const std::string& path : paths) {
    if (!fs::is_directory(path)) {
      files.emplace_back(path);
      continue;
    }
    for (const auto& entry : fs::directory_iterator(path)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> bytes;
  for (const fs::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
      std::fprintf(stderr, "%s: cannot read\n", file.c_str());
      std::exit(2);
    }
    bytes.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return bytes;
}

Options parse(int argc, char** argv) {
  Options options;
  std::vector<std::string> paths;
  for (int at = 1; at < argc; ++at) {
    const std::string name = argv[at];
    if (!name.starts_with("--")) {
      paths.push_back(name);
    } else if (name == "--quiet") {
      options.quiet = true;
    } else {
      if (++at == argc) {
        std::fprintf(stderr, "%s needs a value\n", name.c_str());
        std::exit(2);
      }
      const char* value = argv[at];
      if (name == "--seed")
        options.seed = std::strtoull(value, nullptr, 10);
      else if (name == "--count")
        options.count = std::strtoull(value, nullptr, 10);
      else if (name == "--seconds")
        options.seconds = std::strtod(value, nullptr);
      else if (name == "--memory")
        options.memory = std::strtoull(value, nullptr, 10);
      else if (name == "--out")
        options.out = value;
      else if (name == "--plant")
        options.plant = value;
      else {
        std::fprintf(stderr, "%s: no such option; see the head of tests/fuzz/loop_main.cc\n", name.c_str());
        std::exit(2);
      }
    }
  }
  options.files = read_files(paths);
  if (options.files.empty() && (rec_fuzz_recipes() == 0 || (options.count == 0 && options.seconds == 0))) {
    std::fprintf(stderr, "nothing to run\n");
    std::exit(2);
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  LLVMFuzzerInitialize(&argc, &argv);
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 2;
  auto* shared = static_cast<Shared*>(memory);
  const std::string target = fs::path(argv[0]).filename();
  const std::string said = options.out + "/" + target + ".stderr";
  const auto start = Clock::now();
  const auto end = start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.seconds));
  const bool generates = options.count > 0 || options.seconds > 0;
  const uint64_t to = !generates          ? options.files.size()
                      : options.count > 0 ? options.files.size() + options.count
                                          : UINT64_MAX;
  const auto until = options.seconds > 0 ? end : Clock::time_point::max();
  fs::create_directories(options.out);
  int findings = 0;
  uint64_t from = 0;
  while (from < to && findings < 20) {
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
      const int fd = ::open(said.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
      ::dup2(fd, STDERR_FILENO);
      run_child(options, from, to, until, shared);
    }
    const std::string fate = await(child, shared, options.plant == "hang" ? 1 : kSanitized ? 60 : 10);
    if (fate.empty()) break;
    ++findings;
    const std::string bytes = input(options, shared->at);
    std::string made;
    rec_fuzz_file(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), made);
    const std::string path =
        options.out + "/" + target + "-" + std::to_string(options.seed) + "-" + std::to_string(shared->at);
    std::ofstream(path, std::ios::binary).write(made.data(), static_cast<std::streamsize>(made.size()));
    std::ofstream(path + ".recipe", std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    std::printf("FINDING %s: %s; input %s\n", target.c_str(), fate.c_str(), path.c_str());
    std::ifstream in(said);
    std::string line;
    for (int shown = 0; shown < 25 && std::getline(in, line); ++shown)
      std::printf("  %s\n", line.substr(0, 200).c_str());
    from = shared->at + 1;
  }
  ::unlink(said.c_str());
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (!options.quiet || findings > 0) {
    std::printf("%s: %llu inputs in %.1f s, seed %llu, %llu got past the reader, %d findings\n", target.c_str(),
                static_cast<unsigned long long>(shared->at), seconds, static_cast<unsigned long long>(options.seed),
                static_cast<unsigned long long>(shared->reached), findings);
  }
  return findings == 0 ? 0 : 1;
}
