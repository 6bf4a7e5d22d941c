#include "models/two_tower/table_encoder.h"

#include "base/error.h"

namespace rec {

TableEncoder::TableEncoder(const Artefact& artefact) {
  const Artefact::Tensor* users = artefact.find("users.factors");
  if (users == nullptr) fail("model: no tensor \"users.factors\"");
  users_ = RowTable(*users);
}

bool TableEncoder::encode_user(uint32_t user, Behaviour& h) const {
  h.clear();
  if (user == kNoId) return false;
  users_.copy_row(user, h.dense);
  return true;
}

}  // namespace rec
