#include "features/text_features.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "base/number-inl.h"
#include "base/number.h"
#include "base/parallel_for.h"

namespace rec {
namespace {

struct Entry {
  uint32_t term;
  uint32_t times;
};

// The terms of texts, each with its times: for each text and kind, its entries up to `end`.
struct Texts {
  size_t piece = 0;  // whose numbers of terms these are
  std::string ids;
  std::vector<uint64_t> id_end;
  std::vector<uint64_t> end;
  std::vector<Entry> entries;

  size_t size() const { return id_end.size(); }
  void clear() {
    ids.clear();
    id_end.clear();
    end.clear();
    entries.clear();
  }
};

// What one thread needs to count the terms of texts. The numbers of terms are its own (while a state is learnt) or
// those of the state that is applied.
class Counter {
 public:
  Counter(const TextState& state, bool learns)
      : state_(state), kind_of_(state.kind_of_column()), vocabularies_(learns ? state.kinds.size() : 0) {
    for (size_t column = 0; column < kind_of_.size(); ++column) {
      makers_.push_back(std::make_unique<TermMaker>(state.options.terms, state.stop_words));
    }
    place_.resize(state.kinds.size());
    texts_with_.resize(vocabularies_.size());
  }

  // The line's id stands in `id_field`, its texts in `fields`. Throws BadField, and then has counted nothing.
  void add(const Line& line, int id_field_at, const char* id_name, const std::vector<int>& fields, Texts& texts) {
    const std::string_view id = id_field(line, id_field_at, id_name);
    terms_.resize(fields.size());
    for (size_t column = 0; column < fields.size(); ++column) {
      const std::string_view text = line.fields[static_cast<size_t>(fields[column])];
      try {
        terms_[column] = &makers_[column]->of(text);
      } catch (const WordBreaker::NotUtf8&) {
        bad_field(fields[column] + 1,
                  "not UTF-8: \"" + printable(text) + "\" (iconv -f LATIN1 -t UTF-8 converts, if it is Latin-1)");
      }
    }
    texts.ids += id;
    texts.id_end.push_back(texts.ids.size());
    for (size_t kind = 0; kind < state_.kinds.size(); ++kind) {
      const size_t begin = texts.entries.size();
      for (size_t column = 0; column < fields.size(); ++column) {
        if (kind_of_[column] == kind) count(kind, *terms_[column], begin, texts.entries);
      }
      if (!texts_with_.empty()) {
        for (size_t at = begin; at < texts.entries.size(); ++at) ++texts_with_[kind][texts.entries[at].term];
      }
      texts.end.push_back(texts.entries.size());
    }
  }

  const IdTable& vocabulary(size_t kind) const { return vocabularies_[kind]; }
  const std::vector<uint64_t>& texts_with(size_t kind) const { return texts_with_[kind]; }

 private:
  // Adds the terms to the entries of this text, which begin at `begin`.
  void count(size_t kind, const std::vector<std::string_view>& terms, size_t begin, std::vector<Entry>& entries) {
    numbers_.resize(terms.size());
    std::vector<uint64_t>& place = place_[kind];
    if (vocabularies_.empty()) {
      const IdTable& known = state_.kinds[kind].terms;
      known.find_all(terms, numbers_.data());
      place.resize(known.size(), 0);
    } else {
      vocabularies_[kind].intern_all(terms, numbers_.data());
      place.resize(vocabularies_[kind].size(), 0);
      texts_with_[kind].resize(place.size(), 0);
    }
    for (const uint32_t term : numbers_) {
      if (term == kNoId) continue;
      // place: where the entry of the term was when it was last seen, from this text or another.
      const uint64_t last = place[term];
      if (last >= begin && last < entries.size() && entries[last].term == term) {
        ++entries[last].times;
      } else {
        place[term] = entries.size();
        entries.push_back({term, 1});
      }
    }
  }

  const TextState& state_;
  std::vector<size_t> kind_of_;
  std::vector<std::unique_ptr<TermMaker>> makers_;           // one a column, since its views live until its next text
  std::vector<IdTable> vocabularies_;                        // one a kind, or none: a state is applied
  std::vector<std::vector<uint64_t>> texts_with_;            // the same
  std::vector<std::vector<uint64_t>> place_;                 // one a kind
  std::vector<const std::vector<std::string_view>*> terms_;  // one a column
  std::vector<uint32_t> numbers_;
};

// Rows to write. Copies short texts by moves of fixed size, several times as fast as a call of memcpy; so kSlack
// bytes behind a text must be readable.
class RowBuffer {
 public:
  static constexpr size_t kSlack = 32;

  void clear() { size_ = 0; }
  std::string_view text() const { return {bytes_.get(), size_}; }
  // Before up to `bytes` are appended.
  void reserve(size_t bytes) {
    if (size_ + bytes + kSlack <= capacity_) return;
    const size_t capacity = std::max<size_t>(2 * capacity_, size_ + bytes + kSlack);
    auto grown = std::make_unique_for_overwrite<char[]>(capacity);
    std::copy_n(bytes_.get(), size_, grown.get());
    bytes_ = std::move(grown);
    capacity_ = capacity;
  }
  // The place behind the text, for writes of what was reserved; end() says where they ended.
  char* end() { return bytes_.get() + size_; }
  void end(const char* at) { size_ = static_cast<size_t>(at - bytes_.get()); }
  static char* append(char* to, const char* text, size_t size) {
    std::memcpy(to, text, kSlack);
    if (size > kSlack) std::memcpy(to + kSlack, text + kSlack, size - kSlack);
    return to + size;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_ = 0, capacity_ = 0;
};

// What a row says of each term of a kind: "<TAB>KIND=TERM<TAB>", and its weight.
class RowParts {
 public:
  struct Part {
    uint64_t begin;
    uint32_t size;
    float idf;
  };

  explicit RowParts(const TextKind& kind) {
    parts_.reserve(kind.terms.size());
    bytes_.reserve(kind.terms.bytes().size() + kind.terms.size() * (kind.name.size() + 3) + RowBuffer::kSlack);
    for (uint32_t term = 0; term < kind.terms.size(); ++term) {
      const size_t begin = bytes_.size();
      ((((bytes_ += '\t') += kind.name) += '=') += kind.terms[term]) += '\t';
      parts_.push_back({begin, static_cast<uint32_t>(bytes_.size() - begin), kind.idf[term]});
    }
    bytes_.append(RowBuffer::kSlack, ' ');
  }
  const Part& operator[](uint32_t term) const { return parts_[term]; }
  const char* text(const Part& part) const { return bytes_.data() + part.begin; }

 private:
  std::string bytes_;
  std::vector<Part> parts_;
};

// The rows of texts. numbers: for each kind, the state's number of each of the texts' numbers, or kNoId; empty: they
// are the state's.
class RowWriter {
 public:
  RowWriter(const TextState& state, const std::vector<RowParts>& parts,
            const std::vector<std::vector<uint32_t>>& numbers)
      : state_(state), parts_(parts), numbers_(numbers) {}

  struct Counts {
    uint64_t without = 0;
    uint64_t rows = 0;
  };

  Counts write(const Texts& texts, RowBuffer& out) {
    Counts counts;
    const size_t kinds = state_.kinds.size();
    uint64_t id_begin = 0, begin = 0;
    for (size_t text = 0; text < texts.size(); ++text) {
      const std::string_view id = std::string_view(texts.ids).substr(id_begin, texts.id_end[text] - id_begin);
      id_begin = texts.id_end[text];
      uint64_t rows = 0;
      for (size_t kind = 0; kind < kinds; ++kind) {
        const uint64_t end = texts.end[text * kinds + kind];
        rows += write_kind(id, kind, {texts.entries.data() + begin, static_cast<size_t>(end - begin)}, out);
        begin = end;
      }
      counts.rows += rows;
      counts.without += rows == 0;
    }
    return counts;
  }

 private:
  size_t write_kind(std::string_view id, size_t number, std::span<const Entry> entries, RowBuffer& out) {
    const TextOptions& options = state_.options;
    const RowParts& parts = parts_[number];
    row_.clear();
    double squares = 0.0;
    for (const Entry& entry : entries) {
      const uint32_t term = numbers_.empty() ? entry.term : numbers_[number][entry.term];
      if (term == kNoId) continue;
      const RowParts::Part& part = parts[term];
      double value = 1.0;
      if (options.values == TextValues::kCount) {
        value = entry.times;
      } else if (options.values == TextValues::kTfIdf) {
        const double times = options.log_counts && entry.times > 1 ? 1.0 + std::log(entry.times) : entry.times;
        value = times * static_cast<double>(part.idf);
      }
      squares += value * value;
      row_.push_back({parts.text(part), part.size, value});
      __builtin_prefetch(row_.back().text);
    }
    const bool divides = options.values == TextValues::kTfIdf && options.l2 && squares > 0;
    const double length = divides ? std::sqrt(squares) : 1.0;
    prefix_.assign(id);
    prefix_.append(RowBuffer::kSlack, ' ');
    size_t bytes = 0;
    for (const Cell& cell : row_) bytes += cell.size;
    out.reserve(bytes + row_.size() * (id.size() + kNumberBytes));
    char* to = out.end();
    for (const Cell& cell : row_) {
      to = RowBuffer::append(to, prefix_.data(), id.size());
      to = RowBuffer::append(to, cell.text, cell.size);
      to = write_number_inline(to, static_cast<float>(cell.value / length));
      *to++ = '\n';
    }
    out.end(to);
    return row_.size();
  }

  struct Cell {
    const char* text;
    uint32_t size;
    double value;
  };
  const TextState& state_;
  const std::vector<RowParts>& parts_;
  const std::vector<std::vector<uint32_t>>& numbers_;
  std::vector<Cell> row_;
  std::string prefix_;
};

// The fields of the id and of each column of texts.
struct TextFields {
  int id;
  std::vector<int> texts;

  TextFields(const Layout& layout, size_t columns) : id(layout.position[0]) {
    for (size_t column = 0; column < columns; ++column) texts.push_back(layout.position[column + 1]);
  }
};

IdTable read_stop_words(const std::string& path) {
  IdTable words;
  if (path.empty()) return words;
  WordBreaker breaker;
  ReadOptions options;
  options.header_rows = 0;
  TableReader reader(path, {"stop words", {{"word", true, TableSpec::Kind::kText}}}, options);
  while (reader.next()) {
    reader.parse(1, 1, [&](size_t, const Line& line) {
      try {
        for (const std::string_view word : breaker.split(line.text)) words.intern(word);
      } catch (const WordBreaker::NotUtf8&) {
        bad_field(1, "not UTF-8: \"" + printable(line.text) + "\"");
      }
    });
  }
  if (words.size() == 0) fail("{}: no word", input_name(path));
  words = words.reordered(words.sorted_order());
  words.index();
  return words;
}

TextState empty_state(const TextOptions& options) {
  TextState state;
  state.options = options;
  state.stop_words = read_stop_words(options.stop_words);
  for (const std::string& name : options.kinds) {
    const bool known =
        std::any_of(state.kinds.begin(), state.kinds.end(), [&](const TextKind& kind) { return kind.name == name; });
    if (!known) state.kinds.push_back({name, {}, {}});
  }
  return state;
}

// Chooses the terms that count from what the counters have; returns the state's numbers of their terms, for each
// counter and kind.
std::vector<std::vector<std::vector<uint32_t>>> learn(const std::vector<std::unique_ptr<Counter>>& counters,
                                                      TextState& state, TextReport& report, int threads) {
  std::vector<std::vector<std::vector<uint32_t>>> numbers(counters.size());
  const TextOptions& options = state.options;
  const double most = options.max_share * static_cast<double>(state.texts);
  uint64_t found = 0, kept = 0;
  for (size_t kind = 0; kind < state.kinds.size(); ++kind) {
    IdTable all;
    std::vector<uint64_t> texts_with;
    for (size_t piece = 0; piece < counters.size(); ++piece) {
      const IdTable& own = counters[piece]->vocabulary(kind);
      std::vector<uint32_t>& number = numbers[piece].emplace_back(own.size());
      for (uint32_t term = 0; term < own.size(); ++term) number[term] = all.intern(own[term]);
      texts_with.resize(all.size(), 0);
      for (uint32_t term = 0; term < own.size(); ++term)
        texts_with[number[term]] += counters[piece]->texts_with(kind)[term];
    }
    std::vector<uint32_t> chosen(all.size(), kNoId);
    std::vector<uint32_t> order;
    for (const uint32_t term : all.sorted_order(threads)) {
      if (texts_with[term] < options.min_count || static_cast<double>(texts_with[term]) > most) continue;
      chosen[term] = static_cast<uint32_t>(order.size());
      order.push_back(term);
    }
    TextKind& its = state.kinds[kind];
    its.terms = all.reordered(order);
    its.terms.index();
    for (const uint32_t term : order) {
      const double idf =
          options.values == TextValues::kTfIdf
              ? std::log((1.0 + static_cast<double>(state.texts)) / (1.0 + static_cast<double>(texts_with[term]))) + 1.0
              : 1.0;
      its.idf.push_back(static_cast<float>(idf));
    }
    for (auto& piece : numbers) {
      for (uint32_t& number : piece[kind]) number = chosen[number];
    }
    report.kinds.push_back({its.name, all.size(), order.size()});
    found += all.size();
    kept += order.size();
  }
  if (found == 0) fail("{}: no word in {}", report.input, counted(state.texts, "text"));
  if (kept == 0) {
    fail("{}: none of {} terms is left; a lower --min-count or a greater --max-share keeps some", report.input, found);
  }
  return numbers;
}

// Writes what `texts` come to, by several threads, in order.
class TextEmitter {
 public:
  TextEmitter(const TextState& state, Output& out, TextReport& report, int threads)
      : state_(state), out_(out), report_(report), threads_(threads) {}

  void header(const std::string& id) { out_.write(id + "\tfeature\tvalue\n"); }

  void write(std::span<const Texts> texts, const std::vector<std::vector<std::vector<uint32_t>>>& numbers) {
    static const std::vector<std::vector<uint32_t>> kSame;
    if (parts_.empty()) {
      for (const TextKind& kind : state_.kinds) parts_.emplace_back(kind);
    }
    rows_.resize(std::max(rows_.size(), texts.size()));
    counts_.resize(rows_.size());
    parallel_for(texts.size(), threads_, [&](size_t at, int) {
      rows_[at].clear();
      counts_[at] =
          RowWriter(state_, parts_, numbers.empty() ? kSame : numbers[texts[at].piece]).write(texts[at], rows_[at]);
    });
    for (size_t at = 0; at < texts.size(); ++at) {
      out_.write(rows_[at].text());
      report_.texts += texts[at].size();
      report_.without += counts_[at].without;
      report_.rows += counts_[at].rows;
    }
  }

 private:
  const TextState& state_;
  Output& out_;
  TextReport& report_;
  int threads_;
  std::vector<RowBuffer> rows_;
  std::vector<RowParts> parts_;  // one a kind, once it is known
  std::vector<RowWriter::Counts> counts_;
};

}  // namespace

TableSpec text_spec(const std::string& id, const std::vector<std::string>& columns) {
  TableSpec spec{"texts", {{id}}};
  for (const std::string& column : columns) spec.columns.push_back({column, true, TableSpec::Kind::kText});
  return spec;
}

TextReport make_text_features(const TextOptions& options, const FeatureRun& run) {
  TextReport report;
  const bool learns = run.apply.empty();
  TextState state =
      learns ? empty_state(options) : TextState::from_artefact(read_artefact(run.apply, run.threads), run.apply);
  const size_t columns = state.options.columns.size();
  const auto pieces = static_cast<size_t>(run.threads);
  TableReader reader(run.input, text_spec(run.id, state.options.columns), run.read,
                     Input::kChunkBytes * std::min<size_t>(pieces, 16));
  const bool header = run.with_header(reader.layout().header);
  report.input = reader.name();

  std::vector<std::unique_ptr<Counter>> counters;
  for (size_t piece = 0; piece < pieces; ++piece) counters.push_back(std::make_unique<Counter>(state, learns));
  Output out(run.output, run.sync);
  TextEmitter emitter(state, out, report, run.threads);
  if (!learns && header) emitter.header(run.id);

  std::vector<Texts> batch(pieces), kept;
  while (reader.next()) {
    const TextFields fields(reader.layout(), columns);
    for (size_t piece = 0; piece < pieces; ++piece) {
      batch[piece].clear();
      batch[piece].piece = piece;
    }
    reader.parse(run.threads, pieces, [&](size_t piece, const Line& line) {
      counters[piece]->add(line, fields.id, run.id.c_str(), fields.texts, batch[piece]);
    });
    if (learns) {
      for (Texts& texts : batch) {
        if (texts.size() == 0) continue;
        state.texts += texts.size();
        texts.entries.shrink_to_fit();
        kept.push_back(std::move(texts));
        texts = Texts{};
      }
    } else {
      emitter.write(batch, {});
    }
  }
  report.bad_lines = reader.bad_lines();
  if (learns) {
    if (state.texts == 0) fail("{}: no rows", report.input);
    const auto numbers = learn(counters, state, report, run.threads);
    counters.clear();
    if (header) emitter.header(run.id);
    const std::span<const Texts> all = kept;
    for (size_t first = 0; first < kept.size(); first += 4 * pieces) {
      emitter.write(all.subspan(first, std::min(4 * pieces, kept.size() - first)), numbers);
    }
  } else {
    if (report.texts == 0) fail("{}: no rows", report.input);
    for (const TextKind& kind : state.kinds) report.kinds.push_back({kind.name, 0, kind.terms.size()});
  }
  finish(run, out, [&state] { return state.to_artefact(); });
  return report;
}

}  // namespace rec
