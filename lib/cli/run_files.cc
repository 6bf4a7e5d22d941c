#include "cli/run_files.h"

#include "base/error.h"
#include "io/file_identity.h"

namespace rec {
namespace {

struct RunFile {
  std::string option;
  std::string path;
  std::string identity;
};

std::vector<RunFile> files_of(const OptionTable& table, Option::File use) {
  std::vector<RunFile> files;
  for (const Option& option : table.all()) {
    if (option.file() != use) continue;
    for (const std::string& path : option.paths())
      files.push_back({option.flag(), path, file_identity(path, use == Option::File::kWritten)});
  }
  return files;
}

void check_outputs(const std::vector<RunFile>& outputs) {
  for (size_t one = 0; one < outputs.size(); ++one) {
    for (size_t other = one + 1; other < outputs.size(); ++other) {
      const RunFile& a = outputs[one];
      const RunFile& b = outputs[other];
      const bool both_open = is_open_already(a.path) && is_open_already(b.path);
      const bool same = both_open ? a.path == b.path : !a.identity.empty() && a.identity == b.identity;
      if (same)
        fail_usage("{} and {} are the same file: {}", a.option, b.option, a.path == "-" ? "stdout" : printable(a.path));
    }
  }
}

}  // namespace

void check_run_files(const OptionTable& table) {
  const std::vector<RunFile> outputs = files_of(table, Option::File::kWritten);
  check_outputs(outputs);
  const Option* force = table.find("--force");
  for (const RunFile& input : files_of(table, Option::File::kRead)) {
    for (const RunFile& output : outputs) {
      if (input.identity.empty() || input.identity != output.identity) continue;
      if (is_open_already(output.path)) {
        fail_usage("{} and {} are the same file, {}, which is open for writing already: write to another file",
                   input.option, output.option, printable(input.path == "-" ? output.path : input.path));
      }
      if (force != nullptr && force->given()) continue;
      fail_usage("{} would replace {}, which is the same file: {}; write to another file, or say --force",
                 output.option, input.option, printable(output.path));
    }
  }
}

}  // namespace rec
