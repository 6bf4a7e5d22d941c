// Features of items, or of users: sparse, of several kinds ("genre", "maker"). Symbols: N
// items or users, C categories of a kind. Immutable and thread-safe once read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/id_table.h"
#include "data/interactions.h"
#include "data/overlap.h"

namespace rec {

struct ReadOptions;  // io/table.h

struct FeatureKind {
  std::string name;
  IdTable categories;  // C, in byte order
  Csr rows;            // N × C; weight: the values, each above 0

  struct Row {
    const uint32_t* category = nullptr;  // ascending
    const float* value = nullptr;
    size_t size = 0;
    // Calls add(category, share) for each: its value / the sum of the values.
    template <class Add>
    void for_each_share(Add&& add) const {
      double total = 0.0;
      for (size_t at = 0; at < size; ++at) total += static_cast<double>(value[at]);
      for (size_t at = 0; at < size; ++at) add(category[at], static_cast<double>(value[at]) / total);
    }
  };
  // The categories of number `id`; none for kNoId.
  Row row(uint32_t id) const {
    if (id == kNoId) return {};
    const size_t first = static_cast<size_t>(rows.begin[id]);
    return {rows.index.data() + first, rows.weight.data() + first, rows.row_size(id)};
  }
};

// Numbers of a typed header: one a row, or the components of a vector.
struct FeatureNumbers {
  std::string name;
  uint32_t size = 0;       // D, 1 but for vectors
  bool is_vector = false;  // of a column float_seq
  // R rows in the order of the file; an id may come again.
  std::vector<uint32_t> id;
  std::vector<float> value;  // R × D
};

struct FeatureTable {
  IdTable ids;                          // N
  std::vector<FeatureKind> kinds;       // in byte order of their names
  std::vector<FeatureNumbers> numbers;  // the same
  std::vector<std::string> texts;       // columns of type text, which are not read
  std::string name;                     // of the file, for messages
  uint64_t bad_lines = 0;

  // Names the columns of a typed header that a reader makes nothing of: those of text and, unless it
  // uses_numbers, of numbers. "" where there are none.
  std::string unused_columns(bool uses_numbers) const;
  // The kind of that name; throws Error, which lists those there are, without it.
  const FeatureKind& kind(std::string_view kind_name) const;
};

// Reads a features table (`path`, "-" is stdin) in either form, for users with user in
// place of item:
//   long  item feature [value]; the feature is KIND=CATEGORY, or CATEGORY of the
//         kind "feature"
//   wide  by header, without a column feature: item and a column a kind; a field
//         holds the category, several split by "|", or nothing. With types as RecBole
//         writes them: token, a category; token_seq, several, split by blanks; float, a
//         number; float_seq, a vector, split by blanks; text is not read
// A value is at least 0, and 0 is as good as no row; without the column it is 1.
// Values of an item's category that comes more than once are summed. Throws Error
// for a malformed line. The result does not depend on `threads`.
FeatureTable read_features(const std::string& path, IdKind of, const ReadOptions& options, int threads = 1);
inline FeatureTable read_item_features(const std::string& path, const ReadOptions& options, int threads = 1) {
  return read_features(path, IdKind::kItem, options, threads);
}

}  // namespace rec
