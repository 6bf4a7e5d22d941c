// Candidates grouped by user, in batches that several threads may work on.
//
// Input whose users stand together streams: memory is bounded by a batch and by
// the users' ids (data/id_hash.h), to notice one that comes back. Input in any other order is
// read whole and regrouped, users by first appearance, each user's rows in
// input order: the groups are the same ones either way.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/id_hash.h"
#include "io/table.h"

namespace rec {

enum class Grouping {
  kAuto,       // looks at the first 64 MiB: streams if users stand together there
  kGrouped,    // streams from the first line on; a user that comes back is an error
  kUngrouped,  // reads everything first
};
// With ReadOptions::as_it_comes and kGrouped, a group is handed out as soon as a row of the next user, or the end of
// the input, has come. The others wait for their first 64 MiB, or for everything, all the same.

// One user's rows, dead when the batch is. C: columns of the table's spec.
struct Group {
  std::string_view user;
  size_t rows = 0;
  size_t columns = 0;                        // C
  std::span<const std::string_view> lines;   // rows: each line, without LF
  std::span<const std::string_view> fields;  // rows × C; empty views for absent columns
  std::span<const double> numbers;           // rows × C; 0 where the column is no number

  std::string_view field(size_t row, size_t column) const { return fields[row * columns + column]; }
  double number(size_t row, size_t column) const { return numbers[row * columns + column]; }
};

class GroupReader {
 public:
  // spec: its column 0 is the user. Throws Error if the file cannot be read or
  // its first line lacks columns.
  GroupReader(const std::string& path, TableSpec spec, const ReadOptions& options, Grouping grouping);

  const Layout& layout() const { return reader_.layout(); }
  const std::string& name() const { return reader_.name(); }
  uint64_t bad_lines() const { return reader_.bad_lines(); }
  // Before the first batch: the lines of an input that has been read whole, SIZE_MAX of any other.
  size_t lines_left() const { return reader_.lines_left(); }
  // The last line that was read, whole, without LF; at the end that of the file.
  const std::string& last_line() const { return last_line_; }

  // Moves to the next batch of whole groups; false at the end.
  [[nodiscard]] bool next(int threads);

  // The parts of the batch that for_each_group works on.
  size_t pieces() const { return pieces_.size(); }

  // Calls body(piece, group) for every group of the batch. The groups of piece p
  // come in order from one thread, and all of them stand before those of piece
  // p + 1: appending to one buffer a piece and writing these in order keeps the
  // order of the input. Throws Error for a malformed line, and for a user that
  // comes back after other users where the input was taken for grouped.
  template <class Body>
  void for_each_group(int threads, Body&& body);

 private:
  struct Rows {
    std::vector<std::string_view> lines;
    std::vector<std::string_view> fields;
    std::vector<double> numbers;
    void clear() {
      lines.clear();
      fields.clear();
      numbers.clear();
    }
  };
  bool load(int threads);
  bool stands_grouped(std::string_view text, int threads) const;
  void regroup(std::string_view text);
  // Empty for a line without one and, where bad lines are skipped, for a line
  // with another number of fields: such lines end no group.
  std::string_view user_of(const char* line, const char* end) const;
  bool one_group_so_far(std::string_view text) const;
  const char* start_of_last_group(std::string_view text) const;
  const char* group_start_from(std::string_view text, size_t offset) const;
  std::vector<std::string_view> split_groups(std::string_view text, size_t pieces) const;
  // users: of each piece those of its groups, as they stand in its text.
  void note_users(const std::vector<std::vector<std::string_view>>& users, int threads);
  [[noreturn]] void fail_at(const char* where, const BadField& bad) const;
  void add_row(const Line& line, Rows& rows) const;

  TableSpec spec_;
  TableReader reader_;
  Grouping grouping_;
  bool started_ = false;
  std::vector<char> regrouped_;         // text in grouped order, padded; empty when streaming
  std::vector<uint64_t> line_numbers_;  // of regrouped_'s lines
  std::string last_line_;
  std::string_view pending_;  // whole groups still to be handed out
  std::vector<std::string_view> pieces_;
  IdSet seen_;  // users of earlier batches, when streaming
};

template <class Body>
void GroupReader::for_each_group(int threads, Body&& body) {
  const size_t columns = spec_.columns.size();
  std::vector<uint64_t> bad(pieces_.size(), 0);
  std::vector<std::vector<std::string_view>> users(pieces_.size());  // to tell one that comes back
  parallel_for(pieces_.size(), threads, [&](size_t piece, int) {
    LineCursor cursor(pieces_[piece], reader_.layout().width);
    Line line;
    Rows rows;
    std::string_view user;
    auto deliver = [&] {
      if (rows.lines.empty()) return;
      if (regrouped_.empty()) users[piece].push_back(user);
      body(piece, Group{user, rows.lines.size(), columns, rows.lines, rows.fields, rows.numbers});
      rows.clear();
    };
    while (cursor.next(line)) {
      try {
        reader_.check_field_count(line);
        const std::string_view its_user = id_field(line, reader_.layout().position[0], "user");
        if (its_user != user) {
          deliver();
          user = its_user;
        }
        add_row(line, rows);
      } catch (const BadField& wrong) {
        if (!reader_.skips_bad_lines()) fail_at(line.text.data(), wrong);
        ++bad[piece];
      }
    }
    deliver();
  });
  for (const uint64_t count : bad) reader_.add_bad_lines(count);
  note_users(users, threads);
}

}  // namespace rec
