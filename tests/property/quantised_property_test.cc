// Quantised models against the slow reference, the float32 model of the same values: the same bits.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <random>

#include "data/quantise.h"
#include "linalg/dot.h"
#include "models/common/popularity.h"
#include "models/inference/coded_panels.h"
#include "models/inference/int8_items.h"
#include "score/catalogue.h"
#include "score/pair_scorer.h"
#include "small_data.h"

namespace rec::quantised_property_test {
namespace {

// Vectors whose lengths differ by a factor of 1000; one in ten is a copy of an earlier one, so that scores are equal.
Artefact model_of(unsigned seed, size_t users, size_t items, size_t factors) {
  std::mt19937 random(seed);
  Artefact model;
  for (size_t user = 0; user < users; ++user) model.users.intern(fmt::format("u{:05}", user));
  for (size_t item = 0; item < items; ++item) model.items.intern(fmt::format("i{:05}", item));
  model.meta = {{"model", "als"},      {"encoder", "als"},           {"attention", "dot"},
                {"predictor", "dot"},  {"unobserved-weight", "0.1"}, {"reg", "0.1"},
                {"reg-exponent", "1"}, {"confidence", "none"},       {"confidence-scale", "1"}};
  const auto fill = [&](Matrix& rows) {
    for (size_t r = 0; r < rows.rows(); ++r) {
      const float length = std::pow(10.0f, 1.5f * uniform_value(random));
      const bool copy = r > 0 && random() % 10 == 0;
      for (size_t f = 0; f < factors; ++f) rows(r, f) = copy ? rows(random() % r, f) : length * uniform_value(random);
      if (copy) std::copy_n(rows.row(random() % r), factors, rows.row(r));
    }
  };
  Matrix X(users, factors), Y(items, factors);
  fill(X);
  fill(Y);
  model.add("items.factors", Y);
  model.add(kItemCounts, std::vector<float>(items, 1.0f));
  model.add("users.factors", X);
  return model;
}

std::vector<Catalogue::Result> best_of(const Artefact& artefact, ScoreForm form, size_t top, size_t asked, int threads,
                                       const UserItems* left_out) {
  Model model{artefact};
  const UserVectors users(model, nullptr, Fallback::kZero, 1);
  Exclusions exclusions;
  if (left_out != nullptr) exclusions.add(*left_out, model.items());
  CatalogueOptions options;
  options.predictor = form;
  options.top = top;
  options.users = asked;
  const Catalogue catalogue(model, users, exclusions, options);
  std::vector<std::string_view> names;
  for (uint32_t user = 0; user < 20; ++user) names.push_back(model.users()[user]);
  std::vector<Catalogue::Result> results;
  std::vector<Catalogue::Scratch> scratch(static_cast<size_t>(threads));
  catalogue.best(names, results, scratch);
  return results;
}

TEST_CASE("quantised: the best of the catalogue have the bits of the float32 model of the same values") {
  for (const size_t factors : {4u, 17u, 64u}) {
    const Artefact model = model_of(static_cast<unsigned>(factors), 20, 7001, factors);
    RowsBuilder rows;
    for (size_t at = 0; at < 9000; ++at)
      rows.add(fmt::format("u{:05}", at % 20), fmt::format("i{:05}", at * 7919 % 7001));
    const UserItems left_out = as_user_items(rows.build());
    for (const Dtype type : {Dtype::kInt8, Dtype::kBfloat16}) {
      const Artefact small = quantised(model, type, 1);
      const Artefact wide = dequantised(small);
      for (const ScoreForm form : {ScoreForm::kDot, ScoreForm::kScaled, ScoreForm::kCosine, ScoreForm::kLogistic}) {
        for (const size_t top : {1u, 10u, 500u, 7001u}) {
          for (const size_t asked : {size_t{1}, SIZE_MAX}) {  // in place, and arranged
            for (const int threads : {1, 3}) {
              for (const UserItems* without : {static_cast<const UserItems*>(nullptr), &left_out}) {
                CAPTURE(factors);
                CAPTURE(top);
                CAPTURE(asked);
                CAPTURE(static_cast<int>(form));
                const auto expected = best_of(wide, form, top, SIZE_MAX, 1, without);
                const auto found = best_of(small, form, top, asked, threads, without);
                REQUIRE(found.size() == expected.size());
                for (size_t user = 0; user < found.size(); ++user) CHECK(found[user].items == expected[user].items);
              }
            }
            if (top == 7001) break;
          }
        }
      }
    }
  }
}

TEST_CASE("coded: a catalogue that is asked again and again answers with the bits of the first answer") {
  for (const size_t factors : {3u, 33u, 64u}) {
    Artefact artefact = model_of(static_cast<unsigned>(factors + 7), 20, 7001, factors);
    // Rows that have no bound, or hardly one.
    Matrix Y(7001, factors);
    for (size_t item = 0; item < 7001; ++item)
      std::copy_n(artefact.find("items.factors")->view().row(item), factors, Y.row(item));
    for (size_t f = 0; f < factors; ++f) {
      Y(3000, f) = 0.0f;
      Y(3001, f) = 1e-40f;
      Y(3002, f) = f == 0 ? 1e30f : 1e-30f;
    }
    Artefact odd;
    odd.meta = artefact.meta;
    odd.items = artefact.items;
    odd.users = artefact.users;
    odd.add("items.factors", Y);
    odd.add(kItemCounts, std::vector<float>(7001, 1.0f));
    odd.add("users.factors", artefact.find("users.factors")->view());
    Model model{odd};
    const UserVectors users(model, nullptr, Fallback::kZero, 1);
    const Exclusions exclusions;
    for (const ScoreForm form : {ScoreForm::kDot, ScoreForm::kScaled, ScoreForm::kCosine, ScoreForm::kSum}) {
      for (const size_t top : {1u, 10u, 500u}) {
        for (const size_t threads : {1u, 3u}) {
          CAPTURE(factors);
          CAPTURE(top);
          CatalogueOptions options;
          options.predictor = form;
          options.top = top;
          options.users = 1;
          const Catalogue catalogue(model, users, exclusions, options);
          REQUIRE(catalogue.shares_items());
          std::vector<Catalogue::Scratch> scratch(threads);
          std::vector<std::vector<Scored>> first(20);
          for (size_t request = 0; request < 3 * 20; ++request) {
            const std::vector<std::string_view> name{
                model.users()[static_cast<uint32_t>(request % CodedItems::kPasses)]};
            std::vector<Catalogue::Result> results;
            catalogue.best(name, results, scratch);
            if (request < CodedItems::kPasses) {
              first[request] = results[0].items;
            } else {
              CHECK(results[0].items == first[request % CodedItems::kPasses]);
            }
          }
        }
      }
    }
  }
}

TEST_CASE("coded: the best of a large catalogue for many users have the bits of the exact scan") {
  const size_t items = 4 * kItemsPerBlock + 77;
  REQUIRE(CodedPanels::pays(items, 64) == has_fast_int8());
  for (const size_t factors : {24u, 65u}) {
    Artefact model = model_of(static_cast<unsigned>(factors + 11), 20, items, factors);
    Matrix Y(items, factors), X(20, factors);
    for (size_t item = 0; item < items; ++item)
      std::copy_n(model.find("items.factors")->view().row(item), factors, Y.row(item));
    for (size_t user = 0; user < 20; ++user)
      std::copy_n(model.find("users.factors")->view().row(user), factors, X.row(user));
    for (size_t f = 0; f < factors; ++f) {
      Y(6000, f) = 0.0f;
      Y(6001, f) = 1e-40f;
      Y(6002, f) = f == 0 ? 1e30f : 1e-30f;
      X(3, f) = 0.0f;  // no bound, as the next one
      X(4, f) = 1e-30f;
      X(5, f) = f == 7 ? 1.0f : 1e-6f;  // hardly a bound: many items are left
    }
    Artefact odd;
    odd.meta = model.meta;
    odd.items = model.items;
    odd.users = model.users;
    odd.add("items.factors", Y);
    odd.add(kItemCounts, std::vector<float>(items, 1.0f));
    odd.add("users.factors", X);
    RowsBuilder rows;
    for (size_t at = 0; at < 30000; ++at)
      rows.add(fmt::format("u{:05}", at % 20), fmt::format("i{:05}", at * 7919 % items));
    const UserItems left_out = as_user_items(rows.build());
    for (const ScoreForm form : {ScoreForm::kDot, ScoreForm::kScaled, ScoreForm::kCosine}) {
      for (const size_t top : {1u, 10u, 500u, 3000u}) {
        for (const UserItems* without : {static_cast<const UserItems*>(nullptr), &left_out}) {
          CAPTURE(factors);
          CAPTURE(top);
          CAPTURE(static_cast<int>(form));
          const auto expected = best_of(odd, form, top, 1, 1, without);  // in place
          const auto found = best_of(odd, form, top, SIZE_MAX, 1, without);
          for (size_t user = 0; user < found.size(); ++user) CHECK(found[user].items == expected[user].items);
        }
      }
    }
  }
}

TEST_CASE("coded: no score of a float32 row is above its bound, and bounds are close") {
  std::mt19937 random(12);
  for (int round = 0; round < 300; ++round) {
    const size_t F = 1 + random() % 150;
    const size_t n = 40;
    const auto size = [&] { return std::pow(10.0f, (round % 2 == 0 ? 3.0f : 20.0f) * uniform_value(random)); };
    std::vector<float> q(F), scale(n), bound(n), exact(n), rows(n * F);
    const float of_query = size();
    for (float& value : q) value = of_query * (round % 7 == 0 ? 1.0f : uniform_value(random));
    std::vector<int8_t> codes(n * F);
    std::vector<const float*> row(n);
    for (size_t k = 0; k < n; ++k) {
      const float length = size();
      for (size_t f = 0; f < F; ++f) rows[k * F + f] = k == 7 ? 0.0f : length * uniform_value(random);
      if (k == 9) rows[k * F] = std::nanf("");
      row[k] = rows.data() + k * F;
      scale[k] = bounded_codes(row[k], F, codes.data() + k * F);
    }
    Int16Query query;
    if (!quantise_query(q.data(), F, query)) continue;
    std::vector<int32_t> products(n);
    int8_dots(query, codes.data(), n, F, codes.size(), products.data());
    upper_bounds(query, F, products.data(), {codes.data(), scale.data(), codes.size(), kCodeRounding}, n, bound.data());
    dots(q.data(), row.data(), n, F, exact.data());
    for (size_t k = 0; k < n; ++k) {
      if (k == 9) {
        CHECK(std::isinf(bound[k]));
        continue;
      }
      CHECK(bound[k] >= exact[k]);
      if (std::isinf(bound[k])) continue;
      const double most = 128.0 * static_cast<double>(F) * query.greatest * static_cast<double>(scale[k]);
      CHECK(static_cast<double>(bound[k] - exact[k]) <= 0.01 * most + 2e-35);
    }
  }
}

TEST_CASE("quantised: no score in float32 is above its bound, and bounds are close") {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    const size_t F = 1 + random() % 150;
    const size_t n = 40;
    std::vector<float> q(F);
    const float size = std::pow(10.0f, 12.0f * uniform_value(random));
    for (float& value : q) value = round % 7 == 0 ? size : size * uniform_value(random);
    std::vector<int8_t> codes(n * F);
    for (int8_t& code : codes) code = round % 5 == 0 ? int8_t{-128} : static_cast<int8_t>(random());
    std::vector<float> scale(n), bound(n), exact(n), decoded(n * F);
    for (float& value : scale) value = random() % 9 == 0 ? 0.0f : std::pow(10.0f, 12.0f * uniform_value(random));
    std::vector<const float*> row(n);
    for (size_t k = 0; k < n; ++k) {
      row[k] = decoded.data() + k * F;
      for (size_t f = 0; f < F; ++f) decoded[k * F + f] = scale[k] * static_cast<float>(codes[k * F + f]);
    }
    Int16Query query;
    if (!quantise_query(q.data(), F, query)) continue;
    std::vector<int32_t> products(n);
    int8_dots(query, codes.data(), n, F, codes.size(), products.data());
    upper_bounds(query, F, products.data(), {codes.data(), scale.data(), codes.size(), 0.0}, n, bound.data());
    dots(q.data(), row.data(), n, F, exact.data());
    for (size_t k = 0; k < n; ++k) {
      CHECK(bound[k] >= exact[k]);
      const double most = 128.0 * static_cast<double>(F) * query.greatest * static_cast<double>(scale[k]);
      CHECK(static_cast<double>(bound[k] - exact[k]) <= 1e-3 * most + 2e-35);
    }
  }
}

}  // namespace
}  // namespace rec::quantised_property_test
