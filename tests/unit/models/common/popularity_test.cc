#include "models/common/popularity.h"

#include <doctest/doctest.h>

#include <cmath>

#include "linalg/softmax.h"
#include "models/inference/model.h"
#include "small_data.h"

namespace rec::popularity_test {
namespace {

TEST_CASE("popularity: counts users, not rows, and attention is the smoothed share") {
  RowsBuilder rows;
  rows.add("u1", "a");
  rows.add("u1", "a");  // the same user again
  rows.add("u2", "a");
  rows.add("u3", "a");
  rows.add("u1", "b");
  const Interactions data = rows.build();
  Model model(fit_popularity(data, item_counts(csr_by_user(data, {}), data.items.size())));
  CHECK(model.item_counts()[0] == 3.0f);
  CHECK(model.item_counts()[1] == 1.0f);
  Behaviour h;
  CHECK(model.encoder().encode_user(kNoId, h));
  std::vector<float> scores{h.dense[0] * model.item_vectors()(0, 0), h.dense[0] * model.item_vectors()(1, 0)};
  CHECK(scores[0] == doctest::Approx(std::log(4.0)));
  softmax(scores.data(), 2, 1.0, scores.data());
  CHECK(scores[0] == doctest::Approx(4.0 / 6.0));  // (1 + 3) / ((1 + 3) + (1 + 1))
}

}  // namespace
}  // namespace rec::popularity_test
