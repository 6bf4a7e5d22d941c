#include "base/number.h"
#include "data/vectors.h"
#include "io/table.h"

namespace rec {
namespace {

constexpr size_t kVectorPiecesPerThread = 4;

// Rows as one thread reads them; ids are views of the batch.
struct VectorsPart {
  std::vector<std::string_view> ids;
  std::vector<float> values;  // rows × D
};

// The numbers of a row behind those of `values`. Nothing is left there of a row that is malformed.
// size: D, 0 before the first row.
void read_row(const Line& line, size_t id_field_at, const char* side, uint32_t& size, VectorsPart& part) {
  const std::string_view id = id_field(line, static_cast<int>(id_field_at), side);
  const size_t before = part.values.size();
  try {
    size_t field = 0;
    for (size_t at = 0; at <= line.text.size(); ++field) {
      const size_t tab = std::min(line.text.find('\t', at), line.text.size());
      if (field != id_field_at) {
        for (std::string_view rest = line.text.substr(at, tab - at); !rest.empty();) {
          const std::string_view one = rest.substr(0, rest.find(' '));
          rest.remove_prefix(std::min(one.size() + 1, rest.size()));
          if (one.empty()) continue;
          const auto number = parse_number<float>(one);
          if (!number) bad_number(static_cast<int>(field) + 1, one);
          part.values.push_back(*number);
        }
      }
      at = tab + 1;
    }
    const size_t found = part.values.size() - before;
    if (found == 0) bad_field(0, fmt::format("expected {} and numbers, found the id alone", side));
    if (size != 0 && found != size)
      bad_field(0, fmt::format("expected {} numbers, as in the rows before, found {}", size, found));
    if (size == 0) size = static_cast<uint32_t>(found);
  } catch (const BadField&) {
    part.values.resize(before);
    throw;
  }
  part.ids.push_back(id);
}

}  // namespace

FeatureTable read_vectors_table(const std::string& path, const std::string& kind, IdKind of, const ReadOptions& options,
                                int threads) {
  const char* const side = of == IdKind::kItem ? "item" : "user";
  TableReader reader(path, {"vectors", {{side}}}, options);
  const auto id_at = static_cast<size_t>(reader.layout().position[0]);
  FeatureTable table;
  table.name = reader.name();
  FeatureNumbers vectors{.name = kind, .size = 0, .is_vector = true, .id = {}, .value = {}};
  while (reader.next()) {
    // The first row says how long all are.
    const size_t pieces = vectors.size == 0 || threads == 1 ? 1 : static_cast<size_t>(threads) * kVectorPiecesPerThread;
    std::vector<VectorsPart> parts(pieces);
    reader.parse(threads, pieces,
                 [&](size_t piece, const Line& line) { read_row(line, id_at, side, vectors.size, parts[piece]); });
    for (const VectorsPart& part : parts) {
      for (size_t row = 0; row < part.ids.size(); ++row) {
        const uint32_t next = static_cast<uint32_t>(table.ids.size());
        const uint32_t id = table.ids.intern(part.ids[row]);
        if (id != next) {
          if (!reader.skips_bad_lines())
            reader.fail_at(
                part.ids[row].data(),
                {static_cast<int>(id_at) + 1, fmt::format("{} \"{}\" is there twice", side, printable(part.ids[row]))});
          reader.add_bad_lines(1);
          continue;
        }
        vectors.id.push_back(id);
        const auto first = part.values.begin() + static_cast<std::ptrdiff_t>(row * vectors.size);
        vectors.value.insert(vectors.value.end(), first, first + static_cast<std::ptrdiff_t>(vectors.size));
      }
    }
  }
  table.bad_lines = reader.bad_lines();
  if (!vectors.id.empty()) table.numbers.push_back(std::move(vectors));
  return table;
}

IdTable read_ids(const std::string& path, IdKind of, const ReadOptions& options) {
  const char* const side = of == IdKind::kItem ? "item" : "user";
  ReadOptions read = options;
  read.bad_lines = BadLines::kFail;  // every row counts: the next id is that of the next row
  TableReader reader(path, {"ids", {{side}}}, read);
  const int id_at = reader.layout().position[0];
  IdTable ids;
  while (reader.next()) {
    reader.parse(1, 1, [&](size_t, const Line& line) {
      const std::string_view id = id_field(line, id_at, side);
      const size_t before = ids.size();
      if (ids.intern(id) != before) bad_field(id_at + 1, fmt::format("{} \"{}\" is there twice", side, printable(id)));
    });
  }
  return ids;
}

std::vector<FeatureTable> read_feature_files(const std::vector<std::string>& features,
                                             const std::vector<std::string>& vectors, IdKind of,
                                             const ReadOptions& options, int threads) {
  std::vector<FeatureTable> tables;
  for (const std::string& file : features) tables.push_back(read_features(file, of, options, threads));
  for (const std::string& text : vectors) tables.push_back(read_vectors(text, of, options, threads));
  return tables;
}

}  // namespace rec
