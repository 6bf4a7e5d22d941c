// The encoder of models that know users only by a table (rec-embed neural): h is the user's
// row. A user who was not there in training has no h, whatever the history. Immutable and
// thread-safe.
#pragma once

#include "data/row_table.h"
#include "models/common/encoder.h"

namespace rec {

class TableEncoder : public Encoder {
 public:
  // The artefact must outlive this. Throws Error without a tensor "users.factors".
  explicit TableEncoder(const Artefact& artefact);

  size_t dim() const override { return users_.cols; }
  bool encode_user(uint32_t user, Behaviour& h) const override;
  bool encode_history(const History&, Behaviour&) const override { return false; }
  void prepare(int) override {}

 private:
  RowTable users_;  // U × F
};

}  // namespace rec
