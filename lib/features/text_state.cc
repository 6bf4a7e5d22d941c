#include "features/text_state.h"

#include <algorithm>

#include "base/error.h"
#include "base/number.h"

namespace rec {
namespace {

constexpr const char* kTextModel = "rec-features text";

GramLengths parse_lengths(const std::string& text) {
  const size_t dash = text.find('-');
  const auto least = parse_integer<uint32_t>(std::string_view(text).substr(0, dash));
  const auto most =
      dash == std::string::npos ? least : parse_integer<uint32_t>(std::string_view(text).substr(dash + 1));
  if (!least || !most || *least < 1 || *most > 32 || *least > *most) {
    fail_usage("--characters: expected A-B, whole numbers from 1 to 32, as 3-5, found \"{}\"", printable(text));
  }
  return {*least, *most};
}

}  // namespace

void TextOptions::describe(OptionTable& table) {
  table.add("--column", columns, "NAME", "A column of texts; may be given several times (default text)").not_in_model();
  table
      .add("--kind", kinds, "KIND",
           "Name of the features of a column, as in KIND=word (default: the name of the column); if it is given once, "
           "all columns have it and are one text")
      .not_in_model();
  table.add("--stop-words", stop_words, "FILE", "Words to leave out, one a line").reads().not_in_model();
  table.add("--ngrams", terms.ngrams, "N", "Features are the words and all sequences of up to N of them").range(1, 10);
  const auto lengths = [this] {
    return terms.characters ? fmt::format("{}-{}", terms.characters->least, terms.characters->most) : std::string();
  };
  table
      .add("--characters",
           OptionValue::parsed([this](const std::string& text) { terms.characters = parse_lengths(text); }, lengths),
           "A-B", "Features are the sequences of A to B characters of each word, which < opens and > closes")
      .excludes("--ngrams")
      .in_model_if([this] { return terms.characters.has_value(); });
  table.add("--min-count", min_count, "N", "Leave out what fewer than N texts have").at_least(1);
  table.add("--max-share", max_share, "F", "Leave out what more than this share of the texts have")
      .range(0, 1)
      .above(0);
  table.choice("--values", values, kTextValues,
               "tf-idf: how often the text has it, more if few texts have it\n"
               "count: how often the text has it\n"
               "binary: 1");
  const auto weighted = [this] { return values == TextValues::kTfIdf; };
  table.flag("--log-counts", log_counts, "Take 1 + ln(count) in place of the count").needs("--values tf-idf", weighted);
  table.flag("--no-norm", l2, "Do not divide the values of a text by their length", false)
      .needs("--values tf-idf", weighted);
}

void TextOptions::complete() {
  if (columns.empty()) columns = {"text"};
  for (size_t at = 0; at < columns.size(); ++at) {
    if (std::count(columns.begin(), columns.end(), columns[at]) > 1)
      fail_usage("--column {} is given twice", printable(columns[at]));
  }
  if (kinds.empty()) kinds = columns;
  if (kinds.size() == 1) kinds.resize(columns.size(), kinds.front());
  if (kinds.size() != columns.size()) {
    fail_usage("--kind: expected one for all columns or one for each of {}, found {}", columns.size(), kinds.size());
  }
  for (const std::string& kind : kinds) {
    if (kind.empty() || kind.find_first_of("=\t\n\r") != std::string::npos) {
      fail_usage("--kind: expected a name without \"=\", TAB and line feed, found \"{}\"", printable(kind));
    }
  }
}

std::vector<size_t> TextState::kind_of_column() const {
  std::vector<size_t> kind;
  for (const std::string& name : options.kinds) {
    kind.push_back(static_cast<size_t>(
        std::find_if(kinds.begin(), kinds.end(), [&](const TextKind& its) { return its.name == name; }) -
        kinds.begin()));
  }
  return kind;
}

Artefact TextState::to_artefact() const {
  Artefact artefact;
  artefact.meta["model"] = kTextModel;
  artefact.meta["texts"] = std::to_string(texts);
  TextOptions stored = options;
  write_options(stored, artefact.meta);
  artefact.meta["columns"] = std::to_string(options.columns.size());
  for (size_t at = 0; at < options.columns.size(); ++at) {
    artefact.meta[fmt::format("column.{}", at + 1)] = options.columns[at];
    artefact.meta[fmt::format("kind.{}", at + 1)] = options.kinds[at];
  }
  std::string words;
  for (uint32_t word = 0; word < stop_words.size(); ++word) (words += word == 0 ? "" : " ") += stop_words[word];
  artefact.meta["stop-words"] = words;
  IdTable names;
  std::vector<float> idf;
  for (const TextKind& kind : kinds) {
    for (uint32_t term = 0; term < kind.terms.size(); ++term) {
      names.intern(kind.name + "=" + std::string(kind.terms[term]));
    }
    idf.insert(idf.end(), kind.idf.begin(), kind.idf.end());
  }
  const std::vector<uint32_t> order = names.sorted_order();
  artefact.items = names.reordered(order);
  std::vector<float> sorted;
  for (const uint32_t term : order) sorted.push_back(idf[term]);
  artefact.add("items.idf", sorted);
  return artefact;
}

TextState TextState::from_artefact(const Artefact& artefact, const std::string& path) {
  const auto model = artefact.meta.find("model");
  if (model == artefact.meta.end() || model->second != kTextModel) {
    fail("{}: expected a state that rec-features text --state wrote, found a model of {}", printable(path),
         model == artefact.meta.end() ? "no kind" : printable(model->second));
  }
  try {
    TextState state;
    read_options(artefact.meta, state.options);
    const double columns = artefact.number("columns");
    if (!(columns >= 1 && columns <= static_cast<double>(artefact.meta.size())))
      fail("model: meta columns: bad number");
    for (size_t at = 1; at <= static_cast<size_t>(columns); ++at) {
      state.options.columns.push_back(artefact.text(fmt::format("column.{}", at)));
      state.options.kinds.push_back(artefact.text(fmt::format("kind.{}", at)));
    }
    state.options.complete();
    state.texts = static_cast<uint64_t>(std::max(0.0, artefact.number("texts")));
    std::string_view words = artefact.text("stop-words");
    while (!words.empty()) {
      const size_t blank = std::min(words.find(' '), words.size());
      if (blank > 0) state.stop_words.intern(words.substr(0, blank));
      words.remove_prefix(std::min(blank + 1, words.size()));
    }
    state.stop_words.index();
    for (const std::string& name : state.options.kinds) {
      const bool known =
          std::any_of(state.kinds.begin(), state.kinds.end(), [&](const TextKind& kind) { return kind.name == name; });
      if (!known) state.kinds.push_back({name, {}, {}});
    }
    const Artefact::Tensor* idf = artefact.find("items.idf");
    if (idf == nullptr || idf->cols() != 1) fail("model: no tensor \"items.idf\" of one dimension");
    for (uint32_t term = 0; term < artefact.items.size(); ++term) {
      const std::string_view name = artefact.items[term];
      const size_t equals = name.find('=');
      const auto kind = std::find_if(state.kinds.begin(), state.kinds.end(),
                                     [&](const TextKind& its) { return its.name == name.substr(0, equals); });
      if (equals == std::string_view::npos || kind == state.kinds.end())
        fail("model: item \"{}\" is no feature of its kinds", printable(name));
      if (idf->floats()[term] < 0) fail("model: tensor \"items.idf\": a value below 0");
      kind->terms.intern(name.substr(equals + 1));
      kind->idf.push_back(idf->floats()[term]);
    }
    for (TextKind& kind : state.kinds) kind.terms.index();
    return state;
  } catch (const UsageError& error) {
    fail("{}: {}", printable(path), error.what());
  } catch (const Error& error) {
    fail("{}: {}", printable(path), error.what());
  }
}

}  // namespace rec
