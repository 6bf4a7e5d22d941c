// Cuts the power after each system call of a run, on paper: replays the calls that the run made and
// looks at what a disk might then hold.
// The model of the disk is the worst that POSIX allows:
//   - of a file, what was there at its last fsync, and nothing written since
//   - of a name, any of the files that it has stood for since the last fsync of its folder, or the
//     one it stood for then
// At each point the name of each output must stand for the whole old file or a whole new one, and once the
// tool has ended, for the new one alone.
// Controls: a run with --no-sync must be found unsafe, as must one whose fsync does nothing.
//
// power_cut INTERPOSER BINARIES
#include <fmt/format.h>
#include <sys/stat.h>

#include <exception>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tool_run.h"

namespace rec::faults {
namespace {

unsigned long inode_at(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

// All that is linked or renamed is in out/, however the tool calls it.
std::string name_in(const std::string& path) { return path.substr(path.rfind('/') + 1); }

struct File {
  long long written = 0;
  long long synced = 0;
  long long whole = 0;  // bytes at the end of the run
  bool old = false;
};

class Disk {
 public:
  // As it is before the run.
  explicit Disk(const Scenario& scenario) : folder_(inode_at("out")) {
    for (const std::string& output : scenario.outputs) {
      const int file = add_file(inode_at("out/" + output));
      files_[file].old = true;
      names_[output] = {file};
      outputs_.push_back(output);
    }
  }

  void apply(const Call& call) {
    if (call.function == "nameless") {
      add_file(call.inode);
    } else if (call.function == "create") {
      names_[name_in(call.from)].push_back(add_file(call.inode));
    } else if (call.function == "write") {
      if (const int file = file_of(call.inode); file >= 0) files_[file].written += call.size;
    } else if (call.function == "ftruncate") {
      if (const int file = file_of(call.inode); file >= 0) files_[file].synced = -1;
    } else if (call.function == "link") {
      names_[name_in(call.to)].push_back(file_of(call.inode));
    } else if (call.function == "rename") {
      names_[name_in(call.to)].push_back(file_of(call.inode));
      names_[name_in(call.from)].push_back(kNone);
    } else if (call.function == "unlink") {
      names_[name_in(call.from)].push_back(kNone);
    } else if (call.function == "fsync" && call.inode == folder_) {
      for (auto& [name, since] : names_) since = {since.back()};
    } else if (call.function == "fsync") {
      if (const int file = file_of(call.inode); file >= 0) files_[file].synced = files_[file].written;
    }
  }

  // "" or what a power cut now would spoil. `ended`: of a run that has reported success.
  std::string complaint(bool ended) const {
    for (const std::string& output : outputs_) {
      for (const int file : names_.at(output)) {
        if (file == kNone) return output + " may be gone";
        if (files_[file].old && ended) return output + " may be the old file";
        if (!files_[file].old && files_[file].synced != files_[file].whole) {
          return fmt::format("{} may hold {} of {} bytes", output, files_[file].synced, files_[file].whole);
        }
      }
    }
    return "";
  }

  // Takes the files' sizes at the end from a disk that has seen all calls.
  void learn_sizes(const Disk& at_end) {
    for (const File& file : at_end.files_) whole_.push_back(file.written);
    for (size_t file = 0; file < files_.size(); ++file) files_[file].whole = whole_[file];
  }

 private:
  static constexpr int kNone = -1;

  // An inode's number may be used again, for another file.
  int add_file(unsigned long inode) {
    const int file = static_cast<int>(files_.size());
    files_.emplace_back();
    if (static_cast<size_t>(file) < whole_.size()) files_.back().whole = whole_[static_cast<size_t>(file)];
    numbers_[inode] = file;
    return file;
  }
  int file_of(unsigned long inode) const {
    const auto found = numbers_.find(inode);
    return found == numbers_.end() ? kNone : found->second;
  }

  unsigned long folder_;
  std::vector<File> files_;
  std::vector<long long> whole_;
  std::map<unsigned long, int> numbers_;           // the latest file of each inode
  std::map<std::string, std::vector<int>> names_;  // the file at the folder's last fsync, and those since
  std::vector<std::string> outputs_;
};

struct Result {
  size_t cuts = 0;
  std::string complaint;  // the first
};

Result cut_everywhere(const ToolRuns& tools, const Scenario& scenario, const Fault& fault) {
  tools.put_old_files(scenario);
  Disk disk(scenario);
  Disk at_end = disk;
  const Outcome outcome = tools.run(scenario, fault, true);
  if (outcome.status != 0) return {0, "it failed: " + outcome.err};
  size_t renames = 0;
  for (const Call& call : outcome.calls) {
    at_end.apply(call);
    renames += call.function == "rename" ? 1 : 0;
  }
  if (renames < scenario.outputs.size()) return {0, "fewer renames than outputs"};
  disk.learn_sizes(at_end);
  Result result;
  for (const Call& call : outcome.calls) {
    if (call.function == "try") continue;
    disk.apply(call);
    ++result.cuts;
    result.complaint = disk.complaint(false);
    if (!result.complaint.empty()) {
      result.complaint += fmt::format(" after call {}, {}", result.cuts, call.function);
      return result;
    }
  }
  result.complaint = disk.complaint(true);
  if (!result.complaint.empty()) result.complaint += " after its end";
  return result;
}

}  // namespace
}  // namespace rec::faults

int main(int argc, char** argv) {
  using namespace rec::faults;
  if (argc != 3) return 2;
  try {
    const ToolRuns tools(argv[1], argv[2]);
    size_t cuts = 0;
    int failed = 0;
    for (const Scenario& scenario : scenarios()) {
      if (!scenario.sync || scenario.outputs.empty()) continue;
      const Result safe = cut_everywhere(tools, scenario, {});
      cuts += safe.cuts;
      if (!safe.complaint.empty()) {
        ++failed;
        fmt::print("FAILED: {}: {}\n", scenario.name, safe.complaint);
      }
      Scenario scratch = scenario;
      scratch.words.emplace_back("--no-sync");
      const auto control = [&](const char* what, const Result& result) {
        fmt::print("control: {}, {}: {}\n", scenario.name, what,
                   result.complaint.empty() ? "NOT FOUND" : result.complaint);
        if (result.complaint.empty() || result.cuts == 0) ++failed;
      };
      control("--no-sync", cut_everywhere(tools, scratch, {}));
      control("an fsync that does nothing",
              cut_everywhere(tools, scenario, {.function = "fsync", .nth = 1, .what = "ignored"}));
    }
    fmt::print("{} power cuts, {} failed\n", cuts, failed);
    return failed == 0 && cuts > 0 ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print("{}\n", error.what());
    return 1;
  }
}
