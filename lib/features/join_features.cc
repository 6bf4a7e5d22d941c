#include "features/join_features.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/number.h"
#include "data/feature_row_tsv.h"
#include "data/id_hash.h"
#include "data/id_list.h"

namespace rec {
namespace {

// Rows to write. A row is [begin, end) of the text: "ID\tKIND=CATEGORY", up to key_end, and the value.
struct JoinedRows {
  struct Row {
    size_t begin, key_end, end;
    const char* line;  // of the input
  };
  std::string text;
  std::vector<Row> rows;
  std::vector<uint32_t> allowed;   // numbers of ids of the list
  std::vector<std::string> kinds;  // that have a weight
  uint64_t not_allowed = 0;
};

// What one thread needs to turn lines into rows.
class JoinedRowMaker {
 public:
  JoinedRowMaker(const FeatureForm& form, const Layout& layout, const std::string& id, const std::string& prefix,
                 const JoinOptions& options, const IdList* list)
      : form_(form), layout_(layout), id_(id), prefix_(prefix), options_(options), list_(list) {}

  // Throws BadField, and then has added nothing.
  void add(const Line& line, JoinedRows& rows) {
    const std::string_view id = feature_row_id(line, form_, layout_, id_.c_str());
    std::optional<LongFeature> feature;
    if (!form_.wide) feature = parse_long_feature(line.fields, form_);
    if (list_ != nullptr) {
      const uint32_t number = list_->ids.find(id);
      if (number == kNoId) {
        ++rows.not_allowed;
        return;
      }
      rows.allowed.push_back(number);
    }
    if (feature) {
      add(id, feature->kind, feature->category, feature->value, line, rows);
    } else {
      for_each_wide_category(line.fields, form_, [&](size_t field, std::string_view category) {
        add(id, form_.names[field], category, 1.0f, line, rows);
      });
    }
  }

 private:
  void add(std::string_view id, std::string_view kind, std::string_view category, float value, const Line& line,
           JoinedRows& rows) {
    if (kind != kind_ || name_.empty()) {
      kind_ = kind;
      name_ = prefix_ + kind_;
      const auto weight = options_.weight.find(name_);
      weight_ = weight == options_.weight.end() ? 1.0f : weight->second;
      if (weight != options_.weight.end()) rows.kinds.push_back(name_);
    }
    value *= weight_;
    if (std::isinf(value)) {
      bad_field(0, fmt::format("\"{}={}\" times its --weight is beyond the range of float32", printable(name_),
                               printable(category)));
    }
    if (value == 0.0f) return;
    const size_t begin = rows.text.size();
    ((((rows.text += id) += '\t') += name_) += '=') += category;
    const size_t key_end = rows.text.size();
    rows.text += '\t';
    append_number(rows.text, value);
    rows.text += '\n';
    rows.rows.push_back({begin, key_end, rows.text.size(), line.text.data()});
  }

  const FeatureForm& form_;
  const Layout& layout_;
  const std::string& id_;
  const std::string& prefix_;
  const JoinOptions& options_;
  const IdList* list_;
  std::string kind_, name_;  // of the row before: most are of the same
  float weight_ = 1.0f;
};

// The columns of a typed header that are not read, for a message.
std::string unused_columns(const FeatureForm& form) {
  std::string numbers, texts;
  for (size_t field = 0; field < form.types.size(); ++field) {
    const FeatureField type = form.types[field];
    const bool is_number = type == FeatureField::kNumber || type == FeatureField::kVector;
    if (!is_number && type != FeatureField::kText) continue;
    std::string& names = is_number ? numbers : texts;
    names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", printable(form.names[field]));
  }
  std::string all;
  if (!numbers.empty())
    all = fmt::format("not used, as numbers: {} (rec-features numbers makes features of them)", numbers);
  if (!texts.empty()) {
    if (!all.empty()) all += "; ";
    all += fmt::format("not used, as text: {} (rec-features text does)", texts);
  }
  return all;
}

class Joiner {
 public:
  Joiner(const JoinOptions& options, const FeatureRun& run, const IdList* list, Output& out, JoinReport& report)
      : options_(options), run_(run), list_(list), out_(out), report_(report) {
    if (list != nullptr) has_feature_.resize(list->ids.size(), false);
  }

  void add(const std::string& path, const std::string& prefix) {
    TableReader reader(path, {"features", {{run_.id}}}, run_.read,
                       Input::kChunkBytes * static_cast<size_t>(std::min(run_.threads, 16)));
    reader.keep_all_fields();
    const FeatureForm form = feature_form_of(reader.layout());
    if (report_.tables.empty() && run_.with_header(reader.layout().header)) out_.write(run_.id + "\tfeature\tvalue\n");
    JoinReport::Table& table = report_.tables.emplace_back();
    table.name = reader.name();
    table.unused = unused_columns(form);
    const auto pieces = static_cast<size_t>(run_.threads);
    std::vector<JoinedRowMaker> makers(pieces, JoinedRowMaker(form, reader.layout(), run_.id, prefix, options_, list_));
    std::vector<JoinedRows> batch(pieces);
    while (reader.next()) {
      for (JoinedRows& rows : batch) rows = JoinedRows{};
      reader.parse(run_.threads, pieces,
                   [&](size_t piece, const Line& line) { makers[piece].add(line, batch[piece]); });
      for (const JoinedRows& rows : batch) write(rows, reader, table);
    }
    table.bad_lines = reader.bad_lines();
  }

  void finish() {
    for (const auto& [kind, weight] : options_.weight) {
      if (!kinds_.contains(kind)) report_.unknown_kinds.push_back(kind);
    }
    report_.without = static_cast<uint64_t>(std::count(has_feature_.begin(), has_feature_.end(), false));
  }

 private:
  void write(const JoinedRows& rows, const TableReader& reader, JoinReport::Table& table) {
    const std::string_view text = rows.text;
    size_t kept_from = 0;
    for (const JoinedRows::Row& row : rows.rows) {
      if (known_.insert(text.substr(row.begin, row.key_end - row.begin))) {
        ++table.rows;
        continue;
      }
      ++report_.duplicates;
      if (options_.duplicates == Duplicates::kFail) {
        const size_t tab = text.find('\t', row.begin);
        reader.fail_at(
            row.line,
            {0,
             fmt::format(
                 "{} \"{}\" has the feature \"{}\" for the second time; --duplicates first leaves out what comes again",
                 run_.id, printable(text.substr(row.begin, tab - row.begin)),
                 printable(text.substr(tab + 1, row.key_end - tab - 1)))});
      }
      if (options_.duplicates == Duplicates::kKeep) {
        ++table.rows;
        continue;
      }
      out_.write(text.substr(kept_from, row.begin - kept_from));
      kept_from = row.end;
    }
    out_.write(text.substr(kept_from));
    for (const uint32_t number : rows.allowed) has_feature_[number] = true;
    kinds_.insert(rows.kinds.begin(), rows.kinds.end());
    table.not_allowed += rows.not_allowed;
  }

  const JoinOptions& options_;
  const FeatureRun& run_;
  const IdList* list_;
  Output& out_;
  JoinReport& report_;
  IdSet known_;
  std::vector<bool> has_feature_;  // of the list
  std::set<std::string> kinds_;
};

}  // namespace

void JoinOptions::describe(OptionTable& table) {
  table.add("--prefix", prefixes, "TEXT",
            "Put TEXT before the kinds; given once, of all tables, or as often as FILE, of one each; \"\" is none");
  const auto weigh = [this](const std::string& text) {
    const size_t equals = text.rfind('=');
    const auto number =
        equals == std::string::npos ? std::nullopt : parse_number<float>(std::string_view(text).substr(equals + 1));
    if (equals == 0 || !number || *number < 0)
      fail_usage("--weight: expected KIND=W, with a W of at least 0, as genre=0.5, found \"{}\"", printable(text));
    if (!weight.emplace(text.substr(0, equals), *number).second)
      fail_usage("--weight: the kind \"{}\" is given twice", printable(text.substr(0, equals)));
  };
  table.parsed("--weight", weigh, "KIND=W", "Multiply the values of KIND, its prefix included, by W; repeatable")
      .repeatable();
  table.add("--allow", allow, "FILE", "Ids (column item, or user): only these get rows").reads();
  table.choice("--duplicates", duplicates, kDuplicates,
               "When an id has a feature again:\n"
               "keep: write it again; readers add the values up\n"
               "first: leave it out\n"
               "fail: end with an error");
}

JoinReport join_features(const std::vector<std::string>& inputs, const JoinOptions& options, const FeatureRun& run,
                         const ReadOptions& allow) {
  JoinReport report;
  std::optional<IdList> list;
  if (!options.allow.empty()) {
    list = read_allowed(options.allow, run, allow);
    report.allow = list->name;
    report.listed = list->ids.size();
    report.allow_bad_lines = list->bad_lines;
  }
  Output out(run.output, run.sync);
  Joiner joiner(options, run, list ? &*list : nullptr, out, report);
  for (size_t at = 0; at < inputs.size(); ++at) {
    const std::string prefix = options.prefixes.empty()       ? ""
                               : options.prefixes.size() == 1 ? options.prefixes.front()
                                                              : options.prefixes[at];
    joiner.add(inputs[at], prefix);
  }
  joiner.finish();
  uint64_t rows = 0;
  for (const JoinReport::Table& table : report.tables) rows += table.rows;
  if (rows == 0) fail("{}: no feature", inputs.size() == 1 ? report.tables.front().name : "the tables");
  out.finish();
  return report;
}

}  // namespace rec
