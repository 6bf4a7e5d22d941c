#include "cli/run_files.h"

#include "base/error.h"
#include "io/file_identity.h"

namespace rec {
namespace {

struct RunFile {
  std::string option;
  std::string path;
  std::string identity;
  int descriptor;  // open_descriptor()
  bool given;      // not by default
};

std::vector<RunFile> files_of(const OptionTable& table, Option::File use) {
  std::vector<RunFile> files;
  for (const Option& option : table.all()) {
    if (option.file() != use) continue;
    const bool writing = use == Option::File::kWritten;
    for (const std::string& path : option.paths())
      files.push_back(
          {option.flag(), path, file_identity(path, writing), open_descriptor(path, writing), option.given()});
  }
  return files;
}

void check_outputs(const std::vector<RunFile>& outputs) {
  for (size_t one = 0; one < outputs.size(); ++one) {
    for (size_t other = one + 1; other < outputs.size(); ++other) {
      const RunFile& a = outputs[one];
      const RunFile& b = outputs[other];
      // Two descriptors of one file, as of > all 2>&1, are meant.
      const bool both_open = a.descriptor >= 0 && b.descriptor >= 0;
      const bool same = both_open ? a.descriptor == b.descriptor : !a.identity.empty() && a.identity == b.identity;
      if (same)
        fail_usage("{} and {} are the same file: {}", a.option, b.option, a.path == "-" ? "stdout" : printable(a.path));
    }
  }
}

// A pipe is read once. "-" twice, and as a default, is told by each tool: whether it is read depends on other options.
void check_pipes(const std::vector<RunFile>& inputs) {
  for (size_t one = 0; one < inputs.size(); ++one) {
    for (size_t other = one + 1; other < inputs.size(); ++other) {
      const RunFile& a = inputs[one];
      const RunFile& b = inputs[other];
      if (a.descriptor < 0 || a.descriptor != b.descriptor || !a.identity.empty()) continue;
      if (!a.given || !b.given || (a.path == "-" && b.path == "-")) continue;
      fail_usage("{} and {} are the same pipe, which is read once: {}, {}", a.option, b.option, printable(a.path),
                 printable(b.path));
    }
  }
}

}  // namespace

void check_run_files(const OptionTable& table) {
  const std::vector<RunFile> outputs = files_of(table, Option::File::kWritten);
  check_outputs(outputs);
  const Option* force = table.find("--force");
  const std::vector<RunFile> inputs = files_of(table, Option::File::kRead);
  check_pipes(inputs);
  for (const RunFile& input : inputs) {
    for (const RunFile& output : outputs) {
      if (input.identity.empty() || input.identity != output.identity) continue;
      if (output.descriptor >= 0) {
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
