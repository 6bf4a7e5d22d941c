#include "score/contributions.h"

#include <algorithm>
#include <cmath>

namespace rec {

void keep_greatest(std::vector<Contribution>& terms, size_t most) {
  std::sort(terms.begin(), terms.end(), [](const Contribution& a, const Contribution& b) {
    const double x = std::abs(a.value);
    const double y = std::abs(b.value);
    return x != y ? x > y : a.name < b.name;
  });
  if (terms.size() > most) terms.resize(most);
}

}  // namespace rec
