// The frame of the subcommands that train in one step: interactions in, the memory
// looked for, the model out, its metric on held-out interactions said on stderr.
#pragma once

#include <functional>
#include <string>

#include "embed/embed.h"
#include "embed/held_out.h"
#include "models/common/feature_rows.h"
#include "models/common/history_encoder.h"
#include "models/common/neighbours.h"

namespace rec {

struct ClosedFormOptions {
  EmbedOptions embed;
  HistoryWeight weight;  // --confidence, --confidence-scale
  HeldOutOptions held_out;
  FeatureOptions features;  // of the models that declare them
  bool decays = false;      // by --half-life, which needs timestamps
};

// What is learnt from. Symbols: U users, I items, C categories of their features.
struct TrainingTables {
  const Interactions& data;
  const Csr& by_user;                      // U × I
  const Csr& rows;                         // the same with the weights of --weights, or with features (U + C) × I
  const SideFeatures* features = nullptr;  // of the items, where there are files of them
};

struct ClosedForm {
  const char* name;
  // Bytes that training needs beyond the tables.
  std::function<uint64_t(const TrainingTables& tables, int threads)> memory;
  std::function<Artefact(const TrainingTables& tables, int threads, const Report& report)> fit;
};

// --confidence, --valid, --metric; then FILE and the options of all tools.
void add_closed_form_options(OptionTable& table, ClosedFormOptions& options);
// Throws UsageError.
void check_closed_form_options(const ClosedFormOptions& options);

int run_closed_form(const ClosedForm& step, const ClosedFormOptions& options);

// Says what --neighbours N cut off, if anything.
void say_left_out(const Neighbours& neighbours, int kept, const Report& report);

}  // namespace rec
