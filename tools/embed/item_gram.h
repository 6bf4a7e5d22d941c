// Training of ease, knn and svd out of sums over users: of a private run, whose noise leaves nothing else, and of
// statistics of --statistics-only, which rec-model sum may have added.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/options.h"
#include "embed/closed_form.h"
#include "embed/statistics_options.h"
#include "linalg/symmetric_tiles.h"
#include "privacy/privacy_options.h"

namespace rec {

// Symbols: I items.
struct ItemGram {
  IdTable items;
  std::unique_ptr<SymmetricTiles> tiles;  // in the form that was asked for
  Csr rows;                               // the same, zeros absent
  std::vector<double> counts;             // I: the users of each item; with noise the diagonal, at least 0
  double user_exponent = 0.0;
  bool is_noisy = false;
  double noise_norm = 0.0;                     // spectral, about
  double noise_deviation = 0.0;                // on the diagonal
  std::map<std::string, std::string> privacy;  // meta
};

struct GramTraining {
  const char* name;
  enum class Form { kTiles, kRows } form;
  // Bytes that training takes with all of the gram's `entries` elements, itself included.
  std::function<uint64_t(size_t items, uint64_t entries, bool is_noisy, int threads)> memory;
  // artefact: as history_artefact() makes it.
  std::function<Artefact(Artefact artefact, ItemGram& gram, int threads, const Report& report)> fit;
};

// Throws UsageError for --statistics-only with what the sums cannot be made of.
void check_statistics_options(const StatisticsOptions& statistics, const PrivacyOptions& privacy, double user_exponent);

// --statistics-only: sums with this user exponent, with --dp-epsilon with noise.
int run_statistics_only(const EmbedOptions& embed, PrivacyOptions& privacy, const StatisticsOptions& statistics,
                        double user_exponent);

// A model of --statistics, or a private one.
int run_gram_training(const GramTraining& step, const EmbedOptions& embed, PrivacyOptions& privacy,
                      const StatisticsOptions& statistics);

}  // namespace rec
