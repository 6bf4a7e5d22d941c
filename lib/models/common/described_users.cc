#include "models/common/described_users.h"

#include "base/error.h"

namespace rec {

DescribedUsers::DescribedUsers(const Artefact& artefact, size_t dim) {
  const Artefact::Tensor* users = artefact.find("users.factors");
  const Artefact::Tensor* start = artefact.find(kNewUser);
  if (users == nullptr || start == nullptr) return;
  if (users->cols() != dim) fail("model: the history has dimension {}, \"users.factors\" {}", dim, users->cols());
  if (start->rows() * start->cols() != dim)
    fail("model: tensor \"{}\" has {} values, expected {}", kNewUser, start->rows() * start->cols(), dim);
  users_ = users->view();
  start_ = start->floats();
}

bool DescribedUsers::encode(uint32_t user, Behaviour& h) const {
  if (user >= users_.rows) return false;
  h.clear();
  h.dense.assign(users_.row(user), users_.row(user) + users_.cols);
  return true;
}

void DescribedUsers::add(uint32_t user, std::vector<float>& h) const {
  if (user >= users_.rows) return;
  const float* row = users_.row(user);
  for (size_t f = 0; f < h.size(); ++f) h[f] += row[f] - start_[f];
}

}  // namespace rec
