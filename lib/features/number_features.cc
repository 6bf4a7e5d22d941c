#include "features/number_features.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/number.h"
#include "base/parallel_for.h"
#include "data/feature_row_tsv.h"

namespace rec {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// Rows: their ids, and a number or kMissing for each column.
struct NumberRows {
  std::string ids;
  std::vector<uint64_t> id_end;
  std::vector<double> numbers;  // rows × columns

  size_t size() const { return id_end.size(); }
  std::string_view id(size_t row) const {
    const uint64_t begin = row == 0 ? 0 : id_end[row - 1];
    return std::string_view(ids).substr(begin, id_end[row] - begin);
  }
};

// Where the columns of numbers stand, and what they are called.
struct NumberFields {
  int id = 0;
  std::vector<int> position;
  std::vector<std::string> names;
};

// names: of --column or of a state; none: the columns of type float are taken.
NumberFields fields_of(const TableReader& reader, const std::vector<std::string>& names, const std::string& id_name) {
  const Layout& layout = reader.layout();
  NumberFields fields{layout.position[0], {}, names};
  for (size_t column = 0; column < names.size(); ++column) fields.position.push_back(layout.position[column + 1]);
  if (names.empty()) {
    for (size_t field = 0; field < layout.types.size(); ++field) {
      if (layout.types[field] != "float" || static_cast<int>(field) == fields.id) continue;
      fields.position.push_back(static_cast<int>(field));
      fields.names.push_back(layout.names[field]);
    }
  }
  if (fields.names.empty())
    fail("{}: no column of type float, as price:float; --column NAME says which columns hold numbers", reader.name());
  for (const std::string& name : fields.names) {
    if (name.empty() || name.find_first_of("=\t\n\r") != std::string::npos || name == id_name) {
      fail("{}: column \"{}\": expected a name other than {}, without \"=\", TAB and line feed", reader.name(),
           printable(name), id_name);
    }
  }
  return fields;
}

// Throws BadField, and then has added nothing.
void add_row(const Line& line, const NumberFields& fields, const char* id_name, bool log, NumberRows& rows) {
  const std::string_view id = id_field(line, fields.id, id_name);
  const size_t before = rows.numbers.size();
  try {
    for (const int position : fields.position) {
      const std::string_view cell = line.fields[static_cast<size_t>(position)];
      if (cell.empty()) {
        rows.numbers.push_back(kMissing);
        continue;
      }
      const auto number = parse_number<double>(cell);
      if (!number) bad_number(position + 1, cell);
      if (log && *number < 0)
        bad_field(position + 1, "--log: expected a number of at least 0, found " + printable(cell));
      rows.numbers.push_back(log ? std::log1p(*number) : *number);
    }
  } catch (const BadField&) {
    rows.numbers.resize(before);
    throw;
  }
  rows.ids += id;
  rows.id_end.push_back(rows.ids.size());
}

struct Counts {
  std::vector<uint64_t> numbers, outside;  // one a column
  uint64_t without = 0, rows = 0;
};

void write_rows(const NumberRows& rows, const NumberState& state, std::string& text, Counts& counts) {
  const size_t columns = state.columns.size();
  text.clear();
  counts = {std::vector<uint64_t>(columns), std::vector<uint64_t>(columns)};
  for (size_t row = 0; row < rows.size(); ++row) {
    const std::string_view id = rows.id(row);
    bool has_any = false;
    if (!state.options.bins) text += id;
    for (size_t at = 0; at < columns; ++at) {
      const NumberColumn& column = state.columns[at];
      const double number = rows.numbers[row * columns + at];
      const bool missing = std::isnan(number);
      has_any |= !missing;
      counts.numbers[at] += !missing;
      counts.outside[at] += !missing && column.is_outside(number);
      if (!state.options.bins) {
        text += '\t';
        if (!missing) append_number(text, state.scaled(column, number));
      } else if (!missing) {
        (((text += id) += '\t') += column.name) += "=q";
        append_integer(text, column.bin(number));
        text += "\t1\n";
        ++counts.rows;
      }
    }
    if (!state.options.bins) {
      text += '\n';
      ++counts.rows;
    }
    counts.without += !has_any;
  }
}

// Writes rows by several threads, in order.
class NumberEmitter {
 public:
  NumberEmitter(const NumberState& state, Output& out, NumberReport& report, int threads)
      : state_(state), out_(out), report_(report), threads_(threads) {}

  void header(const std::string& id) {
    if (state_.options.bins) {
      out_.write(id + "\tfeature\tvalue\n");
      return;
    }
    std::string line = id + ":token";
    for (const NumberColumn& column : state_.columns) line += "\t" + column.name + ":float";
    out_.write(line + "\n");
  }
  void write(std::span<const NumberRows> rows) {
    texts_.resize(std::max(texts_.size(), rows.size()));
    counts_.resize(texts_.size());
    parallel_for(rows.size(), threads_, [&](size_t at, int) { write_rows(rows[at], state_, texts_[at], counts_[at]); });
    for (size_t at = 0; at < rows.size(); ++at) {
      out_.write(texts_[at]);
      report_.items += rows[at].size();
      report_.without += counts_[at].without;
      report_.rows += counts_[at].rows;
      for (size_t column = 0; column < state_.columns.size(); ++column) {
        NumberReport::Column& its = report_.columns[column];
        its.numbers += counts_[at].numbers[column];
        its.missing += rows[at].size() - counts_[at].numbers[column];
        its.outside += counts_[at].outside[column];
      }
    }
  }

 private:
  const NumberState& state_;
  Output& out_;
  NumberReport& report_;
  int threads_;
  std::vector<std::string> texts_;
  std::vector<Counts> counts_;
};

void learn(const std::vector<NumberRows>& all, const std::vector<std::string>& names, NumberState& state,
           const NumberReport& report, int threads) {
  if (all.empty()) fail("{}: no rows", report.input);
  state.columns.resize(names.size());
  parallel_for(names.size(), threads, [&](size_t column, int) {
    std::vector<double> numbers;
    for (const NumberRows& rows : all) {
      for (size_t row = 0; row < rows.size(); ++row) {
        const double number = rows.numbers[row * names.size() + column];
        if (!std::isnan(number)) numbers.push_back(number);
      }
    }
    if (numbers.empty()) fail("{}: column \"{}\": no number in any row", report.input, printable(names[column]));
    try {
      state.columns[column] = fit_numbers(names[column], std::move(numbers), state.options);
    } catch (const Error& error) {
      fail("{}: {}", report.input, error.what());
    }
  });
}

}  // namespace

TableSpec number_spec(const std::string& id, const std::vector<std::string>& columns) {
  TableSpec spec{"numbers", {{id}}};
  for (const std::string& column : columns) spec.columns.push_back({column, true, TableSpec::Kind::kText});
  return spec;
}

NumberReport make_number_features(const NumberOptions& options, const FeatureRun& run) {
  NumberReport report;
  const bool learns = run.apply.empty();
  NumberState state;
  std::vector<std::string> names = options.columns;
  if (learns) {
    state.options = options;
  } else {
    state = NumberState::from_artefact(read_artefact(run.apply, run.threads), run.apply);
    names.clear();
    for (const NumberColumn& column : state.columns) names.push_back(column.name);
  }
  const auto pieces = static_cast<size_t>(run.threads);
  TableReader reader(run.input, number_spec(run.id, names), run.read,
                     Input::kChunkBytes * std::min<size_t>(pieces, 16));
  reader.keep_all_fields();
  const NumberFields fields = fields_of(reader, names, run.id);
  report.input = reader.name();
  report.bins = state.options.bins.has_value();
  for (const std::string& name : fields.names) report.columns.push_back({name});
  Output out(run.output, run.sync);
  NumberEmitter emitter(state, out, report, run.threads);
  const bool header = run.with_header(true);
  if (!learns && header) emitter.header(run.id);
  std::vector<NumberRows> kept;
  while (reader.next()) {
    std::vector<NumberRows> batch(pieces);
    reader.parse(run.threads, pieces, [&](size_t piece, const Line& line) {
      add_row(line, fields, run.id.c_str(), state.options.log, batch[piece]);
    });
    if (!learns) {
      emitter.write(batch);
      continue;
    }
    for (NumberRows& rows : batch) {
      if (rows.size() > 0) kept.push_back(std::move(rows));
    }
  }
  report.bad_lines = reader.bad_lines();
  if (learns) {
    learn(kept, fields.names, state, report, run.threads);
    if (header) emitter.header(run.id);
    const std::span<const NumberRows> all = kept;
    for (size_t first = 0; first < kept.size(); first += 4 * pieces)
      emitter.write(all.subspan(first, std::min(4 * pieces, kept.size() - first)));
  } else if (report.items == 0) {
    fail("{}: no rows", report.input);
  }
  finish(run, out, [&state] { return state.to_artefact(); });
  return report;
}

}  // namespace rec
