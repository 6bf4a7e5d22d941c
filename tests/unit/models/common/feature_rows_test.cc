#include "models/common/feature_rows.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "base/error.h"
#include "io/table.h"
#include "models/common/neighbours.h"
#include "models/inference/model.h"
#include "models/knn/knn_trainer.h"
#include "small_data.h"
#include "temp_folder.h"

namespace rec::feature_rows_test {
namespace {

FeatureTable features_of(const TempFolder& folder, const char* text) {
  return read_item_features(folder.file("features.tsv", text), {});
}

// f of item number `item`, by the names of the features.
std::map<std::string, double> row_of(const FittedFeatures& made, uint32_t item) {
  std::map<std::string, double> row;
  const Csr& rows = made.rows.rows;
  for (size_t at = rows.begin[item]; at < rows.begin[item + 1]; ++at)
    row[std::string(made.map.names[rows.index[at]])] = static_cast<double>(rows.weight[at]);
  return row;
}

TEST_CASE("feature rows: by hand, two kinds of unequal weight") {
  const TempFolder folder;
  const std::vector<FeatureTable> features{
      features_of(folder, "a\tgenre=x\t4\na\tgenre=y\t1\nb\tgenre=x\t1\nc\tword=w\t9\na\tword=w\t2\n")};
  RowsBuilder rows;
  rows.add("u", "a");
  rows.add("u", "z");
  Interactions data = rows.build();
  CHECK(add_ids(data, IdKind::kItem, features) == 2);  // b and c
  REQUIRE(data.items.size() == 4);
  CHECK(data.items.is_sorted());
  CHECK(data.items[data.item[0]] == "a");
  CHECK(data.items[data.item[1]] == "z");

  FeatureOptions options;
  options.weight = 3.0;
  options.scaling = FeatureScaling::kNone;
  options.kind_weight = {{"word", 0.25}, {"maker", 1.0}};
  FittedFeatures out = fit_features(features, data.items, options);
  CHECK(out.unknown_weight == std::vector<std::string>{"maker"});
  CHECK(out.rows.without == 1);  // z
  const double genre = 3.0 * std::sqrt(1.0 / 1.25);
  const double word = 3.0 * std::sqrt(0.25 / 1.25);
  auto a = row_of(out, 0);
  CHECK(a.size() == 3);
  CHECK(a["genre=x"] == doctest::Approx(genre * 4.0 / std::sqrt(17.0)));
  CHECK(a["genre=y"] == doctest::Approx(genre * 1.0 / std::sqrt(17.0)));
  CHECK(a["word=w"] == doctest::Approx(word));
  CHECK(row_of(out, 1)["genre=x"] == doctest::Approx(genre));
  CHECK(row_of(out, 2)["word=w"] == doctest::Approx(word));
  CHECK(row_of(out, 3).empty());

  options.scaling = FeatureScaling::kTfidf;
  options.kind_weight.clear();
  out = fit_features(features, data.items, options);
  a = row_of(out, 0);
  // Two items have the kind genre, both have x: it tells nothing. One has y.
  CHECK(a.count("genre=x") == 0);
  CHECK(a["genre=y"] == doctest::Approx(3.0 * std::sqrt(0.5)));
}

TEST_CASE("feature rows: a kind in two files is one, its values are added up, and the order of files is nothing") {
  const TempFolder folder;
  const FeatureTable first = features_of(folder, "a\tx\t2\nb\tx\t1\nb\ty\t1\n");
  const FeatureTable second = features_of(folder, "a\tx\t1\na\ty\t5\nn\tx\t1\n");
  RowsBuilder rows;
  rows.add("u", "a");
  Interactions data = rows.build();
  add_ids(data, IdKind::kItem, {first, second});
  FeatureOptions options;
  options.scaling = FeatureScaling::kNone;
  const FittedFeatures one = fit_features({first, second}, data.items, options);
  auto a = row_of(one, 0);
  CHECK(a["feature=x"] / a["feature=y"] == doctest::Approx(3.0 / 5.0));
  CHECK(std::hypot(a["feature=x"], a["feature=y"]) == doctest::Approx(1.0));
  const FittedFeatures other = fit_features({second, first}, data.items, options);
  for (uint32_t item = 0; item < data.items.size(); ++item) CHECK(row_of(one, item) == row_of(other, item));
}

TEST_CASE("feature rows: numbers by their deviations, vectors by their length") {
  const TempFolder folder;
  const std::vector<FeatureTable> features{
      features_of(folder, "item:token\tprice:float\timage:float_seq\na\t1\t3 -4\nb\t3\t\nc\t\t0 2\nd\t1000000\t\n")};
  IdTable items;
  for (const char* id : {"a", "b", "c"}) items.intern(id);
  FeatureOptions options;
  options.kind_weight = {{"image", 3.0}};
  const FittedFeatures out = fit_features(features, items, options);
  auto a = row_of(out, 0);
  // Of 1 and 3 the mean is 2 and the deviation 1; the kinds share 1 by 3 : 1.
  CHECK(a["price"] == doctest::Approx(-std::sqrt(0.25)));
  CHECK(a["image=0"] == doctest::Approx(std::sqrt(0.75) * 0.6));
  CHECK(a["image=1"] == doctest::Approx(std::sqrt(0.75) * -0.8));
  CHECK(row_of(out, 1)["price"] == doctest::Approx(std::sqrt(0.25)));
  CHECK(row_of(out, 1).size() == 1);
  CHECK(row_of(out, 2)["image=1"] == doctest::Approx(std::sqrt(0.75)));
  // A later item far out is held at 4 deviations.
  IdTable later;
  later.intern("d");
  const FeatureRows far = feature_rows(out.map, features, later);
  CHECK(static_cast<double>(far.rows.weight[0]) == doctest::Approx(4.0 * std::sqrt(0.25)));
  // The map is the same after a model file.
  Artefact artefact;
  add_feature_map(out.map, IdKind::kUser, artefact);
  const FeatureMap read = feature_map_of(artefact, IdKind::kUser);
  const FeatureRows again = feature_rows(read, features, items);
  CHECK(again.rows.weight == out.rows.rows.weight);
  CHECK(again.rows.index == out.rows.rows.index);
}

TEST_CASE("knn with features: the cosine of the joined rows, and a new item has neighbours") {
  const TempFolder folder;
  const std::vector<FeatureTable> features{features_of(folder, "a\tx\na\ty\nb\ty\nnew\tx\nnew\tz\n")};
  RowsBuilder rows;
  for (const auto& [user, item] : {std::pair{"u", "a"}, {"u", "b"}, {"v", "a"}, {"w", "b"}}) rows.add(user, item);
  Interactions data = rows.build();
  add_ids(data, IdKind::kItem, features);
  FeatureOptions feature_options;
  feature_options.weight = 1.5;
  feature_options.scaling = FeatureScaling::kNone;
  const FittedFeatures made = fit_features(features, data.items, feature_options);
  const Csr by_user = csr_by_user(data, {});
  const Csr joined = with_features(by_user, made.rows.rows, made.map.size());
  CHECK(joined.rows() == by_user.rows() + 3);
  KnnOptions options;
  options.similarity.shrink = 2.0;
  options.similarity.asymmetry = 0.3;
  Model model(fit_knn_items(data, by_user, joined, options, 1));

  // Dense twin: columns u, v, w, then x, y, z.
  const double f = 1.5 / std::sqrt(2.0);
  const std::map<std::string, std::vector<double>> dense{
      {"a", {1, 1, 0, f, f, 0}}, {"b", {1, 0, 1, 0, 1.5, 0}}, {"new", {0, 0, 0, f, 0, f}}};
  const auto product = [](const std::vector<double>& s, const std::vector<double>& t) {
    double sum = 0.0;
    for (size_t at = 0; at < s.size(); ++at) sum += s[at] * t[at];
    return sum;
  };
  const SparseView S = model.artefact().find_sparse(kItemNeighbours)->view;
  size_t pairs = 0;
  for (uint32_t j = 0; j < data.items.size(); ++j) {
    for (size_t at = 0; at < S.row(j).size(); ++at) {
      const auto& from = dense.at(std::string(data.items[j]));
      const auto& to = dense.at(std::string(data.items[S.row(j)[at]]));
      const double c = product(from, to);
      const double expected = c / (std::pow(product(from, from), 0.3) * std::pow(product(to, to), 0.7) + 2.0);
      CHECK(S.row_weight(j)[at] == doctest::Approx(expected).epsilon(1e-5));
      ++pairs;
    }
  }
  CHECK(pairs == 4);  // a-b and a-new, both ways; b and new share nothing
}

}  // namespace
}  // namespace rec::feature_rows_test
