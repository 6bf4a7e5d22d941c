// Options that several tools share, declared once and spelled alike everywhere,
// and what they say on stderr. See DESIGN.md, section 4 of the project's brief,
// or the COMMON OPTIONS section of any man page.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "io/output.h"
#include "io/table.h"

namespace rec {

// When the output has a header line.
enum class HeaderRule { kLikeInput, kAlways, kNever };

class Progress;

struct CommonOptions {
  std::string output = "-";
  int threads = 0;  // 0: all cores
  bool quiet = false;
  bool verbose = false;
  Sync sync = Sync::kYes;
  bool force = false;  // an output may replace an input; check_run_files() looks at the option
  // tables only:
  std::string columns;
  std::string side_columns;
  HeaderRule header = HeaderRule::kLikeInput;
  BadLines bad_lines = BadLines::kFail;
  CsvOptions csv;
  std::optional<int> header_rows;
  bool line_buffered = false;  // of tools that stream rows; see buffering()
  // Takes the warnings of Report, without its prefix; empty: stderr does.
  std::function<void(const std::string& text)> on_warning;

  // The number of threads, resolved.
  int jobs() const;
  // With --columns and --bad-lines; progress, if given, must outlive the reading.
  ReadOptions read_options(Progress* progress = nullptr) const;
  // For files beside the main input: --side-columns or, by name, --columns. Throws UsageError for --side-columns.
  ReadOptions side_options() const;
  bool with_header(bool input_has_header) const;
  // Of the rows: kRows with --line-buffered, or where they go to a terminal.
  Buffering buffering() const;

 private:
  std::shared_ptr<ColumnsUsed> columns_used_ = std::make_shared<ColumnsUsed>();
};

// -j, -q, -v, --force: for a tool whose outputs have options of their own
void add_run_options(OptionTable& table, CommonOptions& options);
// --no-sync: for a tool that writes files
void add_sync_option(OptionTable& table, CommonOptions& options);
// -o, --no-sync and these
void add_common_options(OptionTable& table, CommonOptions& options);
// --columns (of `spec`), --side-columns, --csv, --delimiter, --header-rows, --header, --bad-lines. is_report:
// the output has a header line unless there shall be none, whatever the input has.
void add_table_options(OptionTable& table, CommonOptions& options, const TableSpec& spec, bool is_report = false);
// For a command whose FILE may be given several times, `files`, as one table: the first of them, stdin where there is
// none; the others go to `read`. Throws UsageError where stdin is there twice.
std::string first_file(const std::vector<std::string>& files, ReadOptions& read);
// --grouped, --ungrouped
void add_grouping_options(OptionTable& table, bool& grouped, bool& ungrouped);

// --line-buffered: for a tool that writes rows while it reads
void add_line_buffered_option(OptionTable& table, CommonOptions& options);

// Throws UsageError "A needs B" where option `name` was given but `condition` does not
// hold: for conditions that Option::needs() cannot see.
void option_needs(const OptionTable& table, const char* name, const char* needed, bool condition);

// What a tool says on stderr beside errors. There are three ranks, and -q knows them:
//   warning()  the run did what was asked, but the data make its result worth nothing, or other than
//              it looks: tables that have no id in common, a metric that is undefined. Begins with
//              "warning: ", and is printed under -q, too: cron jobs run so.
//   note()     counts and remarks on a run that went well. Silent under -q.
//   detail()   speaks only under -v.
class Report {
 public:
  Report(std::string tool, const CommonOptions& options);
  void warning(const std::string& text) const;
  void note(const std::string& text) const;
  void detail(const std::string& text) const;
  // That people are waited for, where `path` is stdin and stdin a terminal: called before
  // it is read.
  void reading(const std::string& path) const;
  // "N bad lines skipped", if any.
  void bad_lines(uint64_t count, const std::string& file) const;
  // Under -v: version, seconds, peak memory.
  void finish() const;

 private:
  std::string tool_;
  bool quiet_;
  bool verbose_;
  std::function<void(const std::string& text)> on_warning_;
  std::chrono::steady_clock::time_point start_;
};

// A progress line on stderr: only on a terminal, never under -q or -v, and only where
// the output is a file (rows on the same terminal, or the progress of the other
// stages of a pipe, would run into it). At most five times a second, wiped when
// done. Not thread-safe.
class Progress {
 public:
  // to_output: the tool writes its rows to options.output; false: to other files.
  Progress(std::string label, const CommonOptions& options, bool to_output = true);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // total 0: unknown, no time left is shown. unit: "MB", "epochs".
  void update(double done, double total, const char* unit);
  // Wipes the line; called before other lines are written.
  void clear();

 private:
  std::string label_;
  bool active_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace rec
