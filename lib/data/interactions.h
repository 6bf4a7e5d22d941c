// Interactions: who did what, how much, when. Symbols: U users, I items, N rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"
#include "data/data_column.h"
#include "data/id_table.h"
#include "linalg/sparse.h"

namespace rec {

// Which columns beside user and item are read, where they are there.
struct OptionalColumns {
  bool value = false;
  bool timestamp = false;
  bool weight = false;
  const char* no_negative_for = "";  // the option for which a value below 0 is an error; "": it is none
};

// Rows in the order of the input. Users and items are numbered in ascending byte
// order of their ids, so numbers do not depend on the order of the rows and a
// tie broken by number is broken by id.
struct Interactions {
  IdTable users;                 // U
  IdTable items;                 // I
  DataColumn<uint32_t> user;     // N
  DataColumn<uint32_t> item;     // N
  DataColumn<float> value;       // N, or empty: no such column
  DataColumn<double> timestamp;  // N, or empty: no such column
  DataColumn<float> weight;      // N, each above 0; or empty: all 1
  // N, or empty: all 0. What rounding to a double took from each timestamp (base/time.h).
  DataColumn<double> timestamp_rest;
  bool dates = false;          // the timestamps were dates: seconds since 1970, UTC
  uint64_t rounded_times = 0;  // rows whose timestamp had more digits than were kept

  size_t size() const { return user.size(); }
  // Gives back the memory of the columns; the ids stay.
  void drop_rows();
  // REQUIRES: timestamps.
  Time time(size_t row) const { return {timestamp[row], timestamp_rest.empty() ? 0.0 : timestamp_rest[row]}; }
};

// Compressed sparse rows: row r holds index[begin[r] .. begin[r+1]), ascending,
// each at most once, with its weight.
struct Csr {
  std::vector<uint64_t> begin;  // rows + 1
  std::vector<uint32_t> index;
  std::vector<float> weight;  // empty: all 1

  size_t rows() const { return begin.size() - 1; }
  size_t entries() const { return index.size(); }
  SparseView view() const { return {begin, index, weight}; }
  size_t row_size(size_t row) const { return static_cast<size_t>(begin[row + 1] - begin[row]); }
};

// What becomes of the weights of a pair that comes more than once.
enum class PairWeight {
  kSum,       // summed (in double, in an order of their own)
  kGreatest,  // the greatest stays
};

// Users as rows, items as columns. weight: N values for the rows; or empty, then all
// weights are 1 and pairs that come more than once collapse. Takes at most a byte a row
// beside the result; fastest for rows that stand by user.
Csr csr_by_user(const Interactions& data, std::span<const float> weight, PairWeight repeated = PairWeight::kSum,
                int threads = 1);

// The same entries with rows and columns exchanged; `columns` is the number of
// columns of `rows`.
Csr transpose(const SparseView& rows, size_t columns, int threads = 1);
inline Csr transpose(const Csr& rows, size_t columns, int threads = 1) {
  return transpose(rows.view(), columns, threads);
}

// The numbers of the rows, the longest first, equal ones by number: the order to hand
// them out to threads in.
std::vector<uint32_t> longest_first(const Csr& rows);

// The rows of each user in time order: row numbers, user u's are
// [begin[u], begin[u+1]). Equal times keep the order of the input; without
// timestamps that order is taken for time.
struct Sequences {
  std::vector<uint64_t> begin;  // U + 1
  std::vector<uint32_t> row;    // N
};
// Throws Error beyond 2^32 - 1 rows.
Sequences by_time(const Interactions& data, int threads = 1);

}  // namespace rec
