// Users that a model of histories knows by their features: a tensor users.factors (U × F) of what h is without a
// history, and new.users.factors (F), what that is without features. With a history, the difference is added to h.
// Immutable and thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "models/common/encoder.h"

namespace rec {

inline constexpr const char* kNewUser = "new.users.factors";

class DescribedUsers {
 public:
  // The artefact must outlive this; one without the tensors describes nobody. Throws Error where they do not fit h of
  // `dim` values.
  DescribedUsers(const Artefact& artefact, size_t dim);

  // h of a user without a history; false: not described.
  bool encode(uint32_t user, Behaviour& h) const;
  // What the features of a user add to h of a history; nothing for kNoId.
  void add(uint32_t user, std::vector<float>& h) const;

 private:
  ConstMatrixView users_{nullptr, 0, 0, 0};
  const float* start_ = nullptr;
};

}  // namespace rec
