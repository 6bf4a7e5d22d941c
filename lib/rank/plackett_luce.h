// Lists drawn without replacement (Plackett 1975; Luce 1959): at each rank one of the candidates that are left,
// with a probability proportional to its weight. And the softmax with a temperature that makes weights of keys.
// Symbols: n candidates, R ranks. Thread rule: pure functions.
#pragma once

#include <span>
#include <vector>

#include "base/rng.h"
#include "rank/rank.h"

namespace rec {

// ln p_i, p_i = (1 - epsilon) exp(key_i / T) / sum_j exp(key_j / T) + epsilon / n, less the same constant for all:
// n numbers. candidates: best first. REQUIRES: T > 0, epsilon in [0, 1].
void softmax_log_weights(std::span<const Candidate> candidates, double temperature, double epsilon,
                         std::vector<double>& log_weights);

// P(candidate i stands at rank r), both from 0, at probability[i * R + r], R = min(ranks, n): n * R numbers.
// log_weights: ln of the weights up to a constant, descending; -infinity stands behind all finite ones. Two
// neighbours whose weights differ by more than a factor of e^100 have that ratio.
// With exponential waiting times of these rates the order of arrival is the list, so the probability is
// an integral over time of "i arrives now, r others are there". It is summed over equal steps of ln time, which
// converges faster than any power of the step; found: an error of 1e-14 at most. The first rank is the closed form.
// Costs about 400 n R^2 / 2 steps; more where weights are far apart, 350 n R^3 / 2 at most.
// list: only P(candidate list[r] at rank r) is computed, in about 400 n R steps beside those; the rest but the first
// rank is 0. Empty: all.
void plackett_luce(std::span<const double> log_weights, size_t ranks, std::vector<double>& probability,
                   std::span<const uint32_t> list = {});

// A list: the places of min(k, n) candidates, in order. One draw of `random` a candidate.
void draw_plackett_luce(std::span<const double> log_weights, size_t k, Rng& random, std::vector<uint32_t>& places);

}  // namespace rec
