// The losses of rec-embed neural for one example with their gradients by its scores,
// in float32 or float64 (tests). Symbols: C candidates, `own` the column of the item
// that the user chose.
//
//   softmax   -ln of own's attention weight: e^(s_own/τ) / (e^(s_own/τ) + Σ_{c≠own} e^(s_c/τ + shift_c))
//             with shift_c = ln(n_c / (N q_c)) for a candidate that came n_c times in N
//             draws with probabilities q, -infinity for one that was not drawn: the sum
//             is then an estimate of that over all other items (logQ correction; Bengio,
//             Senécal 2008). Over all items shift is 0.
//   bce       -ln σ(s_own) - Σ_c (n_c / n) ln σ(-s_c), n = Σ_c n_c: what the user chose
//             against the mean of the negatives
//   bpr       -Σ_c (n_c / n) ln σ(s_own - s_c)  (Rendle et al. 2009)
//   mse       (s_own - value)²
//
// Each adds weight times its gradient to ds and returns weight times the loss; of bce the term of what the user chose
// counts `its` times. LossForm (models/sgd/loss_form.h) changes softmax and bce: the labels of the former are smoothed
// over the candidates that were drawn. `l`: receives the cross-entropy of what the user chose, whatever weight and
// form.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "linalg/activations.h"
#include "linalg/vector_exp.h"
#include "models/sgd/loss_form.h"
#include "models/two_tower/neural_forms.h"

namespace rec {

// work: C values of scratch. shift: C values, or nullptr: 0.
template <class T>
double softmax_loss(const T* s, size_t C, size_t own, const T* shift, T temperature, T weight, const LossForm& form,
                    T* ds, T* work, double& l) {
  const T inverse = T(1) / temperature;
  for (size_t c = 0; c < C; ++c) work[c] = s[c] * inverse;
  const T own_logit = work[own];
  if (shift != nullptr) {
    for (size_t c = 0; c < C; ++c) work[c] += shift[c];
    work[own] = own_logit;
  }
  T most = own_logit;
  for (size_t c = 0; c < C; ++c) most = std::max(most, work[c]);
  for (size_t c = 0; c < C; ++c) work[c] -= most;
  exp_all(work, C);
  T lane[16] = {};
  size_t at = 0;
  for (; at + 16 <= C; at += 16) {
    for (size_t j = 0; j < 16; ++j) lane[j] += work[at + j];
  }
  for (; at < C; ++at) lane[at % 16] += work[at];
  T sum = T(0);
  for (const T its : lane) sum += its;
  l = std::log(static_cast<double>(sum)) + static_cast<double>(most) - static_cast<double>(own_logit);
  const LossForm::Term term = form.term(l);
  const T its = weight * static_cast<T>(term.factor);
  const T scale = its * inverse / sum;
  for (size_t c = 0; c < C; ++c) ds[c] += scale * work[c];
  ds[own] -= its * inverse;
  if (form.smoothing == 0.0) return static_cast<double>(weight) * term.loss;
  const auto drawn = [&](size_t c) { return shift == nullptr || shift[c] > -std::numeric_limits<T>::infinity(); };
  double mean = 0.0;
  size_t n = 0;
  for (size_t c = 0; c < C; ++c) {
    if (drawn(c)) ++n, mean += static_cast<double>(s[c] * inverse);
  }
  if (n == 0) return static_cast<double>(weight) * l;
  mean /= static_cast<double>(n);
  const T smoothing = weight * static_cast<T>(form.smoothing) * inverse;
  ds[own] += smoothing;
  for (size_t c = 0; c < C; ++c) {
    if (drawn(c)) ds[c] -= smoothing / static_cast<T>(n);
  }
  return static_cast<double>(weight) * (l + form.smoothing * (static_cast<double>(own_logit) - mean));
}

// count: n_c, C values, 0 for own and for what the user chose besides.
template <class T>
T draws(const T* count, size_t C) {
  T n = T(0);
  for (size_t c = 0; c < C; ++c) n += count[c];
  return n;
}

// work: 2·C values of scratch.
template <class T>
double bce_loss(const T* s, size_t C, size_t own, const T* count, T weight, T its, const LossForm& form, T* ds, T* work,
                double& l) {
  const auto x = static_cast<double>(s[own]);
  const Logistic away = logistic(-x);
  l = away.softplus;
  const LossForm::PairTerm own_term = form.pair_term(x, l, away.sigmoid);
  ds[own] -= weight * its * static_cast<T>(own_term.slope);
  double loss = 0.0;
  const T n = draws(count, C);
  if (n > T(0)) {
    for (size_t c = 0; c < C; ++c) work[c] = -s[c];
    sigmoid_all(work, C);
    std::copy_n(work, C, work + C);
    log_all(work + C, C);
    const T each = weight / n;
    if (form.reweight == 0.0 && form.smoothing == 0.0) {
      for (size_t c = 0; c < C; ++c) ds[c] += each * count[c] * (T(1) - work[c]);
      loss -= static_cast<double>(lane_dot(work + C, count, C)) / static_cast<double>(n);
    } else {
      for (size_t c = 0; c < C; ++c) {
        if (count[c] == T(0)) continue;
        const LossForm::PairTerm term = form.pair_term(-static_cast<double>(s[c]), -static_cast<double>(work[C + c]),
                                                       1.0 - static_cast<double>(work[c]));
        ds[c] += each * count[c] * static_cast<T>(term.slope);
        loss += static_cast<double>(count[c]) * term.loss / static_cast<double>(n);
      }
    }
  }
  return static_cast<double>(weight) * (static_cast<double>(its) * own_term.loss + loss);
}

template <class T>
double bpr_loss(const T* s, size_t C, size_t own, const T* count, T weight, T* ds, T* work, double& l) {
  const T n = draws(count, C);
  l = 0.0;
  if (!(n > T(0))) return 0.0;
  for (size_t c = 0; c < C; ++c) work[c] = s[own] - s[c];
  sigmoid_all(work, C);
  std::copy_n(work, C, work + C);
  log_all(work + C, C);
  const T each = weight / n;
  T all = T(0);
  for (size_t c = 0; c < C; ++c) {
    const T back = each * count[c] * (T(1) - work[c]);
    ds[c] += back;
    all += back;
  }
  ds[own] -= all;
  const auto sum = static_cast<double>(lane_dot(work + C, count, C));
  l = -sum / static_cast<double>(n);
  return -static_cast<double>(weight) * sum / static_cast<double>(n);
}

template <class T>
double mse_loss(T s, T value, T weight, T& ds, double& l) {
  const T miss = s - value;
  l = static_cast<double>(miss) * static_cast<double>(miss);
  ds += T(2) * weight * miss;
  return static_cast<double>(weight) * static_cast<double>(miss) * static_cast<double>(miss);
}

}  // namespace rec
