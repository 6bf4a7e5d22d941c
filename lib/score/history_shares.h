// How a candidate's attention is shared out over the items of a user's history:
// the explanation of a recommendation. Symbols: H distinct items of the history.
//
//   forms of item vectors   softmax over j of g(x_i, x_j)/τ
//   neighbours              the model is a sum over the history, M = Σ_j c_j with
//                           c_j = h_j (S_ji + s_j·x_i), so the share of j is that
//                           of its evidence for i: max(0, c_j) / Σ_k max(0, c_k);
//                           1/H each where there is none
//   pool                    a_ij (models/attention_pool/pool.h) over their sum
//   the encoder's own       where h is an attention over the history: its shares, an
//                           item's entries added, whatever the candidate; the mean of
//                           all heads of all blocks, or each head's
#pragma once

#include "models/inference/model.h"
#include "score/user_vectors.h"

namespace rec {

class HistoryShares {
 public:
  // model must outlive this. Throws UsageError for neighbours that are users, and
  // for a form that the model cannot serve.
  HistoryShares(const Model& model, ScoreForm form, double temperature);
  // By the encoder's own attention. Throws UsageError if it has none.
  HistoryShares(const Model& model, bool by_head);

  // What is shared out apart: blocks and heads, or one of each.
  Encoder::Heads heads() const { return heads_; }

  struct Scratch {
    Behaviour h;
    std::vector<uint32_t> items;  // H, ascending
    std::vector<float> shares;    // H
    std::vector<const float*> rows;
    std::vector<float> query;
    PairFunction::Scratch function;
    PairFunction::PoolHistory pool;
    std::vector<float> own;      // the encoder's, as it gives them
    std::vector<float> by_head;  // heads × H: added by item
  };
  // Takes up a history; false if it has no item that the model knows.
  bool set_history(const KnownHistory& history, Scratch& scratch) const;
  // scratch.shares for a candidate (kNoId: an item that the model lacks) by the head
  // `head` of all heads().blocks·heads().heads.
  void share_out(uint32_t item, size_t head, Scratch& scratch) const;

 private:
  void share_evidence(uint32_t item, Scratch& scratch) const;
  void share_pool(uint32_t item, Scratch& scratch) const;
  bool set_own(const KnownHistory& history, Scratch& scratch) const;

  const Model& model_;
  Encoder::Heads heads_{1, 1};
  bool own_ = false;
  PairFunction function_;
  double temperature_;
  ConstMatrixView source_;
  std::vector<float> zero_;
};

}  // namespace rec
