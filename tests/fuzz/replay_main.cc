// Runs a fuzz target on files, for compilers without libFuzzer: FILE..., or
// folders of them. Exit status 0 if all were run; a finding aborts.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  for (int at = 1; at < argc; ++at) {
    if (!fs::is_directory(argv[at])) {
      files.emplace_back(argv[at]);
      continue;
    }
    for (const auto& entry : fs::directory_iterator(argv[at])) files.push_back(entry.path());
  }
  if (files.empty()) {
    std::fprintf(stderr, "no files to run\n");
    return 1;
  }
  for (const fs::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
      std::fprintf(stderr, "%s: cannot read\n", file.c_str());
      return 1;
    }
    const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  }
  std::printf("%zu files\n", files.size());
}
