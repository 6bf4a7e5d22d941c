// rec-embed neural in plain double: the loss of a batch, pair by pair, from the formulas
// in the headers. Slow and obvious.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "models/two_tower/neural_micro_batch.h"

namespace rec::test {

class NeuralReference {
 public:
  NeuralReference(const NeuralOptions& options, const NeuralLayout& layout) : options_(options), layout_(layout) {}

  // Weight times the losses of all examples.
  double loss(const std::vector<double>& parameters, const NeuralExamples<double>& examples, double weight) const {
    double sum = 0.0;
    for (size_t e = 0; e < examples.user.size(); ++e) {
      for (const NeuralLayout::Part& part : layout_.parts) {
        std::vector<double> s;
        for (const uint32_t item : examples.candidate) {
          s.push_back(score(part, &parameters[part.offset], &parameters[layout_.user(examples.user[e])],
                            &parameters[layout_.item(item)]));
        }
        const double own = examples.weight.empty() ? 1.0 : examples.weight[e];
        if (part.attention) sum += weight * own * softmax(s, e, examples);
        if (part.predictor)
          sum += weight * (options_.loss.size() == 2 ? options_.mix : 1.0) * prediction(s, e, examples, own);
      }
    }
    return sum;
  }

 private:
  double score(const NeuralLayout::Part& part, const double* w, const double* h, const double* x) const {
    const size_t F = layout_.factors;
    double inner = 0.0, hh = 0.0, xx = 0.0, sum = 0.0;
    for (size_t f = 0; f < F; ++f) {
      inner += h[f] * x[f];
      hh += h[f] * h[f];
      xx += x[f] * x[f];
    }
    const auto product = [&](const double* matrix, size_t row, const double* v) {
      double out = 0.0;
      for (size_t f = 0; f < F; ++f) out += matrix[row * F + f] * v[f];
      return out;
    };
    switch (part.shape.form) {
      case ScoreForm::kScaled:
        return inner / std::sqrt(static_cast<double>(F));
      case ScoreForm::kCosine:
        return inner / std::sqrt(hh * xx);
      case ScoreForm::kSum:
        for (size_t f = 0; f < F; ++f) sum += w[f] * (h[f] + x[f]);
        return sum + w[F];
      case ScoreForm::kBilinear:
        for (size_t f = 0; f < F; ++f) sum += h[f] * product(w, f, x);
        return sum;
      case ScoreForm::kAdditive:
        for (size_t d = 0; d < F; ++d) sum += w[2 * F * F + d] * std::tanh(product(w, d, h) + product(w + F * F, d, x));
        return sum;
      case ScoreForm::kMultiHead: {
        const size_t d = F / part.shape.heads;
        for (size_t head = 0; head < part.shape.heads; ++head) {
          double its = 0.0;
          for (size_t i = head * d; i < (head + 1) * d; ++i) its += product(w, i, h) * product(w + F * F, i, x);
          sum += std::exp(its / std::sqrt(static_cast<double>(d)));
        }
        return std::log(sum / static_cast<double>(part.shape.heads));
      }
      case ScoreForm::kMlp: {
        std::vector<double> now(h, h + F);
        now.insert(now.end(), x, x + F);
        for (size_t layer = 0; layer <= part.shape.layers.size(); ++layer) {
          const bool last = layer == part.shape.layers.size();
          const size_t outputs = last ? 1 : part.shape.layers[layer];
          std::vector<double> next(outputs);
          for (size_t o = 0; o < outputs; ++o) {
            next[o] = w[outputs * now.size() + o];
            for (size_t i = 0; i < now.size(); ++i) next[o] += w[o * now.size() + i] * now[i];
            if (!last) next[o] = std::max(0.0, next[o]);
          }
          w += outputs * (now.size() + 1);
          now = next;
        }
        return now[0];
      }
      default:
        return inner;
    }
  }

  double softmax(const std::vector<double>& s, size_t e, const NeuralExamples<double>& examples) const {
    const size_t own = examples.own[e];
    double sum = 0.0;
    for (size_t c = 0; c < s.size(); ++c) {
      const double shift = c == own || examples.shift.empty() ? 0.0 : examples.shift[c];
      sum += std::exp(s[c] / options_.temperature + shift);
    }
    const double l = std::log(sum) - s[own] / options_.temperature;
    if (options_.form.reweight > 0.0) return power_loss(l);
    // Labels are (1 - E) of own and E shared by the candidates that the sum is over by draws.
    double mean = 0.0, n = 0.0;
    for (size_t c = 0; c < s.size(); ++c) {
      if (!examples.shift.empty() && std::isinf(examples.shift[c])) continue;
      mean += s[c] / options_.temperature;
      n += 1.0;
    }
    const double E = n > 0.0 ? options_.form.smoothing : 0.0;
    return std::log(sum) - (1.0 - E) * s[own] / options_.temperature - (n > 0.0 ? E * mean / n : 0.0);
  }

  // (1 - p^B) / B of a probability e^-l.
  double power_loss(double l) const {
    return (1.0 - std::pow(std::exp(-l), options_.form.reweight)) / options_.form.reweight;
  }

  // Of the label y, whose probability is σ(x).
  double binary(double x, bool y) const {
    const double yes = std::log1p(std::exp(-x)), no = std::log1p(std::exp(x));
    if (options_.form.reweight > 0.0) return power_loss(y ? yes : no);
    const double label = y ? 1.0 - options_.form.smoothing / 2.0 : options_.form.smoothing / 2.0;
    return label * yes + (1.0 - label) * no;
  }

  // weight: of what was chosen.
  double prediction(const std::vector<double>& s, size_t e, const NeuralExamples<double>& examples,
                    double weight) const {
    const size_t own = examples.own[e];
    if (*options_.predictor_loss() == NeuralLoss::kMse)
      return weight * (s[own] - examples.value[e]) * (s[own] - examples.value[e]);
    std::vector<double> count = examples.count;
    for (uint32_t at = examples.known_begin[e]; at < examples.known_begin[e + 1]; ++at) count[examples.known[at]] = 0.0;
    double n = 0.0, sum = 0.0;
    const auto log_sigma = [](double x) { return -std::log1p(std::exp(-x)); };
    const bool bce = *options_.predictor_loss() == NeuralLoss::kBce;
    for (size_t c = 0; c < s.size(); ++c) {
      n += count[c];
      sum += count[c] * (bce ? binary(s[c], false) : -log_sigma(s[own] - s[c]));
    }
    const double negatives = n > 0.0 ? sum / n : 0.0;
    return bce ? weight * binary(s[own], true) + negatives : weight * negatives;
  }

  const NeuralOptions& options_;
  const NeuralLayout& layout_;
};

}  // namespace rec::test
