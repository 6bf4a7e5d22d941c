// Lists that try what is not known to be best, with the probability of what they show,
// so that a log of clicks can be weighed afterwards (inverse propensity). Symbols: n
// candidates, k list length, ε in [0, 1], D draws. The propensity of a row is the
// marginal probability, over the random choices, that its item stands at its rank of
// this user's list, given the candidates.
#pragma once

#include <vector>

#include "base/rng.h"
#include "data/item_numbers.h"
#include "rank/rank.h"

namespace rec {

// At each rank: with 1 - ε the best candidate left, else one of all that are left,
// uniformly. candidates: best first, each item once; leaves the list (at most k).
// propensity: of its rows, exact.
void explore_epsilon_greedy(std::vector<Candidate>& candidates, size_t k, double epsilon, Rng& random,
                            std::vector<double>& propensity);

// P(candidate `place` (from 0, best first) of n stands at `rank` (from 0)) under
// explore_epsilon_greedy. Costs rank² / 2 steps. REQUIRES: place, rank < n.
double epsilon_greedy_propensity(size_t n, size_t place, size_t rank, double epsilon);
// The same at each of the ranks 0 to R - 1 of at_rank. Costs R² / 2 steps.
void epsilon_greedy_propensities(size_t n, size_t place, double epsilon, std::span<double> at_rank);

// The same for every place and the first R = min(ranks, n) ranks, at probability[place * R + rank].
void epsilon_greedy_probabilities(size_t n, size_t ranks, double epsilon, std::vector<double>& probability);

// A list drawn without replacement by softmax weights (rank/plackett_luce.h). propensity: of its rows, exact.
// REQUIRES: temperature > 0, epsilon in [0, 1].
void explore_softmax(std::vector<Candidate>& candidates, size_t k, double temperature, double epsilon, Rng& random,
                     std::vector<double>& propensity);

// Thompson sampling (Thompson 1933; Chapelle, Li 2011): each candidate draws a click
// rate from Beta(1 + clicks, 1 + impressions - clicks), and the k highest are listed,
// equal ones by their place. counts: impressions and clicks by item; an item that is
// not in it has none. propensity is an estimate from D further drawings of the list:
// (1 + those with the item at that rank) / (1 + D), since the list itself is one. Its
// standard error is about sqrt(p (1 - p) / D). Costs D n draws.
void explore_thompson(std::vector<Candidate>& candidates, size_t k, const ItemNumbers& counts, size_t draws,
                      Rng& random, std::vector<double>& propensity);

// The share of D drawings of that list in which each candidate stands at each of the first R = min(ranks, n)
// ranks, at probability[place * R + rank].
void thompson_probabilities(std::span<const Candidate> candidates, size_t ranks, const ItemNumbers& counts,
                            size_t draws, Rng& random, std::vector<double>& probability);

// Reads and checks `item impressions clicks`; throws Error unless
// 0 <= clicks <= impressions <= 10^12.
ItemNumbers checked_counts(ItemNumbers counts);

// A draw from Beta(a, b), a, b >= 1: gamma variates by Marsaglia, Tsang 2000.
double draw_beta(double a, double b, Rng& random);

}  // namespace rec
