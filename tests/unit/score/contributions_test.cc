#include "score/contributions.h"

#include <doctest/doctest.h>

namespace rec::contributions_test {

TEST_CASE("contributions: the greatest by absolute value, equal ones by name") {
  std::vector<Contribution> terms{{"d", 1.0}, {"c", -2.0}, {"b", -1.0}, {"a", 0.0}, {"e", 2.0}};
  keep_greatest(terms, 4);
  std::string names;
  for (const Contribution& term : terms) names += term.name;
  CHECK(names == "cebd");
  keep_greatest(terms, 9);
  CHECK(terms.size() == 4);
}

}  // namespace rec::contributions_test
