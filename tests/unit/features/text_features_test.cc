#include "features/text_features.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "base/error.h"
#include "unit/features/run_of.h"

namespace rec::text_features_test {

namespace {

using Text = std::vector<std::string>;  // its words

// The features of texts, by their definition.
std::vector<std::map<std::string, double>> reference(const std::vector<Text>& texts, const TextOptions& options,
                                                     const std::set<std::string>& stop) {
  std::vector<std::map<std::string, double>> times(texts.size());
  std::map<std::string, double> with;
  for (size_t text = 0; text < texts.size(); ++text) {
    Text words;
    for (const std::string& word : texts[text]) {
      if (!stop.contains(word)) words.push_back(word);
    }
    for (size_t first = 0; first < words.size(); ++first) {
      if (options.terms.characters) {
        const std::string marked = "<" + words[first] + ">";
        const auto [least, most] = *options.terms.characters;
        if (marked.size() < least) ++times[text][marked];
        for (size_t at = 0; at < marked.size(); ++at) {
          for (size_t n = least; n <= most && at + n <= marked.size(); ++n) ++times[text][marked.substr(at, n)];
        }
        continue;
      }
      std::string term;
      for (size_t n = 0; n < options.terms.ngrams && first + n < words.size(); ++n) {
        term += (n > 0 ? " " : "") + words[first + n];
        ++times[text][term];
      }
    }
    for (const auto& [term, count] : times[text]) ++with[term];
  }
  const auto n = static_cast<double>(texts.size());
  for (auto& text : times) {
    std::erase_if(text, [&](const auto& its) {
      return with[its.first] < static_cast<double>(options.min_count) || with[its.first] > options.max_share * n;
    });
    double squares = 0;
    for (auto& [term, value] : text) {
      if (options.values == TextValues::kBinary) value = 1;
      if (options.values == TextValues::kTfIdf) {
        value = (options.log_counts ? 1 + std::log(value) : value) * (1 + std::log((1 + n) / (1 + with[term])));
      }
      squares += value * value;
    }
    for (auto& [term, value] : text) {
      if (options.values == TextValues::kTfIdf && options.l2) value /= std::sqrt(squares);
    }
  }
  return times;
}

}  // namespace

TEST_CASE("features of random texts are those of their definition, for every number of threads, learnt or applied") {
  const TempFolder folder;
  std::mt19937 random(3);
  std::ofstream(folder.path("stop")) << "w1\nW2\n";
  for (int round = 0; round < 60; ++round) {
    std::vector<Text> texts(1 + random() % 40);
    std::ofstream table(folder.path("in"));
    const char* const blanks[] = {" ", ", ", "  ", " - ", "! "};
    for (size_t text = 0; text < texts.size(); ++text) {
      table << "i" << text << "\t";
      for (size_t word = random() % 20; word > 0; --word) {
        const size_t number = random() % (random() % 30 + 1);
        texts[text].push_back("w" + std::to_string(number));
        table << (random() % 2 ? "w" : "W") << number << blanks[random() % 5];
      }
      table << "\n";
    }
    table.close();
    TextOptions options;
    options.terms.ngrams = 1 + static_cast<uint32_t>(random() % 3);
    if (random() % 3 == 0) options.terms = {1, GramLengths{1 + static_cast<uint32_t>(random() % 3), 3}};
    options.min_count = 1 + random() % 2;
    options.max_share = random() % 2 ? 1.0 : 0.6;
    options.values = kTextValues[random() % 3].value;
    options.log_counts = options.values == TextValues::kTfIdf && random() % 2;
    options.l2 = random() % 2;
    const bool stops = random() % 2;
    if (stops) options.stop_words = folder.path("stop");
    options.complete();
    const auto expected =
        reference(texts, options, stops ? std::set<std::string>{"w1", "w2"} : std::set<std::string>());
    size_t rows = 0;
    for (const auto& text : expected) rows += text.size();
    FeatureRun run = run_of(folder, 1, "one", true);
    if (rows == 0) {
      CHECK_THROWS_AS((void)make_text_features(options, run), Error);
      continue;
    }
    run.state = folder.path(round % 2 ? "state" : "state.safetensors");
    const TextReport report = make_text_features(options, run);
    CHECK(report.rows == rows);
    CHECK(report.texts == texts.size());
    const std::string written = folder.read("one");
    std::istringstream lines(written);
    std::string item, feature;
    double value = 0;
    size_t read = 0;
    for (std::string line; std::getline(lines, line); ++read) {
      const size_t tab = line.find('\t'), second = line.find('\t', tab + 1);
      item = line.substr(0, tab);
      feature = line.substr(tab + 1, second - tab - 1);
      value = std::stod(line.substr(second + 1));
      REQUIRE(feature.starts_with("text="));
      const auto& text = expected.at(std::stoul(item.substr(1)));
      const auto found = text.find(feature.substr(5));
      INFO(line);
      REQUIRE(found != text.end());
      REQUIRE(value == doctest::Approx(found->second).epsilon(1e-6));
    }
    CHECK(read == rows);
    FeatureRun three = run_of(folder, 3, "three", true);
    (void)make_text_features(options, three);
    CHECK(folder.read("three") == written);
    FeatureRun applied = run_of(folder, 2, "applied", true);
    applied.apply = run.state;
    (void)make_text_features({}, applied);
    CHECK(folder.read("applied") == written);
  }
}

TEST_CASE("a text that is not UTF-8 counts for nothing where bad lines are skipped") {
  const TempFolder folder;
  std::ofstream(folder.path("in")) << "a\tone\tx\nb\tone two\t\xff\nc\tthree\tx\n";
  TextOptions options;
  options.columns = {"one", "two"};
  options.min_count = 2;
  options.complete();
  FeatureRun run = run_of(folder, 1, "out", true);
  CHECK_THROWS_WITH_AS(
      (void)make_text_features(options, run),
      (folder.path("in") + ":2: field 3: not UTF-8: \"\\xff\" (iconv -f LATIN1 -t UTF-8 converts, if it is Latin-1)")
          .c_str(),
      Error);
  run.read.bad_lines = BadLines::kSkip;
  CHECK(make_text_features(options, run).bad_lines == 1);
  CHECK(folder.read("out") == "a\ttwo=x\t1\nc\ttwo=x\t1\n");
}

TEST_CASE("states that do not fit are errors") {
  TextState state;
  state.options.columns = {"title"};
  state.options.complete();
  state.texts = 2;
  TextKind kind{"title", {}, {2.0f}};
  kind.terms.intern("word");
  state.kinds.push_back(std::move(kind));
  const Artefact good = state.to_artefact();
  CHECK(TextState::from_artefact(good, "f").kinds[0].idf[0] == 2.0f);
  for (const auto& [key, value] : {std::pair<const char*, const char*>{"model", "als"},
                                   {"columns", "0"},
                                   {"columns", "1e9"},
                                   {"columns", "2"},
                                   {"kind.1", "other"},
                                   {"kind.1", ""},
                                   {"ngrams", "0"},
                                   {"values", "other"},
                                   {"texts", "x"}}) {
    Artefact bad = state.to_artefact();
    bad.meta[key] = value;
    INFO(key << " " << value);
    CHECK_THROWS_AS((void)TextState::from_artefact(bad, "f"), Error);
  }
  Artefact bare = state.to_artefact();
  bare.meta.erase("stop-words");
  CHECK_THROWS_AS((void)TextState::from_artefact(bare, "f"), Error);
}

}  // namespace rec::text_features_test
