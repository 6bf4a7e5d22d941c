#include <doctest/doctest.h>

#include "base/error.h"
#include "models/common/popularity.h"
#include "models/inference/model.h"
#include "models/popularity/category_popularity.h"
#include "small_data.h"

namespace rec::category_popularity_test {
namespace {

// Items x (drama), y (half drama, half noir), z (none), with 2, 1, 1 users.
struct Fixture {
  Interactions data;
  Csr by_user;
  IdTable items;
  FeatureKind kind;
  Fixture() {
    RowsBuilder rows;
    rows.add("a", "x");
    rows.add("a", "y");
    rows.add("b", "x");
    rows.add("c", "z");
    data = rows.build();
    by_user = csr_by_user(data, {});
    kind.name = "genre";
    kind.categories.intern("drama");
    kind.categories.intern("noir");
    for (const char* item : {"x", "y"}) items.intern(item);
    kind.rows.begin = {0, 1, 3};
    kind.rows.index = {0, 0, 1};
    kind.rows.weight = {1.0f, 2.0f, 2.0f};
  }
  Artefact fit(double smoothing) const {
    return fit_category_popularity(data, by_user, item_counts(by_user, 3), items, kind, smoothing);
  }
};

TEST_CASE("popularity by category, by hand") {
  const Fixture fixture;
  Model model(fixture.fit(2.0));
  // In counts: drama 2 + ½, noir ½, none 1, of 4.
  CHECK(model.item_vectors()(0, 0) == doctest::Approx(2 / 2.5));
  CHECK(model.item_vectors()(1, 0) == doctest::Approx(0.5 / 2.5));
  CHECK(model.item_vectors()(1, 1) == doctest::Approx(1.0));
  CHECK(model.item_vectors()(2, 2) == doctest::Approx(1.0));
  CHECK(model.item_vectors()(2, 0) == 0.0f);
  Behaviour h;
  REQUIRE(model.encoder().encode_user(0, h));  // x and y: drama 1½, noir ½
  CHECK(h.dense[0] == doctest::Approx((1.5 + 2 * 2.5 / 4) / 4));
  CHECK(h.dense[1] == doctest::Approx((0.5 + 2 * 0.5 / 4) / 4));
  CHECK(h.dense[2] == doctest::Approx((2 * 1.0 / 4) / 4));
  // Nobody in particular: the share of all counts.
  REQUIRE(model.encoder().encode_unknown(h));
  for (size_t item = 0; item < 3; ++item) {
    double m = 0.0;
    for (size_t c = 0; c < 3; ++c)
      m += static_cast<double>(h.dense[c]) * static_cast<double>(model.item_vectors()(item, c));
    CHECK(m == doctest::Approx(item == 0 ? 0.5 : 0.25));
  }
  CHECK_FALSE(model.encoder().encode_history({{}, {}}, h));
}

TEST_CASE("popularity by category: what cannot be") {
  Fixture fixture;
  CHECK_THROWS_AS(fixture.fit(0.0), UsageError);
  fixture.items = IdTable();
  CHECK_THROWS_WITH_AS(fixture.fit(1.0), "no item of the interactions has a category of kind \"genre\"", Error);
}

TEST_CASE("popularity of late: a pair counts as much as its weightiest row") {
  RowsBuilder rows;
  rows.add("a", "x");
  rows.add("b", "x");
  rows.add("a", "x");
  rows.add("b", "y");
  const Interactions data = rows.build();
  CHECK(item_counts(data, csr_by_user(data, {}), {0.25f, 0.5f, 1.0f, 0.125f}) == std::vector<float>{1.5f, 0.125f});
}

}  // namespace
}  // namespace rec::category_popularity_test
