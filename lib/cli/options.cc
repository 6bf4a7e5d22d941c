#include "cli/options.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/error.h"
#include "base/number.h"
#include "base/parallel_for.h"
#include "base/version.h"
#include "cli/run_main.h"

namespace rec {

int CommonOptions::jobs() const { return threads > 0 ? threads : hardware_threads(); }

ReadOptions CommonOptions::read_options(Progress* progress) const {
  ReadOptions read{columns, bad_lines, {}};
  read.csv = csv;
  read.threads = jobs();
  read.header_rows = header_rows;
  read.columns_used = columns_used_;
  read.as_it_comes = buffering() == Buffering::kRows;
  if (progress != nullptr) {
    read.progress = [progress](uint64_t bytes, uint64_t total) {
      progress->update(static_cast<double>(bytes) / 1e6, static_cast<double>(total) / 1e6, "MB");
    };
  }
  return read;
}

ReadOptions CommonOptions::side_options() const {
  // The columns of all tables that stand beside an input.
  const TableSpec columns_beside{"the other tables",
                                 {{"user", false},
                                  {"item", false},
                                  {"value", false},
                                  {"timestamp", false},
                                  {"rank", false},
                                  {"reward", false},
                                  {"propensity", false},
                                  {"boost", false},
                                  {"score", false},
                                  {"history_item", false},
                                  {"attention", false},
                                  {"feature", false},
                                  {"title", false},
                                  {"text", false},
                                  {"name", false},
                                  {"image", false},
                                  {"url", false},
                                  {"impressions", false},
                                  {"clicks", false}}};
  ReadOptions read{side_columns, bad_lines, {}};
  if (!side_columns.empty()) {
    const ColumnMap map = ColumnMap::parse(side_columns, columns_beside, "--side-columns", true);
    if (!map.others.empty())
      fail_usage("--side-columns: no column \"{}\" in a table beside the input", printable(map.others.front().column));
  } else if (!ColumnMap::parse(columns, columns_beside, "--columns", true).by_position()) {
    read.columns = columns;
    read.columns_used = columns_used_;
  }
  read.header_rows = header_rows;
  read.side = true;
  read.columns_option = "--side-columns";
  read.csv = csv;
  read.threads = jobs();
  return read;
}

bool CommonOptions::with_header(bool input_has_header) const {
  return header == HeaderRule::kAlways || (header == HeaderRule::kLikeInput && input_has_header);
}

Buffering CommonOptions::buffering() const {
  const bool terminal = output == "-" && ::isatty(STDOUT_FILENO) == 1;
  return line_buffered || terminal ? Buffering::kRows : Buffering::kBlocks;
}

void add_common_options(OptionTable& table, CommonOptions& options) {
  table.add("-o,--output", options.output, "FILE", "Write to FILE; it appears complete or not at all; - is stdout")
      .writes();
  add_sync_option(table, options);
  add_run_options(table, options);
}

void add_sync_option(OptionTable& table, CommonOptions& options) {
  table.flag_call(
      "--no-sync", [&options] { options.sync = Sync::kNo; },
      "Do not wait until the disk has the file; for scratch files, as a power failure may then lose it");
}

void add_run_options(OptionTable& table, CommonOptions& options) {
  table.add("-j,--threads", options.threads, "N", "Threads; 0: one for each core. The output does not depend on it")
      .range(0, 1024);
  table.flag("-q,--quiet", options.quiet, "Print only errors and warnings on stderr");
  table.flag("-v,--verbose", options.verbose, "Print details, version, time and peak memory on stderr")
      .excludes("--quiet");
  table.flag("--force", options.force, "Let an output replace a file that the run reads");
}

namespace {

// Whether an option was given that names a table beside the input.
bool reads_side_table(const OptionTable& table) {
  return std::any_of(table.all().begin(), table.all().end(), [](const Option& option) {
    return option.given() && option.is_table_read() && !option.is_positional();
  });
}

}  // namespace

void add_table_options(OptionTable& table, CommonOptions& options, const TableSpec& spec, bool is_report) {
  const OptionTable::Section section(table, "Tables");
  std::string names;
  for (const auto& column : spec.columns) names += (names.empty() ? "" : ", ") + column.name;
  table.add("--columns", options.columns, "MAP",
            "Where the columns are: COLUMN=NAME,... by header name, in each table that has it, or COLUMN=N,... by "
            "position from 1, in the input; columns: " +
                names);
  table.flag("--csv", options.csv.all,
             "Read all tables as CSV, except files named .tsv; a file named .csv is CSV without this option");
  table.parsed(
      "--delimiter",
      [&options](const std::string& delimiter) {
        check_delimiter(delimiter);
        options.csv = {true, delimiter};
      },
      "C", "The delimiter of CSV, in place of a comma: one byte, or ::; implies --csv");
  table
      .add("--side-columns", options.side_columns, "MAP",
           "The --columns of the tables beside the input, by name or position")
      .needs("a table beside the input", [&table] { return reads_side_table(table); });
  table
      .add("--header-rows", options.header_rows, "N",
           "Lines of the input before the data. 0: none; 1: a header, whatever it names; N: the last of them is the "
           "header (default: the first line tells)")
      .range(0, 1000);
  table.one_of<HeaderRule, HeaderRule>(
      "--header", options.header,
      {{"auto", HeaderRule::kLikeInput}, {"always", HeaderRule::kAlways}, {"never", HeaderRule::kNever}},
      is_report ? "Whether the output has a header line; auto: yes"
                : "Whether the output has a header line; auto: yes, if the input has one");
  table.one_of<BadLines, BadLines>("--bad-lines", options.bad_lines,
                                   {{"fail", BadLines::kFail}, {"skip", BadLines::kSkip}},
                                   "At a malformed line: end with an error, or skip and count it");
}

std::string first_file(const std::vector<std::string>& files, ReadOptions& read) {
  if (std::count(files.begin(), files.end(), "-") > 1) fail_usage("stdin (-) is used for more than one FILE");
  read.more_files.emplace(files.begin() + (files.empty() ? 0 : 1), files.end());
  return files.empty() ? "-" : files.front();
}

void add_grouping_options(OptionTable& table, bool& grouped, bool& ungrouped) {
  table.flag("--grouped", grouped, "The rows of each user are together in the input: stream it from the first line on");
  table.flag("--ungrouped", ungrouped, "The rows of a user are not together: read all of the input first")
      .excludes("--grouped");
}

void add_line_buffered_option(OptionTable& table, CommonOptions& options) {
  Option& option = table.flag("--line-buffered", options.line_buffered,
                              "Write the rows for the lines read so far at once, for a program that waits for them; "
                              "the rows of a user must be together. On a terminal this needs no option");
  if (table.find("--ungrouped") != nullptr) option.excludes("--ungrouped");
}

void option_needs(const OptionTable& table, const char* name, const char* needed, bool condition) {
  if (table.given(name) && !condition) fail_usage("{} needs {}", name, needed);
}

Report::Report(std::string tool, const CommonOptions& options)
    : tool_(std::move(tool)),
      quiet_(options.quiet),
      verbose_(options.verbose),
      on_warning_(options.on_warning),
      start_(std::chrono::steady_clock::now()) {}

void Report::warning(const std::string& text) const {
  if (on_warning_) return on_warning_(text);
  say(fmt::format("{}: warning: {}\n", tool_, escaped(text)));
}

void Report::note(const std::string& text) const {
  if (!quiet_) say(fmt::format("{}: {}\n", tool_, escaped(text)));
}

void Report::detail(const std::string& text) const {
  if (verbose_) say(fmt::format("{}: {}\n", tool_, escaped(text)));
}

void Report::reading(const std::string& path) const {
  if (path == "-" && ::isatty(STDIN_FILENO) == 1) note("reading from the terminal; Ctrl-D ends, --help tells more");
}

void Report::bad_lines(uint64_t count, const std::string& file) const {
  if (count > 0) note(fmt::format("{}: {} skipped", file, counted(count, "bad line")));
}

void Report::finish() const {
  if (!verbose_) return;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  detail(fmt::format("version {}, {:.3f} s, {:.1f} MiB peak memory", kVersion, elapsed.count(),
                     static_cast<double>(usage.ru_maxrss) / 1024));
}

namespace {

bool is_regular(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

Progress::Progress(std::string label, const CommonOptions& options, bool to_output)
    : label_(std::move(label)),
      active_(!options.quiet && !options.verbose && ::isatty(STDERR_FILENO) == 1 &&
              (!to_output || options.output != "-" || is_regular(STDOUT_FILENO))),
      start_(std::chrono::steady_clock::now()) {}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (shown_) say("\r\033[K");
  shown_ = false;
}

void Progress::update(double done, double total, const char* unit) {
  const auto now = std::chrono::steady_clock::now();
  if (!active_ || now - last_ < std::chrono::milliseconds(200)) return;
  last_ = now;
  shown_ = true;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double rate = seconds > 0 ? done / seconds : 0;
  if (total > 0 && rate > 0) {
    say(fmt::format("\r\033[K{}: {:.0f}/{:.0f} {}, {:.1f} {}/s, {:.0f} s left", label_, done, total, unit, rate, unit,
                    (total - done) / rate));
  } else {
    say(fmt::format("\r\033[K{}: {:.0f} {}, {:.1f} {}/s", label_, done, unit, rate, unit));
  }
}

}  // namespace rec
