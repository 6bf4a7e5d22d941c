// A sum of doubles whose error does not grow with the number of terms
// (Neumaier 1974). The result depends on the order of the terms in the last bit
// at most; every caller states its order, so results never depend on threads.
#pragma once

#include <cmath>

namespace rec {

class CompensatedSum {
 public:
  void add(double term) {
    const double next = sum_ + term;
    carry_ += std::fabs(sum_) >= std::fabs(term) ? (sum_ - next) + term : (term - next) + sum_;
    sum_ = next;
  }
  double value() const { return sum_ + carry_; }

 private:
  double sum_ = 0.0;
  double carry_ = 0.0;
};

}  // namespace rec
