// Texts that a side table gives for items: titles, and where pictures are. Immutable and thread-safe once read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/id_table.h"

namespace rec {

struct ReadOptions;  // io/table.h
struct TableSpec;

struct ItemTexts {
  IdTable items;
  std::string bytes;               // of all texts
  std::vector<uint64_t> begin{0};  // items + 1
  std::string name;                // of the file, for messages
  uint64_t bad_lines = 0;

  // The text of an item, valid as long as this; nothing for an item that the table lacks.
  std::optional<std::string_view> find(std::string_view item) const;
};

// item title; a header may call the title text or name, as tables of rec-features do.
TableSpec titles_spec();
// item image; or url.
TableSpec images_spec();

// Reads `path` ("-" is stdin). Titles are as escaped() has them: UTF-8 without control characters, so that a title fits
// into a field of a table. Throws Error for a malformed line, for an item that is there twice, and for a header without
// the column.
ItemTexts read_titles(const std::string& path, const ReadOptions& options);
// The same of images, byte for byte.
ItemTexts read_images(const std::string& path, const ReadOptions& options);

}  // namespace rec
