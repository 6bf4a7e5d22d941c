#include "models/common/calibration.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>

#include "base/error.h"
#include "models/inference/model.h"
#include "small_data.h"
#include "train_models.h"

namespace rec::calibration_test {
namespace {

const std::vector<float> kScores{-2.5f, -1.75f, -1.0f, -0.5f, -0.5f, 0.25f, 0.75f, 0.75f, 1.5f, 2.0f, 3.25f, 4.0f};
const std::vector<float> kLabels{0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 1, 1};

std::vector<float> flat(const std::vector<Knot>& knots) {
  std::vector<float> values;
  for (const Knot& knot : knots) values.insert(values.end(), {knot.score, knot.probability});
  return values;
}

}  // namespace

// scikit-learn 1.9: LogisticRegression(penalty=None) on each row twice, as 1 with the weight t and as 0 with 1 - t, t
// being Platt's target; its own _SigmoidCalibration agrees to six digits.
TEST_CASE(
    "calibration: platt has the slope and intercept of scikit-learn, and finite ones of labels that scores part") {
  const PlattScale scale = fit_platt(kScores, kLabels);
  CHECK(scale.slope == doctest::Approx(0.43324495850033357).epsilon(1e-9));
  CHECK(scale.intercept == doctest::Approx(-0.21491015727265791).epsilon(1e-9));
  const PlattScale parted = fit_platt(std::vector<float>{-3, -2, -1, 1, 2, 5}, std::vector<float>{0, 0, 0, 1, 1, 1});
  CHECK(parted.slope == doctest::Approx(0.49106685569283637).epsilon(1e-8));
  CHECK(parted.intercept == doctest::Approx(-0.09854182364693258).epsilon(1e-8));
  // Neither the place nor the unit of the scores matters; nor do scores far out.
  std::vector<float> moved;
  for (const float score : kScores) moved.push_back(4096.0f * score - 65536.0f);
  const PlattScale far = fit_platt(moved, kLabels);
  CHECK(far.slope * 4096.0 == doctest::Approx(scale.slope).epsilon(1e-8));
  CHECK(far.intercept - 65536.0 * far.slope == doctest::Approx(scale.intercept).epsilon(1e-6));
}

// IsotonicRegression(y_min=1/14, y_max=13/14, out_of_bounds="clip") of scikit-learn 1.9: its thresholds and values.
TEST_CASE("calibration: isotonic has the steps of scikit-learn, and what is between and beyond them") {
  const std::vector<Knot> knots = fit_isotonic(kScores, kLabels);
  const double least = 1.0 / 14.0, most = 13.0 / 14.0;
  const std::vector<std::pair<double, double>> expected{{-2.5, least}, {-1.75, 0.25}, {-0.5, 0.25}, {0.25, 0.5},
                                                        {1.5, 0.5},    {2.0, most},   {4.0, most}};
  REQUIRE(knots.size() == expected.size());
  for (size_t at = 0; at < knots.size(); ++at) {
    CHECK(static_cast<double>(knots[at].score) == expected[at].first);
    CHECK(static_cast<double>(knots[at].probability) == doctest::Approx(expected[at].second).epsilon(1e-7));
  }
  const std::vector<float> values = flat(knots);
  const Calibration calibration({}, {values.data(), knots.size(), 2, 2});
  std::vector<float> asked{-9.0f, -2.5f, -2.0f, -1.2f, -0.75f, -0.25f, 0.0f, 0.5f, 0.9f, 1.75f, 2.5f, 9.0f};
  const std::vector<double> given{least, least, 0.19047619047619047, 0.25, 0.25, 1.0 / 3.0, 0.41666666666666663,
                                  0.5,   0.5,   0.7142857142857143,  most, most};
  calibration.apply(asked.data(), asked.size());
  for (size_t at = 0; at < asked.size(); ++at)
    CHECK(static_cast<double>(asked[at]) == doctest::Approx(given[at]).epsilon(1e-6));
}

// The rising function next to y is at i the most over j <= i of the least over k >= i of the mean of y_j ... y_k.
TEST_CASE("calibration: isotonic is the max-min of means, found by trying all") {
  std::mt19937 rng(7);
  for (int run = 0; run < 60; ++run) {
    const size_t n = 2 + rng() % 40;
    std::vector<float> scores, labels;
    std::map<float, std::pair<double, double>> by_score;  // ones, rows
    for (size_t row = 0; row < n; ++row) {
      scores.push_back(static_cast<float>(rng() % 25) / 4.0f);
      labels.push_back(rng() % 25 < 5 + static_cast<unsigned>(scores.back() * 2.0f) ? 1.0f : 0.0f);
      by_score[scores.back()].first += static_cast<double>(labels.back());
      by_score[scores.back()].second += 1.0;
    }
    const std::vector<std::pair<float, std::pair<double, double>>> groups(by_score.begin(), by_score.end());
    const std::vector<float> values = flat(fit_isotonic(scores, labels));
    const Calibration calibration({}, {values.data(), values.size() / 2, 2, 2});
    const double limit = 1.0 / static_cast<double>(n + 2);
    for (size_t i = 0; i < groups.size(); ++i) {
      double best = -1.0;
      for (size_t j = 0; j <= i; ++j) {
        double least = 2.0, ones = 0.0, rows = 0.0;
        for (size_t k = j; k < groups.size(); ++k) {
          ones += groups[k].second.first;
          rows += groups[k].second.second;
          if (k >= i) least = std::min(least, ones / rows);
        }
        best = std::max(best, least);
      }
      float p = groups[i].first;
      calibration.apply(&p, 1);
      CHECK(static_cast<double>(p) == doctest::Approx(std::clamp(best, limit, 1.0 - limit)).epsilon(1e-6));
    }
  }
}

TEST_CASE("calibration: a higher score never has a lower probability") {
  std::mt19937 rng(3);
  std::vector<float> scores, labels;
  for (int row = 0; row < 300; ++row) {
    scores.push_back(uniform_value(rng) * 10.0f - 5.0f);
    labels.push_back(uniform_value(rng) * 10.0f - 5.0f < scores.back() ? 1.0f : 0.0f);
  }
  const PlattScale scale = fit_platt(scores, labels);
  const std::vector<float> platt{static_cast<float>(scale.slope), static_cast<float>(scale.intercept)};
  const std::vector<float> values = flat(fit_isotonic(scores, labels));
  std::vector<float> asked = scores;
  for (int at = 0; at < 5000; ++at) asked.push_back(uniform_value(rng) * 14.0f - 7.0f);
  std::sort(asked.begin(), asked.end());
  for (const Calibration& calibration :
       {Calibration(platt, {}), Calibration({}, {values.data(), values.size() / 2, 2, 2})}) {
    std::vector<float> p = asked;
    calibration.apply(p.data(), p.size());
    CHECK(std::is_sorted(p.begin(), p.end()));
    CHECK(p.front() > 0.0f);
    CHECK(p.back() < 1.0f);
    CHECK(p.back() - p.front() > 0.5f);
  }
}

TEST_CASE("calibration: a score that is no number has no probability") {
  const std::vector<float> platt{2.0f, 0.5f}, knots{-1.0f, 0.25f, 1.0f, 0.75f};
  for (const Calibration& calibration : {Calibration(platt, {}), Calibration({}, {knots.data(), 2, 2, 2})}) {
    std::vector<float> scores{0.0f, std::numeric_limits<float>::quiet_NaN(), 2.0f};
    calibration.apply(scores.data(), scores.size());
    CHECK(std::isnan(scores[1]));
    CHECK(scores[2] > scores[0]);
  }
}

TEST_CASE("calibration: the scorer has the same values for pairs, lists and the catalogue, layers or not") {
  FmOptions options;
  options.dim = 3;
  options.batch = 8;
  options.epochs = 2;
  for (const bool layers : {false, true}) {
    options.layers = layers ? std::vector<int>{4} : std::vector<int>{};
    Artefact artefact = train_fm(rated_checkerboard(6), options, 1);
    CHECK_THROWS_AS((void)make_scorer(ScoreForm::kCalibrated, Model(artefact).parts()), UsageError);
    artefact.add(kPlattTensor, std::vector<float>{2.0f, -0.25f});
    artefact.meta["predictor"] = "calibrated";
    const Model model(artefact);
    CHECK(model.predictor() == ScoreForm::kCalibrated);
    const auto logit = make_scorer(model.attention(), model.parts());
    const auto scorer = make_scorer(ScoreForm::kCalibrated, model.parts());
    const auto users = scorer->make_users(1);
    const auto of_logit = logit->make_users(1);
    Behaviour h;
    REQUIRE(model.encoder().encode_user(1, h));
    scorer->prepare(h, 0, *users);
    logit->prepare(h, 0, *of_logit);
    const auto I = static_cast<uint32_t>(model.items().size());
    std::vector<uint32_t> items;
    for (uint32_t item = 0; item < I; ++item) items.push_back(item);
    std::vector<float> z(I), p(I), all(kItemsPerBlock), in_place(kItemsPerBlock);
    logit->score_items(0, items, *of_logit, z.data());
    scorer->score_items(0, items, *users, p.data());
    scorer->arrange(items)->score_block(1, 0, I, *users, all.data(), kItemsPerBlock);
    const auto where_they_lie = scorer->arrange_in_place();
    CHECK((where_they_lie == nullptr) == layers);
    if (where_they_lie) where_they_lie->score_block(1, 0, I, *users, in_place.data(), kItemsPerBlock);
    for (uint32_t item = 0; item < I; ++item) {
      CHECK(static_cast<double>(p[item]) ==
            doctest::Approx(1.0 / (1.0 + std::exp(-2.0 * static_cast<double>(z[item]) + 0.25))).epsilon(1e-5));
      CHECK(all[item] == p[item]);
      if (where_they_lie) CHECK(in_place[item] == p[item]);
      float pair = 0.0f;
      scorer->score_pairs({&item, 1}, *users, &pair);
      CHECK(pair == p[item]);
    }
  }
}

TEST_CASE("calibration: tensors that are none are errors") {
  const auto made = [](std::vector<float> knots) { return Calibration({}, {knots.data(), knots.size() / 2, 2, 2}); };
  CHECK_NOTHROW(made({0, 0.5f, 1, 0.5f, 2, 0.75f}));
  CHECK_THROWS_WITH_AS(made({0, 0.5f, 0, 0.6f}),
                       "model: tensor \"calibration.isotonic\": row 2 does not rise, or is no probability", Error);
  CHECK_THROWS_AS(made({0, 0.5f, 1, 0.4f}), Error);
  CHECK_THROWS_AS(made({0, 0.5f, 1, 1.5f}), Error);
  CHECK_THROWS_AS(Calibration(std::vector<float>{0.0f, 1.0f}, {}), Error);
}

}  // namespace rec::calibration_test
