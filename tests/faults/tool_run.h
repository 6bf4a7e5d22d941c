// Runs of the tools under tests/faults/interposer.cc, in a scratch folder with small
// tables and models. For one thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "temp_folder.h"

namespace rec::faults {

// A command that writes files in the folder out/. Its first word is the tool; -q -j 1 are added.
struct Scenario {
  std::string name;
  std::vector<std::string> words;
  std::vector<std::string> outputs;  // names in out/; none: it writes to stdout
  bool together = true;              // all of them take their places, or none
  bool no_tmpfile = false;           // on a file system without O_TMPFILE
  bool sync = true;                  // it promises that they are on the disk
  bool in_sample = true;
};

// Every tool, and each way to write a file.
std::vector<Scenario> scenarios();

// What the interposer is told; see there.
struct Fault {
  std::string function;
  int nth = 0;         // 0: none
  std::string what{};  // error, ignored, before, after
  int number = 0;      // errno or signal
  size_t most = 0;     // bytes of a read or write
};

// One line of the interposer's log: FUNCTION INODE SIZE FROM TO. A call is told twice: as "try" with its
// function in `from`, and by its own name once it has succeeded. open(2) is "nameless" with O_TMPFILE,
// "create" with O_CREAT.
struct Call {
  std::string function;
  unsigned long inode = 0;
  long long size = 0;
  std::string from, to;
};

struct Outcome {
  int status = 0;  // as waitpid(2) has it
  std::string out, err;
  std::map<std::string, std::string> files;  // in out/, by name
  std::vector<Call> calls;                   // where they were asked for
};

class ToolRuns {
 public:
  // Makes the scratch folder, makes it the working folder, and trains the models there. Throws
  // std::runtime_error if that fails.
  ToolRuns(const std::string& interposer, const std::string& binaries);

  // Empties out/ and puts an old file in the place of each output.
  void put_old_files(const Scenario& scenario) const;
  Outcome run(const Scenario& scenario, const Fault& fault, bool with_log = false) const;

 private:
  TempFolder folder_;
  std::string interposer_;
  std::string binaries_;
};

std::string old_text(const std::string& output);

}  // namespace rec::faults
