// The Transformer of models/transformer/transformer.h once more: written from that header's
// formulas alone, in double, one sequence at a time, the slow and obvious way. Only
// for tests: what TransformerNet must compute.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

#include "models/transformer/transformer.h"

namespace rec::test {

using Row = std::vector<double>;
using Rows = std::vector<Row>;  // a row a token

class PlainTransformer {
 public:
  // values: as TransformerParameters lays them out.
  PlainTransformer(const TransformerShape& shape, const std::vector<double>& values)
      : shape_(shape), parameters_(shape), values_(values) {}

  struct Result {
    Rows h;
    std::vector<std::vector<Rows>> shares;  // block, head, token t, token s
  };

  // x: the sum of item and position vectors of one sequence.
  Result run(Rows x) const {
    Result result;
    if (shape_.input_norm) x = norm(x, parameters_.input_gain, parameters_.input_bias);
    for (const BlockParameters& p : parameters_.block) {
      const Rows a = norm(x, p.norm1_gain, p.norm1_bias);
      result.shares.emplace_back();
      add(x, gated(filtered(affine(attention(a, p, result.shares.back()), p.out, p.out_bias), a, p.filter), a, p.gate1,
                   p.gate1_bias));
      const Rows e = norm(x, p.norm2_gain, p.norm2_bias);
      add(x, gated(affine(activated(affine(e, p.in, p.in_bias)), p.down, p.down_bias), e, p.gate2, p.gate2_bias));
    }
    result.h = norm(x, parameters_.final_gain, parameters_.final_bias);
    return result;
  }

  // The learned position vector of token t (from 0) of n.
  Row position(size_t t, size_t n) const {
    Row row;
    for (int c = 0; c < shape_.dim; ++c) row.push_back(at(parameters_.positions, shape_.window - n + t, c));
    return row;
  }

 private:
  double at(const Parameter& p, size_t row, size_t col) const { return values_[p.offset + row * p.cols + col]; }
  static double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

  static void add(Rows& x, const Rows& part) {
    for (size_t t = 0; t < x.size(); ++t) {
      for (size_t c = 0; c < x[t].size(); ++c) x[t][c] += part[t][c];
    }
  }

  Rows norm(const Rows& x, const Parameter& gain, const Parameter& bias) const {
    Rows out = x;
    for (Row& row : out) {
      double mean = 0.0;
      for (double value : row) mean += value / static_cast<double>(row.size());
      double variance = 0.0;
      for (double value : row) variance += (value - mean) * (value - mean) / static_cast<double>(row.size());
      for (size_t c = 0; c < row.size(); ++c)
        row[c] = at(gain, 0, c) * (row[c] - mean) / std::sqrt(variance + 1e-6) + at(bias, 0, c);
    }
    return out;
  }

  Rows affine(const Rows& in, const Parameter& W, const Parameter& bias) const {
    Rows out(in.size(), Row(W.cols));
    for (size_t t = 0; t < in.size(); ++t) {
      for (size_t c = 0; c < W.cols; ++c) {
        out[t][c] = at(bias, 0, c);
        for (size_t r = 0; r < W.rows; ++r) out[t][c] += in[t][r] * at(W, r, c);
      }
    }
    return out;
  }

  Rows gated(Rows part, const Rows& in, const Parameter& W, const Parameter& bias) const {
    if (!shape_.gated) return part;
    const Rows open = affine(in, W, bias);
    for (size_t t = 0; t < part.size(); ++t) {
      for (size_t c = 0; c < part[t].size(); ++c) part[t][c] *= sigmoid(open[t][c]);
    }
    return part;
  }

  Rows activated(const Rows& u) const {
    const auto f = static_cast<size_t>(shape_.hidden);
    Rows out(u.size(), Row(f));
    for (size_t t = 0; t < u.size(); ++t) {
      for (size_t j = 0; j < f; ++j) {
        const double v = u[t][j];
        if (shape_.activation == Activation::kRelu) out[t][j] = std::max(v, 0.0);
        if (shape_.activation == Activation::kGelu)
          out[t][j] = 0.5 * v * (1.0 + std::tanh(std::sqrt(2.0 / M_PI) * (v + 0.044715 * v * v * v)));
        if (shape_.activation == Activation::kSwiglu) out[t][j] = v * sigmoid(v) * u[t][f + j];
      }
    }
    return out;
  }

  // part, and Σ_s C[t - s] ⊙ a_s on top, over the places less than the filter's K away.
  Rows filtered(Rows part, const Rows& a, const Parameter& C) const {
    const int n = static_cast<int>(a.size());
    for (int t = 0; t < n; ++t) {
      for (int s = 0; s < n; ++s) {
        if (std::abs(t - s) >= shape_.filter || (shape_.causal && s > t)) continue;
        for (size_t c = 0; c < a[t].size(); ++c)
          part[t][c] += at(C, t - s + (shape_.causal ? 0 : shape_.filter - 1), c) * a[s][c];
      }
    }
    return part;
  }

  // Pair (j, j + c/2) of a head's vector, which begins at first, turned by t·10000^(-2j/c).
  void turn(Row& row, size_t first, size_t t) const {
    const size_t c = shape_.head_dim();
    for (size_t j = 0; j < c / 2; ++j) {
      const double angle =
          static_cast<double>(t) * std::pow(10000.0, -2.0 * static_cast<double>(j) / static_cast<double>(c));
      const double x = row[first + j];
      const double y = row[first + j + c / 2];
      row[first + j] = x * std::cos(angle) - y * std::sin(angle);
      row[first + j + c / 2] = x * std::sin(angle) + y * std::cos(angle);
    }
  }

  Rows attention(const Rows& a, const BlockParameters& p, std::vector<Rows>& shares) const {
    const auto d = static_cast<size_t>(shape_.dim);
    const size_t c = shape_.head_dim();
    const size_t n = a.size();
    Rows qkv = affine(a, p.qkv, p.qkv_bias);
    Rows out(n, Row(d, 0.0));
    for (int head = 0; head < shape_.heads; ++head) {
      const size_t q = head * c;
      const size_t k = d + head * c;
      const size_t v = 2 * d + head * c;
      if (shape_.positions == Positions::kRope) {
        for (size_t t = 0; t < n; ++t) {
          turn(qkv[t], q, t);
          turn(qkv[t], k, t);
        }
      }
      shares.emplace_back(n, Row(n, 0.0));
      for (size_t t = 0; t < n; ++t) {
        Row& share = shares.back()[t];
        double sum = 0.0;
        for (size_t s = 0; s < n; ++s) {
          if (shape_.causal && s > t) continue;
          double score = 0.0;
          for (size_t j = 0; j < c; ++j) score += qkv[t][q + j] * qkv[s][k + j];
          score /= std::sqrt(static_cast<double>(c));
          if (shape_.positions == Positions::kRelative)
            score += at(p.relative, head, shape_.causal ? t - s : shape_.window - 1 + t - s);
          share[s] = std::exp(score);
          sum += share[s];
        }
        for (size_t s = 0; s < n; ++s) {
          share[s] /= sum;
          for (size_t j = 0; j < c; ++j) out[t][head * c + j] += share[s] * qkv[s][v + j];
        }
      }
    }
    return out;
  }

  TransformerShape shape_;
  TransformerParameters parameters_;
  std::vector<double> values_;
};

}  // namespace rec::test
