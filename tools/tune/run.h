// One run of a trainer of rec-embed, by its own command line, without its files: what rec-tune runs again and again.
// For one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "embed/embed.h"
#include "search/space.h"
#include "tune/options.h"

namespace rec {

// Of those that learn from interactions.
bool is_trainer(const std::string& name);
std::string trainer_names();  // "pop, als, ..."

// What a run of a trainer is to be told beside the words of its point.
struct RunFiles {
  std::string checkpoint;  // of a trainer that has epochs; "": none
  bool refit = false;      // on the held-out rows, too; else these measure the model
  int threads = 0;         // 0: those of -j
};

struct TrainedModel {
  Artefact model;
  std::optional<double> metric;  // nothing: not measured
  int epoch = 0;                 // the best; 0: the trainer has none
  double seconds = 0;            // of training and measuring
  double memory = 0;             // MiB: its tensors, sparse matrices and ids
};

class TrainerRuns : private TrainingHost {
 public:
  // warning: called for each text once. first_read: when the interactions were read for the first time. epoch: after
  // each epoch; what it throws ends the run.
  TrainerRuns(const TuneOptions& options, std::function<void(const std::string&)> warning,
              std::function<void(const LoadedInteractions&)> first_read,
              std::function<void(const TrainingRecord&)> epoch)
      : options_(options), warning_(std::move(warning)), first_read_(std::move(first_read)), epoch_(std::move(epoch)) {}

  // What the command line says, before anything is read. Throws UsageError "MODEL WORDS: ...".
  struct Checked {
    int epochs = 0;                  // 0: it has none, or decides itself
    std::vector<std::string> files;  // that it reads beside the interactions
  };
  Checked check(const std::string& model, const Words& words);
  // Reads the interactions that the run asks for, so that others find them in memory. What is wrong with them is said
  // by the run.
  void read_for(const std::string& model, const Words& words);
  // Throws what the trainer throws.
  TrainedModel run(const std::string& model, const Words& words, const RunFiles& files);
  // The interactions with all columns that they have. refit: with the held-out rows.
  const Interactions& data(bool refit);
  // Some that have been read; nullptr: none.
  const Interactions* data_read() const { return tables_.empty() ? nullptr : &tables_.begin()->second.data; }
  void warn(const std::string& text) { warning(text); }
  // The same command line for a shell.
  Words command(const std::string& model, const Words& words, bool refit) const;

 private:
  void check_own(const std::string& model, const Words& words);
  Words arguments(const std::string& model, const Words& words, const RunFiles& files, bool has_epochs) const;
  const LoadedInteractions& table_of(bool refit, const OptionalColumns& wanted);
  const LoadedInteractions& loaded(bool refit, const WantedColumns& wanted);

  LoadedInteractions load(const WantedColumns& wanted) override;
  void warning(const std::string& text) override {
    if (warned_.insert(text).second) warning_(text);
  }
  void epoch(const TrainingRecord& record) override { epoch_(record); }
  void take(const Artefact& model) override { taken_ = model; }

  const TuneOptions& options_;
  const std::function<void(const std::string&)> warning_;
  const std::function<void(const LoadedInteractions&)> first_read_;
  const std::function<void(const TrainingRecord&)> epoch_;
  std::map<std::string, LoadedInteractions> tables_;  // by what was wanted
  std::set<std::string> warned_;
  bool read_ = false, only_checks_ = false, refit_ = false;
  std::optional<WantedColumns> asked_for_;  // by the run that was checked last
  Artefact taken_;
};

}  // namespace rec
