#include <doctest/doctest.h>

#include "base/error.h"
#include "models/inference/scorer.h"
#include "temp_folder.h"

namespace rec::make_scorer_test {
namespace {

TEST_CASE("make_scorer: a form whose parts the model does not have is a usage error") {
  Matrix items(2, 4);
  ScorerParts parts;
  parts.items = items;
  for (const ScoreForm form : {ScoreForm::kBilinear, ScoreForm::kAdditive, ScoreForm::kMultiHead, ScoreForm::kMlp}) {
    CHECK(error_of<UsageError>([&] { make_scorer(form, parts); }) ==
          std::string("the model has no weights of ") + name_of(form) +
              ", as rec-embed neural learns them; give another function");
  }
  CHECK(error_of<UsageError>([&] { make_scorer(ScoreForm::kPool, parts); }) ==
        "the model has no weights of attention-pool, as rec-embed attention-pool --query candidate learns them; "
        "give another function");
  CHECK(error_of<UsageError>([&] { make_scorer(ScoreForm::kNeighbours, parts); }) ==
        "the model has no neighbours; give another function");
  CHECK(error_of<UsageError>([&] { make_scorer(ScoreForm::kDot, {}); }) ==
        "the model has no item vectors, as dot needs; its function is neighbours");
}

}  // namespace
}  // namespace rec::make_scorer_test
