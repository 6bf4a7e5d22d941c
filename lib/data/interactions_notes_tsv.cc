#include "data/interactions_notes_tsv.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/number.h"
#include "io/table_notes.h"

namespace rec {
namespace {

// Fewer users (items) than this, in so many rows and beside so many items (users), are more likely ratings or
// another column.
constexpr size_t kFewIds = 20;
constexpr size_t kManyRows = 1000;
constexpr size_t kManyIds = 200;

}  // namespace

std::vector<std::string> interactions_notes(const LoadedInteractions& loaded, OptionalColumns used) {
  const size_t rows = loaded.data.size();
  const size_t users = loaded.data.users.size();
  const size_t items = loaded.data.items.size();
  std::vector<std::string> notes{
      fmt::format("{}, {}, {}; {}", counted(rows, "row"), counted(users, "user"), counted(items, "item"),
                  columns_note(used.weight ? weighted_interactions_spec() : interactions_spec(), loaded.layout,
                               {true, true, used.value, used.timestamp, used.weight}))};
  for (const std::string& doubt : loaded.layout.doubts) notes.push_back(doubt);
  if (rows >= kManyRows && std::min(users, items) <= kFewIds && std::max(users, items) >= kManyIds) {
    notes.push_back(fmt::format("only {} beside {}: is another column the {}? --columns says which",
                                users < items ? counted(users, "user") : counted(items, "item"),
                                users < items ? counted(items, "item") : counted(users, "user"),
                                users < items ? "user" : "item"));
  }
  return notes;
}

void require_binary_columns(const Layout& layout, const TableSpec& spec, const std::string& name,
                            const std::string& columns) {
  if (!columns.empty()) return;
  std::string kept;
  std::vector<char> known(layout.n_fields, 0);
  for (size_t column = 0; column < spec.columns.size(); ++column) {
    if (!layout.has(column)) continue;
    const auto field = static_cast<size_t>(layout.position[column]);
    known[field] = 1;
    kept += fmt::format("{}{}={}", kept.empty() ? "" : ",", spec.columns[column].name,
                        layout.header ? layout.names[field] : std::to_string(field + 1));
  }
  const auto other = static_cast<size_t>(std::find(known.begin(), known.end(), 0) - known.begin());
  if (other == known.size()) return;
  const std::string title = layout.header ? fmt::format(" ({})", printable(layout.names[other])) : "";
  fail("{}: column {}{} has no place in interactions in binary; say which to keep: --columns {}", name, other + 1,
       title, printable(kept));
}

}  // namespace rec
