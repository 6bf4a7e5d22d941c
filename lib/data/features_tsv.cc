#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <deque>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/number-inl.h"
#include "base/parallel_for.h"
#include "data/feature_row_tsv.h"
#include "data/features_unindexed.h"
#include "data/id_hash.h"
#include "io/table.h"

namespace rec {
namespace {

constexpr size_t kFeaturePiecesPerThread = 2;
constexpr size_t kPieceBytes = size_t{2} << 20;
constexpr size_t kMostOfPart = 65536;  // categories of a kind that a part keeps for its next text
constexpr size_t kPending = 1024;      // categories that get their numbers together
constexpr size_t kIdsAtOnce = 16384;   // whose rows one thread puts in order
constexpr size_t kMostShards = 16;

// Entries of a kind, in the order of the file.
struct FeatureEntries {
  std::vector<uint32_t> id;
  std::vector<uint32_t> category;
  std::vector<float> value;  // none: each is 1
};

// A kind of all rows so far, categories by first appearance.
struct AllOfKind {
  IdTable categories;
  std::vector<FeatureEntries> blocks;
};

// The rows of a kind in one part; its categories stay from one text to the next.
struct PartOfKind {
  std::string name;
  IdTable categories;
  std::vector<uint32_t> number_in_all;    // of the first categories, those that have been numbered there
  FeatureEntries entries;                 // id: the place of a name in the part
  std::vector<std::string_view> pending;  // the categories of the last entries, which have no numbers yet

  void add(uint32_t id, std::string_view category) {
    entries.id.push_back(id);
    pending.push_back(category);
    if (pending.size() == kPending) number_pending();
  }
  void number_pending() {
    std::vector<uint32_t>& numbers = entries.category;
    numbers.resize(numbers.size() + pending.size());
    categories.intern_all(pending, numbers.data() + (numbers.size() - pending.size()));
    pending.clear();
  }
  // What the next text of the part begins with.
  void clear_rows(bool values) {
    const size_t room = entries.id.size() + entries.id.size() / 8;
    entries = {};
    entries.id.reserve(room);
    entries.category.reserve(room + kPending);
    if (values) entries.value.reserve(room);
    if (categories.size() <= kMostOfPart) return;
    categories = {};
    number_in_all.clear();
  }
};

// Rows as one thread reads them. An id is the place of its name; equal names may come again.
struct FeaturesPart {
  explicit FeaturesPart(size_t shards) : of_shard(shards) {}

  std::vector<std::string_view> names;  // live as long as the text
  std::vector<uint64_t> hash;
  std::vector<std::vector<uint32_t>> of_shard;  // the places of its names
  std::vector<uint32_t> id_of;                  // of each name: its number in all
  std::deque<PartOfKind> kinds;
  std::map<std::string, PartOfKind*, std::less<>> kind_of;
  std::vector<PartOfKind*> of_field;    // wide: of each field of categories
  std::vector<FeatureNumbers> numbers;  // by field
  std::vector<float> parsed;            // of a row
  std::vector<size_t> end;              // of each field, in `parsed`
  PartOfKind* last_kind = nullptr;      // of the row before: most rows are of the same

  PartOfKind* kind(std::string_view name) {
    if (last_kind != nullptr && last_kind->name == name) return last_kind;
    const auto found = kind_of.find(name);
    if (found != kind_of.end()) return last_kind = found->second;
    last_kind = &kinds.emplace_back();
    last_kind->name = name;
    return kind_of[last_kind->name] = last_kind;
  }
  void clear_rows(bool values) {
    names.clear();
    hash.clear();
    for (std::vector<uint32_t>& places : of_shard) places.clear();
    for (PartOfKind& its : kinds) its.clear_rows(values);
    for (FeatureNumbers& its : numbers) {
      its.id.clear();
      its.value.clear();
    }
  }
  uint32_t place_of(std::string_view name) {
    if (!names.empty() && names.back() == name) return static_cast<uint32_t>(names.size() - 1);
    const auto place = static_cast<uint32_t>(names.size());
    names.push_back(name);
    hash.push_back(id_hash(name));
    of_shard[shard_of(hash.back())].push_back(place);
    return place;
  }
  size_t shard_of(uint64_t its_hash) const { return (its_hash & UINT32_MAX) * of_shard.size() >> 32; }
};

// The different names of a share of all hashes, numbered by first appearance.
class Shard {
 public:
  size_t size() const { return end_.size() - 1; }
  std::string_view operator[](uint32_t number) const {
    return std::string_view(bytes_).substr(end_[number], end_[number + size_t{1}] - end_[number]);
  }
  // For each of `places`, ascending: the number of names[place], into numbers[place].
  void intern(const std::vector<std::string_view>& names, const std::vector<uint64_t>& hash,
              const std::vector<uint32_t>& places, std::vector<uint32_t>& numbers) {
    constexpr size_t kAhead = 16;
    for (size_t at = 0; at < places.size(); ++at) {
      if (at + kAhead < places.size() && !slots_.empty())
        __builtin_prefetch(&slots_[tag_of(hash[places[at + kAhead]]) >> shift_]);
      numbers[places[at]] = intern(names[places[at]], tag_of(hash[places[at]]));
    }
  }
  std::vector<uint32_t> number_in_all;  // of the first names, those that have one
  // The bytes of all names, and where each begins; this is empty then.
  std::pair<std::string, std::vector<uint64_t>> take() { return {std::move(bytes_), std::move(end_)}; }

 private:
  struct Slot {
    uint32_t tag = 0;
    uint32_t number = kNoId;  // kNoId: free
  };
  static uint32_t tag_of(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }

  uint32_t intern(std::string_view name, uint32_t tag) {
    if (slots_.size() < 2 * (size() + 1)) grow();
    const size_t mask = slots_.size() - 1;
    size_t at = tag >> shift_;
    for (; slots_[at].number != kNoId; at = (at + 1) & mask) {
      if (slots_[at].tag == tag && (*this)[slots_[at].number] == name) return slots_[at].number;
    }
    slots_[at] = {tag, static_cast<uint32_t>(size())};
    bytes_.append(name);
    end_.push_back(bytes_.size());
    return slots_[at].number;
  }
  void grow() {
    constexpr size_t kSteep = size_t{1} << 20;
    if (slots_.size() > UINT32_MAX / 2) fail("more than {} different ids", slots_.size() / 2);
    std::vector<Slot> old(std::max<size_t>(1024, (slots_.size() < kSteep ? 4 : 2) * slots_.size()));
    old.swap(slots_);
    shift_ = 32 - std::countr_zero(slots_.size());
    for (const Slot& slot : old) {
      if (slot.number == kNoId) continue;
      size_t at = slot.tag >> shift_;
      while (slots_[at].number != kNoId) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = slot;
    }
  }

  std::string bytes_;
  std::vector<uint64_t> end_{0};
  std::vector<Slot> slots_;  // open addressing, at most half full
  int shift_ = 0;            // 32 - log2 of their number
};

// All rows so far.
struct All {
  std::vector<Shard> shards;
  uint64_t ids = 0;
  std::map<std::string, AllOfKind, std::less<>> kinds;
  std::vector<std::vector<FeatureNumbers>> numbers;  // by field, in blocks

  // Gives each name of the parts its number, by first appearance in the parts' order.
  void number_ids(std::vector<FeaturesPart>& parts, int threads) {
    for (FeaturesPart& part : parts) part.id_of.resize(part.names.size());
    parallel_for(shards.size(), threads, [&](size_t shard, int) {
      for (FeaturesPart& part : parts) shards[shard].intern(part.names, part.hash, part.of_shard[shard], part.id_of);
    });
    for (FeaturesPart& part : parts) {
      for (size_t place = 0; place < part.id_of.size(); ++place) {
        std::vector<uint32_t>& number = shards[part.shard_of(part.hash[place])].number_in_all;
        if (part.id_of[place] == number.size()) {
          if (ids + 1 >= kNoId) fail("more than {} different ids", kNoId - 1);
          number.push_back(static_cast<uint32_t>(ids++));
        }
        part.id_of[place] = number[part.id_of[place]];
      }
    }
  }
  IdTable id_table(int threads) {
    if (shards.size() == 1) {
      auto [bytes, offsets] = shards.front().take();
      return {std::move(bytes), std::move(offsets)};
    }
    std::vector<uint64_t> offsets(ids + 1, 0);
    parallel_for(shards.size(), threads, [&](size_t at, int) {
      const Shard& shard = shards[at];
      for (uint32_t name = 0; name < shard.size(); ++name)
        offsets[shard.number_in_all[name] + size_t{1}] = shard[name].size();
    });
    std::partial_sum(offsets.begin(), offsets.end(), offsets.begin());
    std::string bytes(offsets.back(), '\0');
    parallel_for(shards.size(), threads, [&](size_t at, int) {
      const Shard& shard = shards[at];
      for (uint32_t name = 0; name < shard.size(); ++name)
        shard[name].copy(bytes.data() + offsets[shard.number_in_all[name]], shard[name].size());
      shards[at] = {};
    });
    return {std::move(bytes), std::move(offsets)};
  }
};

// The numbers of a field, behind those of `parsed`.
void parse_numbers(std::string_view text, size_t field, std::vector<float>& parsed) {
  for_each_piece(text, ' ', [&](std::string_view one) {
    const auto number = parse_number_inline<float>(one);
    if (!number) bad_number(static_cast<int>(field) + 1, one);
    parsed.push_back(*number);
  });
}

// All of a row, before any of them is kept: a row that is malformed leaves nothing behind.
void parse_all_numbers(FeaturesPart& part, const std::vector<std::string_view>& fields, const FeatureForm& form) {
  std::vector<float>& parsed = part.parsed;
  parsed.clear();
  part.end.resize(fields.size());
  for (size_t field = 0; field < fields.size(); ++field) {
    const FeatureNumbers& numbers = part.numbers[field];
    const size_t before = parsed.size();
    if (form.types[field] == FeatureField::kNumber || form.types[field] == FeatureField::kVector)
      parse_numbers(fields[field], field, parsed);
    const size_t found = parsed.size() - before;
    if (found != 0 && numbers.size != 0 && found != numbers.size) {
      bad_field(static_cast<int>(field) + 1,
                numbers.is_vector
                    ? fmt::format("expected {} numbers, as in the rows before, found {}", numbers.size, found)
                    : fmt::format("expected a number, found \"{}\"", printable(fields[field])));
    }
    part.end[field] = parsed.size();
  }
}

void keep_numbers(FeaturesPart& part, uint32_t name) {
  auto at = part.parsed.begin();
  for (size_t field = 0; field < part.end.size(); ++field) {
    const auto last = part.parsed.begin() + static_cast<std::ptrdiff_t>(part.end[field]);
    if (at == last) continue;
    FeatureNumbers& numbers = part.numbers[field];
    numbers.size = static_cast<uint32_t>(last - at);
    numbers.id.push_back(name);
    numbers.value.insert(numbers.value.end(), at, last);
    at = last;
  }
}

std::vector<FeatureNumbers> numbers_for(const FeatureForm& form) {
  std::vector<FeatureNumbers> numbers(form.names.size());
  for (size_t field = 0; field < form.names.size(); ++field) {
    numbers[field].name = form.names[field];
    numbers[field].is_vector = form.types[field] == FeatureField::kVector;
    numbers[field].size = form.types[field] == FeatureField::kNumber ? 1 : 0;
  }
  return numbers;
}

// `all` with the rows of the parts behind its own.
void append(std::vector<FeaturesPart>& parts, All& all, int threads) {
  all.number_ids(parts, threads);
  for (FeaturesPart& part : parts) {
    for (PartOfKind& kind : part.kinds) {
      kind.number_pending();
      AllOfKind& to = all.kinds[kind.name];
      std::vector<uint32_t>& number = kind.number_in_all;
      std::vector<std::string_view> names;
      for (size_t at = number.size(); at < kind.categories.size(); ++at)
        names.push_back(kind.categories[static_cast<uint32_t>(at)]);
      number.resize(kind.categories.size());
      to.categories.intern_all(names, number.data() + (number.size() - names.size()));
    }
  }
  parallel_for(parts.size(), threads, [&](size_t at, int) {
    FeaturesPart& part = parts[at];
    for (PartOfKind& kind : part.kinds) {
      for (uint32_t& id : kind.entries.id) id = part.id_of[id];
      for (uint32_t& category : kind.entries.category) category = kind.number_in_all[category];
    }
    for (FeatureNumbers& numbers : part.numbers) {
      for (uint32_t& id : numbers.id) id = part.id_of[id];
    }
  });
  for (FeaturesPart& part : parts) {
    for (PartOfKind& kind : part.kinds) all.kinds[kind.name].blocks.push_back(std::move(kind.entries));
    for (size_t field = 0; field < part.numbers.size(); ++field) all.numbers[field].push_back(part.numbers[field]);
  }
}

// The blocks of a column of numbers, one behind the other.
FeatureNumbers joined(std::vector<FeatureNumbers>&& blocks, int threads) {
  FeatureNumbers all = std::move(blocks.front());
  std::vector<size_t> begin{all.id.size()};
  for (size_t at = 1; at < blocks.size(); ++at) {
    begin.push_back(begin.back() + blocks[at].id.size());
    all.size = blocks[at].size;
  }
  all.id.resize(begin.back());
  all.value.resize(begin.back() * all.size);
  parallel_for(blocks.size() - 1, threads, [&](size_t at, int) {
    FeatureNumbers& block = blocks[at + 1];
    std::copy(block.id.begin(), block.id.end(), all.id.data() + begin[at]);
    std::copy(block.value.begin(), block.value.end(), all.value.data() + begin[at] * all.size);
    block = {};
  });
  return all;
}

// Sorts the n entries of an id by category, adds up those of one category in their order, and returns how many are
// left. cells: scratch.
size_t finish_row(uint32_t* category, float* value, size_t n, std::vector<std::pair<uint32_t, float>>& cells) {
  constexpr size_t kFew = 64;
  if (n <= kFew) {
    for (size_t at = 1; at < n; ++at) {
      const uint32_t its_category = category[at];
      const float its_value = value[at];
      size_t place = at;
      for (; place > 0 && category[place - 1] > its_category; --place) {
        category[place] = category[place - 1];
        value[place] = value[place - 1];
      }
      category[place] = its_category;
      value[place] = its_value;
    }
  } else {
    cells.clear();
    for (size_t at = 0; at < n; ++at) cells.emplace_back(category[at], value[at]);
    std::stable_sort(cells.begin(), cells.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (size_t at = 0; at < n; ++at) std::tie(category[at], value[at]) = cells[at];
  }
  size_t kept = 0;
  for (size_t at = 0; at < n; ++kept) {
    const uint32_t its_category = category[at];
    double sum = 0.0;
    for (; at < n && category[at] == its_category; ++at) sum += static_cast<double>(value[at]);
    category[kept] = its_category;
    value[kept] = static_cast<float>(sum);
  }
  return kept;
}

// The entries by id and category, those of one pair added up in the order of the file. Throws Error where that is
// beyond the range of float32.
FeatureKind finished(const std::string& name, AllOfKind&& all, size_t ids, int threads) {
  FeatureKind kind;
  kind.name = name;
  const std::vector<uint32_t> order = all.categories.sorted_order(threads);
  const std::vector<uint32_t> number = places_in(order);
  kind.categories = all.categories.reordered(order);
  std::vector<uint64_t>& begin = kind.rows.begin;
  begin.assign(ids + 1, 0);
  std::vector<uint64_t> first;  // the entry that each block begins with
  uint64_t entries = 0;
  bool grouped = true;  // the file has the ids in the order of their numbers, as most files do
  uint32_t last = 0;
  for (const FeatureEntries& block : all.blocks) {
    first.push_back(entries);
    entries += block.id.size();
    for (const uint32_t id : block.id) {
      ++begin[id + size_t{1}];
      grouped &= id >= last;
      last = id;
    }
  }
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  std::vector<uint32_t>& index = kind.rows.index;
  std::vector<float>& weight = kind.rows.weight;
  index.resize(entries);
  weight.resize(entries);
  std::vector<uint64_t> next;
  if (!grouped) next.assign(begin.begin(), begin.end() - 1);
  parallel_for(all.blocks.size(), grouped ? threads : 1, [&](size_t at, int) {
    FeatureEntries& block = all.blocks[at];
    for (size_t entry = 0; entry < block.id.size(); ++entry) {
      const uint64_t place = grouped ? first[at] + entry : next[block.id[entry]]++;
      index[place] = number[block.category[entry]];
      weight[place] = block.value.empty() ? 1.0f : block.value[entry];
    }
    block = {};
  });

  std::vector<uint32_t> kept(ids);
  parallel_for((ids + kIdsAtOnce - 1) / kIdsAtOnce, threads, [&](size_t block, int) {
    std::vector<std::pair<uint32_t, float>> cells;
    for (size_t id = block * kIdsAtOnce; id < std::min(ids, (block + 1) * kIdsAtOnce); ++id) {
      kept[id] = static_cast<uint32_t>(
          finish_row(index.data() + begin[id], weight.data() + begin[id], begin[id + 1] - begin[id], cells));
      for (uint64_t at = begin[id]; at < begin[id] + kept[id]; ++at) {
        if (std::isinf(weight[at])) {
          fail("the values of the feature \"{}={}\" of an id add up beyond the range of float32", printable(name),
               printable(kind.categories[index[at]]));
        }
      }
    }
  });
  uint64_t to = 0;
  for (size_t id = 0; id < ids; ++id) {
    const uint64_t from = begin[id];
    if (from != to) {
      std::copy_n(index.data() + from, kept[id], index.data() + to);
      std::copy_n(weight.data() + from, kept[id], weight.data() + to);
    }
    begin[id] = to;
    to += kept[id];
  }
  begin[ids] = to;
  index.resize(to);
  weight.resize(to);
  return kind;
}

void read_row(FeaturesPart& part, const Line& line, const FeatureForm& form, const Layout& layout, const char* side) {
  const std::string_view id = feature_row_id(line, form, layout, side);
  if (!form.wide) {
    const LongFeature feature = parse_long_feature(line.fields, form);
    const uint32_t place = part.place_of(id);
    PartOfKind* const kind = part.kind(feature.kind);
    if (!(feature.value > 0)) return;
    kind->add(place, feature.category);
    if (form.value != Layout::kAbsent) kind->entries.value.push_back(feature.value);
    return;
  }
  if (form.has_numbers) parse_all_numbers(part, line.fields, form);
  const uint32_t place = part.place_of(id);
  if (form.has_numbers) keep_numbers(part, place);
  for_each_wide_category(line.fields, form,
                         [&](size_t field, std::string_view category) { part.of_field[field]->add(place, category); });
}

}  // namespace

std::string FeatureTable::unused_columns(bool uses_numbers) const {
  std::string columns;
  const auto add = [&](const std::string& column) {
    columns += fmt::format("{}\"{}\"", columns.empty() ? "" : ", ", printable(column));
  };
  for (const FeatureNumbers& column : numbers) {
    if (!uses_numbers) add(column.name);
  }
  for (const std::string& column : texts) add(column);
  if (columns.empty()) return "";
  return fmt::format("{}: not used, as columns of {}: {}", name, uses_numbers ? "text" : "numbers and text", columns);
}

const FeatureKind& FeatureTable::kind(std::string_view kind_name) const {
  std::string names;
  for (const FeatureKind& kind : kinds) {
    if (kind.name == kind_name) return kind;
    names += (names.empty() ? "" : ", ") + printable(kind.name);
  }
  fail("{}: no features of kind \"{}\"; there are: {}", name, printable(kind_name), names.empty() ? "none" : names);
}

FeatureTable read_features_unindexed(const std::string& path, IdKind of, const ReadOptions& options, int threads) {
  const char* const side = of == IdKind::kItem ? "item" : "user";
  const size_t most_pieces = static_cast<size_t>(std::max(threads, 1)) * (threads > 1 ? kFeaturePiecesPerThread : 1);
  TableReader reader(path, {"features", {{side}}}, options, kPieceBytes * std::min<size_t>(most_pieces, 32));
  reader.keep_all_fields();
  const Layout& layout = reader.layout();
  const FeatureForm form = feature_form_of(layout);
  FeatureTable features;
  features.name = reader.name();
  All all;
  all.shards.resize(std::clamp<size_t>(static_cast<size_t>(std::max(threads, 1)), 1, kMostShards));
  all.numbers.resize(form.names.size());
  // The first row with a vector says how long all are.
  std::vector<FeaturesPart> parts(form.has(FeatureField::kVector) ? 1 : most_pieces, FeaturesPart(all.shards.size()));
  for (FeaturesPart& part : parts) part.numbers = numbers_for(form);
  for (size_t field = 0; field < form.names.size(); ++field) {
    const FeatureField type = form.types[field];
    if (type == FeatureField::kText) features.texts.push_back(form.names[field]);
    const bool has_categories =
        type == FeatureField::kCategory || type == FeatureField::kCategories || type == FeatureField::kWords;
    if (has_categories) all.kinds[form.names[field]];
    for (FeaturesPart& part : parts) part.of_field.push_back(has_categories ? part.kind(form.names[field]) : nullptr);
  }
  while (reader.next()) {
    for (FeaturesPart& part : parts) part.clear_rows(form.value != Layout::kAbsent);
    reader.parse(threads, parts.size(),
                 [&](size_t piece, const Line& line) { read_row(parts[piece], line, form, layout, side); });
    append(parts, all, threads);
  }
  features.bad_lines = reader.bad_lines();
  for (auto& [name, kind] : all.kinds) features.kinds.push_back(finished(name, std::move(kind), all.ids, threads));
  for (std::vector<FeatureNumbers>& blocks : all.numbers) {
    if (blocks.empty()) continue;
    FeatureNumbers numbers = joined(std::move(blocks), threads);
    if (!numbers.id.empty()) features.numbers.push_back(std::move(numbers));
  }
  std::sort(features.numbers.begin(), features.numbers.end(),
            [](const FeatureNumbers& a, const FeatureNumbers& b) { return a.name < b.name; });
  features.ids = all.id_table(threads);
  return features;
}

FeatureTable read_features(const std::string& path, IdKind of, const ReadOptions& options, int threads) {
  FeatureTable features = read_features_unindexed(path, of, options, threads);
  features.ids.index();
  return features;
}

}  // namespace rec
