#include "train/fit_content.h"

#include <algorithm>
#include <memory>

#include "base/parallel_for.h"
#include "models/als/als.h"

namespace rec {
namespace {

// The rows of all users, those of user u from begin[u] to begin[u + 1].
struct Histories {
  std::vector<uint64_t> begin;
  std::vector<uint32_t> item;
  std::vector<float> value;       // or empty
  std::vector<double> timestamp;  // or empty

  History of(size_t user) const {
    const size_t first = begin[user];
    const size_t size = begin[user + 1] - first;
    History history{.item = {item.data() + first, size}, .value = {}};
    if (!value.empty()) history.value = {value.data() + first, size};
    if (!timestamp.empty()) history.timestamp = {timestamp.data() + first, size};
    return history;
  }
};

Histories histories_of(const Interactions& data) {
  Histories out;
  out.begin.assign(data.users.size() + 1, 0);
  for (const uint32_t user : data.user) ++out.begin[user + size_t{1}];
  for (size_t user = 0; user < data.users.size(); ++user) out.begin[user + 1] += out.begin[user];
  std::vector<uint64_t> next(out.begin.begin(), out.begin.end() - 1);
  out.item.resize(data.size());
  out.value.resize(data.value.size());
  out.timestamp.resize(data.timestamp.size());
  for (size_t row = 0; row < data.size(); ++row) {
    const uint64_t at = next[data.user[row]]++;
    out.item[at] = data.item[row];
    if (!data.value.empty()) out.value[at] = data.value[row];
    if (!data.timestamp.empty()) out.timestamp[at] = data.timestamp[row];
  }
  return out;
}

}  // namespace

Artefact fit_content(const Interactions& data, const Csr& by_user, const SideFeatures& items,
                     const ContentOptions& options, int threads) {
  Artefact artefact = fit_content_items(data, by_user, items, options, threads);
  std::unique_ptr<Encoder> encoder;
  if (options.user_model == UserModel::kRidge) {
    encoder = std::make_unique<AlsEncoder>(artefact);
  } else {
    encoder = std::make_unique<ContentEncoder>(artefact);
  }
  encoder->prepare(threads);
  const Histories histories = histories_of(data);
  Matrix users(data.users.size(), encoder->dim());
  parallel_for(users.rows(), threads, [&](size_t user, int) {
    Behaviour h;
    if (encoder->encode_history(histories.of(user), h)) std::copy(h.dense.begin(), h.dense.end(), users.row(user));
  });
  artefact.add("users.factors", users);
  return artefact;
}

}  // namespace rec
