#include "embed/item_gram.h"

#include <algorithm>

#include "base/error.h"
#include "base/memory.h"
#include "cli/run_main.h"
#include "embed/private_data.h"
#include "io/output.h"
#include "models/common/history_encoder.h"
#include "privacy/contributions.h"
#include "privacy/item_statistics.h"

namespace rec {
namespace {

Csr dense_rows(const SymmetricTiles& G) {
  const auto n = static_cast<uint32_t>(G.size());
  Csr rows;
  rows.begin.push_back(0);
  rows.index.reserve(uint64_t{n} * n);
  rows.weight.reserve(uint64_t{n} * n);
  for (uint32_t i = 0; i < n; ++i) {
    for (uint32_t j = 0; j < n; ++j) {
      rows.index.push_back(j);
      rows.weight.push_back(G(i, j));
    }
    rows.begin.push_back(rows.index.size());
  }
  return rows;
}

// beside: bytes that are there at the same time.
void check_memory(const GramTraining& step, size_t items, uint64_t entries, bool is_noisy, uint64_t beside,
                  int threads) {
  require_memory(step.memory(items, entries, is_noisy, threads) + beside,
                 fmt::format("{}: a model of {} items", step.name, items).c_str());
}

ItemGram private_rows_gram(const GramTraining& step, const EmbedOptions& embed, PrivacyOptions& privacy,
                           const Report& report) {
  const PrivateData data = load_private(embed, privacy, report);
  const size_t items = data.public_part.items.size();
  const int threads = embed.common.jobs();
  const bool tiles = step.form == GramTraining::Form::kTiles;
  check_memory(step, items, uint64_t{items} * items, true, tiles ? 0 : SymmetricTiles::bytes(items), threads);
  const GramNoise noise(privacy.multiplier());
  ItemGram gram;
  gram.items = data.public_part.items;
  gram.tiles = std::make_unique<SymmetricTiles>(items);
  private_gram(data.contributions, noise, privacy.seed, threads, *gram.tiles);
  gram.counts.resize(items);
  for (size_t item = 0; item < items; ++item)
    gram.counts[item] = std::max(0.0, static_cast<double>((*gram.tiles)(item, item)));
  gram.user_exponent = 0.5;
  gram.is_noisy = true;
  gram.noise_norm = noise.spectral_norm(items);
  gram.noise_deviation = privacy.multiplier();
  if (!tiles) {
    gram.rows = dense_rows(*gram.tiles);
    gram.tiles.reset();
  }
  return gram;
}

ItemGram statistics_gram(const GramTraining& step, const EmbedOptions& embed, const std::string& file,
                         const Report& report) {
  const int threads = embed.common.jobs();
  report.reading(file);
  const std::string name = input_name(file);
  const ItemStatistics sums = read_statistics(read_artefact(file, threads), name);
  const size_t items = sums.items.size();
  if (items == 0 || (!sums.is_noisy() && sums.pairs.empty())) fail("{}: no user has an item", name);
  check_memory(step, items, sums.is_noisy() ? uint64_t{items} * items : 2 * sums.pairs.size(), sums.is_noisy(), 0,
               threads);
  ItemGram gram;
  gram.items = sums.items;
  gram.user_exponent = sums.user_exponent;
  gram.is_noisy = sums.is_noisy();
  gram.noise_norm = sums.noise_norm();
  gram.noise_deviation = sums.noise_deviation();
  gram.privacy = sums.noise;
  if (sums.is_noisy()) gram.privacy["max-per-user"] = std::to_string(*sums.max_per_user);
  if (step.form == GramTraining::Form::kTiles) {
    gram.tiles = std::make_unique<SymmetricTiles>(items);
    fill_gram(sums, *gram.tiles);
  } else {
    gram.rows = gram_rows(sums);
  }
  if (sums.is_noisy()) {
    gram.counts = diagonal(sums);
    report.note(fmt::format("{}: {} items, sums with noise of {} part{}", name, items, sums.releases,
                            sums.releases == 1 ? "" : "s"));
  } else {
    gram.counts.assign(sums.item_users.begin(), sums.item_users.end());
    report.note(fmt::format("{}: sums over {} user{}, {} items", name, sums.users, sums.users == 1 ? "" : "s", items));
  }
  return gram;
}

}  // namespace

void check_statistics_options(const StatisticsOptions& statistics, const PrivacyOptions& privacy,
                              double user_exponent) {
  if (!statistics.only || privacy.given()) return;
  if (user_exponent < 0.0 || user_exponent > kMaxStatisticsExponent)
    fail_usage("--statistics-only: the user exponent is {}, expected 0 to {}", user_exponent, kMaxStatisticsExponent);
}

int run_statistics_only(const EmbedOptions& embed, PrivacyOptions& privacy, const StatisticsOptions& statistics,
                        double user_exponent) {
  const int threads = embed.common.jobs();
  const Report report("rec-embed", embed.common);
  Output out(embed.common.output, embed.common.sync);
  ItemStatistics sums;
  const auto sum = [&](const Csr& rows, const IdTable& items) {
    require_memory(statistics_memory(rows, items.size()), fmt::format("statistics of {} items", items.size()).c_str());
    sums = item_statistics(rows, items, user_exponent, threads);
  };
  if (privacy.given()) {
    const PrivateData data = load_private(embed, privacy, report);
    sum(data.contributions, data.public_part.items);
    sums.max_per_user = privacy.max_per_user;
    const GramNoise noise =
        noise_of_sums(privacy.multiplier(), std::min<size_t>(privacy.max_per_user, sums.items.size()));
    Artefact privacy_meta;
    tell_privacy(privacy, sums_mechanism(noise), privacy_meta, report);
    privacy_meta.meta.erase("max-per-user");  // stands there without noise, too
    privacy_meta.meta.erase("dp-seed");       // a sum has several
    sums = with_noise(sums, noise, privacy.seed, std::move(privacy_meta.meta), threads);
  } else {
    const LoadedInteractions loaded = load_interactions(embed, {}, report);
    if (privacy.items.empty()) {
      sum(csr_by_user(loaded.data, {}), loaded.data.items);
    } else {
      const IdTable items = read_item_list(embed, privacy, report);
      sum(bounded_contributions(loaded.data, items, privacy.max_per_user), items);
      sums.max_per_user = privacy.max_per_user;
    }
    if (statistics.user_hashes) sums.hashes = user_hashes(loaded.data);
    report.note(fmt::format("sums over {} user{}, {} items, {} pairs of items", sums.users, sums.users == 1 ? "" : "s",
                            sums.items.size(), sums.pairs.size()));
  }
  write_model(to_artefact(sums), embed, out);
  report.finish();
  return kExitDone;
}

int run_gram_training(const GramTraining& step, const EmbedOptions& embed, PrivacyOptions& privacy,
                      const StatisticsOptions& statistics) {
  const int threads = embed.common.jobs();
  const Report report("rec-embed", embed.common);
  Output out(embed.common.output, embed.common.sync);
  ItemGram gram = statistics.file.empty() ? private_rows_gram(step, embed, privacy, report)
                                          : statistics_gram(step, embed, statistics.file, report);
  const std::vector<float> counts(gram.counts.begin(), gram.counts.end());
  Artefact artefact = step.fit(history_artefact(gram.items, counts, "history"), gram, threads, report);
  if (statistics.file.empty()) {
    tell_privacy(privacy, "the Gramian of rows of unit norm, sensitivity 1", artefact, report);
  } else {
    artefact.meta.insert(gram.privacy.begin(), gram.privacy.end());
  }
  write_model(artefact, embed, out);
  report.finish();
  return kExitDone;
}

}  // namespace rec
