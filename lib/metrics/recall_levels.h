// Precision at levels of recall, and at multiples of the number of relevant items.
// R = relevant items of the user, n = length of the list. Range [0, 1]; 0 for a user
// without a list or with R = 0. Ties: the order in which they were put. Thread rule:
// pure functions.
#pragma once

#include "metrics/ranked_list.h"

namespace rec {

// Interpolated precision: the largest precision at a hit from the c-th on, c =
// percent/100 · R to the nearest whole number, half away from 0; 0 where fewer than c
// were found. trec_eval 10 iprec_at_recall. percent in [0, 100].
double interpolated_precision(const RankedList& list, uint32_t percent);

// Its mean over 0, 10, .. 100 %. trec_eval 10 11pt_avg. k is not used.
double eleven_point_average(const RankedList& list, uint32_t k);

// Precision of the first c places, c = percent/100 · R + 0.9 rounded down; places
// beyond the list hold nothing relevant. trec_eval Rprec_mult.
double precision_at_multiple(const RankedList& list, uint32_t percent);

}  // namespace rec
