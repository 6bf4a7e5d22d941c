// TSV tables: which columns there are, where they stand (the header rule of
// rec-formats(5)), and lines read in batches that several threads may parse.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/parallel_for.h"
#include "io/input.h"
#include "io/line_cursor.h"

namespace rec {

// A kind of table: its columns in positional order, the required ones first.
struct TableSpec {
  enum class Kind { kId, kNumber, kTime, kText };  // an id is not empty, a number is finite, a time is one or a date
  struct Column {
    std::string name;
    bool required = true;
    Kind kind = Kind::kId;
    bool in_header = true;  // false: required by position alone; a header need not name it
  };
  std::string name;  // "interactions", for messages
  std::vector<Column> columns;
};

// Where a table's columns stand in one input.
struct Layout {
  // What the first line may hold. Each field costs memory many times its bytes.
  static constexpr size_t kMaxFields = 65536;
  static constexpr int kAbsent = -1;
  bool header = false;
  size_t n_fields = 0;              // of every line
  std::vector<int> position;        // for each column of the spec: field from 0, or kAbsent
  std::vector<std::string> names;   // the header's field names; empty without one
  std::vector<std::string> types;   // their types (token, float, ...) in a header that has them; else empty
  size_t width = 0;                 // fields a reader needs: the largest position + 1
  std::vector<std::string> doubts;  // what the first rows say against these columns (io/table_notes.h)

  bool has(size_t column) const { return position[column] != kAbsent; }
};

// What --columns says: NAME=FIELD pairs, FIELD being a name in the header or a
// position from 1.
struct ColumnMap {
  struct Entry {
    std::string column;
    std::string field;
    int position = 0;  // from 1; 0: `field` is a name
  };
  std::vector<Entry> entries;

  // Columns of other tables of the run that the map names: not in `entries`.
  std::vector<Entry> others;

  bool by_position() const { return !entries.empty() && entries.front().position > 0; }

  // Parses "user=userId,item=2"; "" maps nothing. option: what gave it, for errors. shared: of several tables,
  // so a column that `spec` lacks goes to `others`, and a required one may be missing. Without it only columns of
  // interactions may do so. Throws UsageError for anything else: an unknown or repeated column, a mix of names and
  // positions.
  static ColumnMap parse(std::string_view text, const TableSpec& spec, std::string_view option = "--columns",
                         bool shared = false);
};

// The entries of a --columns by name that some table of a run has used. For one thread.
struct ColumnsUsed {
  std::vector<ColumnMap::Entry> entries;
  bool has(const ColumnMap::Entry& entry) const;
};

// What the first line is: a header where it names the columns; or so, or data, by --header-rows.
enum class FirstLine { kByNames, kHeader, kData };

// Finds the columns from the first line. A header by --header-rows that does not name them has them in their order.
// Throws BadField.
Layout find_columns(const TableSpec& spec, const ColumnMap& map, const Line& first,
                    FirstLine told = FirstLine::kByNames, std::string_view option = "--columns");

// A header for lines that are written as they were read, with LF: the spec's own
// names for its columns, whatever --columns mapped; other fields keep their
// header names or, without a header, become "field3". A name that a column of the spec takes gets "input_" before it.
std::string header_line(const TableSpec& spec, const Layout& layout);

// A line that is not what it should be: `field` counts from 1, 0 is the line
// itself. Thrown while a line is parsed; the reader turns it into an Error with
// file and line, or counts it (BadLines::kSkip).
struct BadField {
  int field;
  std::string text;
};

[[noreturn]] void bad_number(int field, std::string_view found);
[[noreturn]] void bad_time(int field, std::string_view found);
[[noreturn]] void bad_field(int field, std::string text);

enum class BadLines { kFail, kSkip };

// A format other than TSV, whose fields are split by blanks and stand at fixed
// places; it has no header.
struct FixedFormat {
  std::string name;     // "TREC run", for messages
  std::string columns;  // as --columns would say it
  std::string fields;   // the names of all fields
  size_t n_fields = 0;
  bool more_fields = false;  // whether a line may have more, which are not read
};

struct ReadOptions {
  std::string columns;  // as given to --columns, or to `columns_option`
  BadLines bad_lines = BadLines::kFail;
  // Called after each batch with the bytes read so far and those of the whole file (0:
  // a pipe, unknown); may be empty.
  std::function<void(uint64_t bytes, uint64_t total)> progress;
  std::optional<FixedFormat> format{};  // in place of TSV; then `columns` is not used
  // The files that are read behind the first as one table with it; nothing: the command takes one FILE.
  std::optional<std::vector<std::string>> more_files{};
  CsvOptions csv{};  // which tables are CSV
  // The lines before the data, the last of which may name the columns; nothing: found out from the first line.
  std::optional<int> header_rows{};
  // A table beside the main one of the run. Then `columns` are those of several tables: names that this one lacks
  // are not for it. header_rows 0 only says that nothing but exact names is a header, and more are not for it.
  bool side = false;
  std::string columns_option = "--columns";  // for messages: the option that maps this table
  // Batches hold the lines that have come (Input::give_as_it_comes()); the columns are told from the first such batch.
  bool as_it_comes = false;
  int threads = 1;      // read the file
  bool ragged = false;  // lines may have any number of fields that has those of the columns
  // Shared by the tables of a run: a name in `columns` that the main table lacks is no error where another had it.
  std::shared_ptr<ColumnsUsed> columns_used{};
};

class TableReader {
 public:
  // Opens the file and reads its first chunk; so a header is known at once.
  // chunk_bytes: how much text a batch holds. Of several files each may have a header, and no batch holds lines of two;
  // those with lines must have the same columns in the same places.
  TableReader(const std::string& path, TableSpec spec, ReadOptions options, size_t chunk_bytes = Input::kChunkBytes)
      : TableReader(ByteSource(path), path, std::move(spec), std::move(options), chunk_bytes) {}
  // What is left of `source`, which `path` names.
  TableReader(ByteSource source, const std::string& path, TableSpec spec, ReadOptions options, size_t chunk_bytes);

  // An empty input has the layout of the required columns without a header.
  const Layout& layout() const { return layout_; }
  // Of the file that the batch is from.
  const std::string& name() const { return input_.name(); }
  uint64_t bad_lines() const { return bad_lines_; }
  Input& input() { return input_; }
  const Input& input() const { return input_; }

  // Moves to the next batch of lines (the header is in none); false at the end. Throws Error for a further file that
  // cannot be read or has other columns.
  [[nodiscard]] bool next();
  std::string_view text() const { return text_; }
  // The lines of the batch where it is the last one, SIZE_MAX where more may come.
  size_t lines_left() const {
    return input_.at_end() ? static_cast<size_t>(std::count(text_.begin(), text_.end(), '\n')) : SIZE_MAX;
  }

  // Calls row(piece, line) for every line of the batch. The batch is cut into
  // `pieces` parts of whole lines (or as cut by the caller), which threads work
  // on; lines of one piece come in order from one thread. row may throw
  // BadField. Throws Error "FILE:LINE: field N: ..." for the first bad line.
  template <class Row>
  void parse(int threads, const std::vector<std::string_view>& pieces, Row&& row);
  template <class Row>
  void parse(int threads, size_t pieces, Row&& row) {
    parse(threads, split_lines(text_, pieces), std::forward<Row>(row));
  }

  // Lines have all their fields from now on, not those alone that the columns need.
  void keep_all_fields() { keeps_all_fields_ = true; }

  // Turns a bad field of the line at `where` (in the input's text) into Error.
  [[noreturn]] void fail_at(const char* where, const BadField& bad) const;
  // As fail_at, for a line whose number is known.
  [[noreturn]] void fail_line(uint64_t line, const BadField& bad) const;
  void check_field_count(const Line& line) const {
    if (line.text.size() == header_.size() && line.text == header_ && !header_.empty()) repeated_header();
    if (line.n_fields == layout_.n_fields || (options_.ragged && line.n_fields >= layout_.width)) return;
    if (line.n_fields < layout_.n_fields || !options_.format || !options_.format->more_fields) bad_field_count(line);
  }
  bool skips_bad_lines() const { return options_.bad_lines == BadLines::kSkip; }
  void add_bad_lines(uint64_t count) { bad_lines_ += count; }

 private:
  // Goes on with the next of the further files; false where there is none.
  bool open_next();
  void check_same_columns(const TableReader& next) const;
  // The layout of the required columns, for an input without lines.
  void lay_out_nothing();
  // rest: the lines after the first that have been read. Throws BadField.
  void lay_out(const ColumnMap& map, const Line& first, std::string_view rest);
  // The entries that this table has; notes them as used.
  ColumnMap map_of_this(const ColumnMap& map, const std::vector<std::string_view>& fields,
                        const std::vector<std::string_view>& names) const;
  [[noreturn]] void bad_field_count(const Line& line) const;
  [[noreturn]] void repeated_header() const;
  // "TAB-separated ", for messages.
  std::string separated() const;
  // A line as it stands in the file, but for quotes, and quoted.
  std::string shown(const Line& line) const;

  TableSpec spec_;
  ReadOptions options_;
  size_t chunk_bytes_;
  size_t files_read_ = 0;                 // of options_.more_files
  std::optional<std::string> delimiter_;  // of CSV
  Input input_;
  Layout layout_;
  std::string_view text_;
  bool first_pending_ = false;
  bool keeps_all_fields_ = false;
  uint64_t bad_lines_ = 0;
  std::string header_;       // its whole line; empty without one, and where --header-rows says what it is
  uint64_t first_line_ = 1;  // of the file: what the columns were told from
  std::string header_hint_;  // for errors of that line; mostly empty
};

template <class Row>
void TableReader::parse(int threads, const std::vector<std::string_view>& pieces, Row&& row) {
  std::vector<uint64_t> bad(pieces.size(), 0);
  parallel_for(pieces.size(), threads, [&](size_t piece, int) {
    LineCursor cursor(pieces[piece], keeps_all_fields_ ? layout_.n_fields : layout_.width);
    Line line;
    while (cursor.next(line)) {
      try {
        check_field_count(line);
        row(piece, line);
      } catch (const BadField& field) {
        if (options_.bad_lines == BadLines::kFail) fail_at(line.text.data(), field);
        ++bad[piece];
      }
    }
  });
  for (const uint64_t count : bad) bad_lines_ += count;
}

// The ids of a line: an empty one is an error.
inline std::string_view id_field(const Line& line, int position, const char* column) {
  const std::string_view id = line.fields[static_cast<size_t>(position)];
  if (id.empty()) bad_field(position + 1, std::string("empty ") + column + " id");
  return id;
}

// A line's field as a finite number; throws BadField.
double number_field(const Line& line, int position);
// As a rank from 1; throws BadField.
uint32_t rank_field(const Line& line, int position);

// The tables of rec-formats(5) that more than one tool reads.
TableSpec interactions_spec();  // user item [value [timestamp]]
TableSpec event_spec();         // user item event [timestamp]
TableSpec candidates_spec();    // user item
TableSpec users_spec();         // user

}  // namespace rec
