// Learning a policy from a log of what another policy showed: the gradient of the self-normalised estimate of its value
// (Swaminathan and Joachims 2015, "The Self-Normalized Estimator for Counterfactual Learning"), with capped importance
// weights (Chen et al. 2019, arXiv:1812.02353, section 4.4). Of row n: r reward, e propensity, t = the probability that
// the policy which is learnt gives to the item that was shown, w = min(t / e, cap).
//
//   V = sum w r / sum w        dV = sum w (r - V) d ln t / sum w
//
// w counts as it is in dV, even where it is capped. Thread rule: pure functions.
#pragma once

#include <span>
#include <vector>

namespace rec {

// What each of N rows weighs in a mean of the losses -ln t over the rows, so that the gradient of this mean is -dV:
// N w (r - V) / sum w, into `weight`. Returns V; NaN where all w are 0, and then all weights are 0.
// loss: -ln t of each row, at least 0. propensity: above 0. cap: above 0; infinity: none.
double policy_gradient(std::span<const float> loss, std::span<const float> reward, std::span<const float> propensity,
                       double cap, std::vector<double>& weight);

}  // namespace rec
