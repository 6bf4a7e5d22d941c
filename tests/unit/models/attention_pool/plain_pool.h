// The attention pool of models/attention_pool/pool.h once more: written from that header's formulas
// alone, in double, one history at a time, the slow and obvious way. Only for tests.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "models/attention_pool/pool.h"

namespace rec::test {

class PlainPool {
 public:
  using Rows = std::vector<std::vector<double>>;

  // values: as PoolParameters lays them out.
  PlainPool(const PoolShape& shape, const std::vector<double>& values)
      : shape_(shape), parameters_(shape), values_(values) {}

  // a_j of a history y in time order; age: it decays.
  std::vector<double> shares(const Rows& y, bool age = true) const {
    std::vector<double> share;
    double sum = 0.0;
    for (size_t j = 0; j < y.size(); ++j) {
      double e = 0.0;
      for (int c = 0; c < shape_.units; ++c)
        e += values_[parameters_.vector.offset + static_cast<size_t>(c)] *
             std::tanh(unit(parameters_.weight, &parameters_.bias, y[j], c));
      share.push_back(std::exp(e) * (age ? decayed(y.size() - 1 - j) : 1.0));
      sum += share.back();
    }
    for (double& a : share) a /= sum;
    return share;
  }

  // h, zeros of an empty history.
  std::vector<double> h(const Rows& y, bool age = true) const {
    std::vector<double> pooled(static_cast<size_t>(shape_.dim), 0.0);
    const std::vector<double> share = shares(y, age);
    for (size_t j = 0; j < y.size(); ++j) {
      for (size_t f = 0; f < pooled.size(); ++f) pooled[f] += share[j] * y[j][f];
    }
    return pooled;
  }

  // a_ij of a candidate x, and f(i): with the candidate as the query.
  std::vector<double> shares_for(const std::vector<double>& x, const Rows& y, bool age = true) const {
    std::vector<double> share;
    double sum = 0.0;
    for (size_t j = 0; j < y.size(); ++j) {
      double e = 0.0;
      for (int c = 0; c < shape_.units; ++c)
        e += unit(parameters_.key, nullptr, y[j], c) * unit(parameters_.query, nullptr, x, c);
      e /= std::sqrt(static_cast<double>(shape_.units));
      share.push_back(std::exp(std::min(30.0, std::max(-30.0, e))) * (age ? decayed(y.size() - 1 - j) : 1.0));
      sum += share.back();
    }
    for (double& a : share) a /= std::pow(sum, shape_.smoothing);
    return share;
  }
  double f(const std::vector<double>& x, const Rows& y, bool age = true) const {
    const std::vector<double> share = shares_for(x, y, age);
    double sum = 0.0;
    for (size_t j = 0; j < y.size(); ++j) {
      for (size_t f = 0; f < x.size(); ++f) sum += share[j] * y[j][f] * x[f];
    }
    return sum;
  }

 private:
  double unit(const Parameter& matrix, const Parameter* bias, const std::vector<double>& x, int c) const {
    double sum = bias == nullptr ? 0.0 : values_[bias->offset + static_cast<size_t>(c)];
    for (size_t f = 0; f < x.size(); ++f)
      sum += values_[matrix.offset + f * matrix.cols + static_cast<size_t>(c)] * x[f];
    return sum;
  }
  double decayed(size_t k) const {
    return shape_.decay ? std::pow(1.0 + static_cast<double>(k), -values_[parameters_.decay.offset]) : 1.0;
  }

  PoolShape shape_;
  PoolParameters parameters_;
  std::vector<double> values_;
};

}  // namespace rec::test
