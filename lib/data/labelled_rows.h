// Labelled rows: what a user did with an item that was shown, and in which context. Symbols:
// U users, I items, N rows, C categories of a column.
// Thread rule: plain data.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/id_table.h"
#include "data/interactions.h"

namespace rec {

struct ReadOptions;  // io/table.h
struct TableSpec;
struct Layout;

// A further column of the rows: the weekday, the weather, the place on the page.
struct ContextColumn {
  std::string name;
  IdTable categories;           // C, in byte order
  std::vector<uint32_t> value;  // N: a category, or kNoId where the field is empty
};

struct LabelledRows {
  Interactions rows;  // N; value: the labels, 0 or 1
  std::vector<ContextColumn> context;
  uint64_t bad_lines = 0;  // skipped; 0 unless BadLines::kSkip

  size_t size() const { return rows.size(); }
  // Rows of label 1.
  size_t positives() const;
};

// The table: label user item, then a column for each of `context`.
TableSpec labelled_spec(std::span<const std::string> context);
// Adds the columns of `context` to a table.
void add_context_columns(std::span<const std::string> context, TableSpec& spec);
// Throws Error "FILE: ..." where a column of `context` is missing. first: the place of the first of them in the spec.
void require_context(std::span<const std::string> context, const Layout& layout, size_t first, const std::string& name);

// Reads `path` ("-" is stdin). The result does not depend on `threads`. Throws Error for a
// malformed line, such as one whose label is neither 0 nor 1; an empty table is no error here.
LabelledRows read_labelled_rows(const std::string& path, const ReadOptions& options,
                                std::span<const std::string> context, int threads);

// The label of a field: 0 or 1. Throws BadField for anything else.
float label_of(std::string_view field, int position);

}  // namespace rec
