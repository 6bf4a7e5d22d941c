#include "train/training_loop.h"

#include <doctest/doctest.h>

#include <cmath>
#include <csignal>

#include "base/error.h"
#include "models/als/als_trainer.h"
#include "models/mf/mf_trainer.h"
#include "models/two_tower/neural_trainer.h"
#include "small_data.h"
#include "temp_folder.h"
#include "train/checkpoint.h"
#include "train/fit.h"

namespace rec::training_loop_test {
namespace {

// als that raises SIGINT, or diverges, in its n-th epoch; 0: in none.
class Interruptible : public AlsTrainer {
 public:
  using AlsTrainer::AlsTrainer;
  void epoch() override {
    ++epochs_;
    if (epochs_ == diverge_in) fail("the loss is no longer finite");
    AlsTrainer::epoch();
    if (epochs_ == interrupt_in) std::raise(SIGINT);
  }
  int interrupt_in = 0;
  int diverge_in = 0;

 private:
  int epochs_ = 0;
};

// A log, its als trainer, and what of the log is held out.
struct Run {
  Interactions data = random_rows(11, 30, 25, 300);
  Csr by_user = csr_by_user(data, {});
  AlsOptions als;
  RankingValidation validation;
  TrainingOptions options;

  static Truth truth() {
    const Interactions held_out = random_rows(12, 30, 25, 80);
    TruthOptions options;
    options.repeats = Repeats::kFirst;
    return make_truth(as_user_items(held_out), options, "valid", 2);
  }
  Run() : validation(truth(), parse_metric("ndcg@5"), data, by_user) {
    als.dim = 6;
    als.regularization = 1e-4;
    options.epochs = 12;
    options.patience = 2;
  }
  // interrupt_in: SIGINT comes in that epoch; 0: in none.
  TrainingResult operator()(bool validated, int interrupt_in = 0) {
    Interruptible trainer(data, by_user, als, 1);
    trainer.interrupt_in = interrupt_in;
    return train(trainer, options, validated ? &validation : nullptr, [](const TrainingRecord&) {});
  }
};

std::vector<float> values(const Artefact& artefact) {
  std::vector<float> all;
  for (const auto& tensor : artefact.tensors())
    all.insert(all.end(), tensor.floats(), tensor.floats() + tensor.rows() * tensor.cols());
  return all;
}

std::string message(Run& run, bool validated) {
  try {
    run(validated);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("training loop: stopped after any epoch and resumed it gives the same model") {
  for (const bool validated : {false, true}) {
    CAPTURE(validated);
    Run whole;
    const TrainingResult expected = whole(validated);
    if (validated) REQUIRE(expected.stopped_early);
    CHECK(expected.artefact.meta.contains("valid-metric") == validated);
    if (validated) {
      CHECK(expected.artefact.text("valid-metric") == "ndcg@5");
      CHECK(expected.artefact.number("valid-value") == expected.best_metric);
    }
    for (int stop = 1; stop <= 12; ++stop) {
      CAPTURE(stop);
      const TempFolder folder;
      Run run;
      run.options.checkpoint = folder.path("ck");
      run.options.resume = true;
      run.options.epochs = stop;
      CHECK(run(validated).resumed_after == 0);
      run.options.epochs = 12;
      const TrainingResult result = run(validated);
      CHECK(result.resumed_after > 0);
      CHECK(result.best_epoch == expected.best_epoch);
      CHECK(result.best_metric == expected.best_metric);
      CHECK(result.stopped_early == expected.stopped_early);
      CHECK(values(result.artefact) == values(expected.artefact));
      CHECK(result.artefact.meta == expected.artefact.meta);
    }
  }
}

TEST_CASE("training loop: an interrupt ends it after its epoch and checkpoint") {
  const TempFolder folder;
  Run run;
  run.options.checkpoint = folder.path("ck");
  CHECK_THROWS_AS(run(false, 3), Interrupted);
  CHECK(read_checkpoint(folder.path("ck"), 1).epoch == 3);
  run.options.resume = true;
  Run whole;
  CHECK(values(run(false).artefact) == values(whole(false).artefact));
  run.options.checkpoint.clear();
  run.options.resume = false;
  CHECK_THROWS_AS(run(false, 1), Interrupted);
}

TEST_CASE("training loop: an interrupt with validation gives the best epoch so far") {
  Run run;
  run.options.patience = 100;
  const TrainingResult stopped = run(true, 3);
  CHECK(stopped.interrupted ==
        fmt::format("interrupted in epoch 3: the model is that of epoch {}, the best so far", stopped.best_epoch));
  run.options.epochs = 3;
  const TrainingResult three = run(true);
  CHECK(three.interrupted.empty());
  CHECK(three.best_epoch == stopped.best_epoch);
  CHECK(values(three.artefact) == values(stopped.artefact));
  const TempFolder folder;
  run.options.checkpoint = folder.path("ck");
  run.options.epochs = 12;
  CHECK(run(true, 2).interrupted.ends_with("ck holds epoch 2, --resume goes on from it"));
}

TEST_CASE("training loop: where it diverges the checkpoint keeps the last good epoch") {
  const TempFolder folder;
  const std::string ck = folder.path("ck");
  Run run;
  const auto nothing = [](const TrainingRecord&) {};
  const auto run_on = [&](const Validation* validation) {
    Interruptible trainer(run.data, run.by_user, run.als, 1);
    trainer.diverge_in = 3;
    train(trainer, run.options, validation, nothing);
  };
  CHECK_THROWS_WITH(run_on(nullptr), "the loss is no longer finite");
  run.options.checkpoint = ck;
  CHECK_THROWS_WITH(run_on(&run.validation), ("the loss is no longer finite; " + ck + " holds epoch 2").c_str());
  CHECK(read_checkpoint(ck, 1).epoch == 2);
  CHECK(read_checkpoint(ck, 1).best_epoch > 0);
}

TEST_CASE("training loop: a checkpoint of another run is refused, by name") {
  const TempFolder folder;
  const std::string ck = folder.path("ck");
  Run run;
  run.options.checkpoint = ck;
  run.options.epochs = 2;
  run.options.run = {{"metric", "ndcg@5"}, {"log", "1"}};
  run(true);
  run.options.resume = true;
  run.options.epochs = 3;
  CHECK(message(run, true) == "no error");
  run.als.regularization = 0.5;
  CHECK(message(run, true) == ck + ": of a run with another reg: 0.0001, here 0.5");
  run.als.regularization = 1e-4;
  run.options.run["log"] = "2";
  CHECK(message(run, true) == ck + ": of a run with another log: 1, here 2");
  run.options.run = {{"log", "1"}};
  CHECK(message(run, true) == ck + ": of a run with another metric: ndcg@5, here none");
  run.options.run = {{"metric", "ndcg@5"}, {"log", "1"}, {"patience", "2"}};
  CHECK(message(run, true) == ck + ": of a run with another patience: none, here 2");
}

// Whose metric, an error, falls until epoch 3 and then rises.
class FallingError : public Validation {
 public:
  FallingError() : Validation(parse_metric("rmse")) {}
  std::string digest() const override { return ""; }
  double evaluate(Model&, int) const override { return 1.0 + std::abs(3 - ++epochs_); }

 private:
  mutable int epochs_ = 0;
};

TEST_CASE("training loop: of an error the lowest is the best") {
  Run run;
  const FallingError validation;
  Interruptible trainer(run.data, run.by_user, run.als, 1);
  const TrainingResult result = train(trainer, run.options, &validation, [](const TrainingRecord&) {});
  CHECK(result.best_epoch == 3);
  CHECK(result.best_metric == 1.0);
  CHECK(result.stopped_early);
}

TEST_CASE("fit: where memory is short the trainer is not made") {
  const Run run;
  bool made = false;
  TrainingPlan plan;
  plan.by_user = run.by_user;
  plan.what = "als: a model of 6 factors";
  plan.memory = uint64_t{1} << 60;
  plan.make = [&](Csr) -> std::unique_ptr<Trainer> {
    made = true;
    fail("made");
  };
  const FitEvents events{.warning = [](const std::string&) {},
                         .note = [](const std::string&) {},
                         .detail = [](const std::string&) {},
                         .bad_lines = [](uint64_t, const std::string&) {},
                         .epoch = [](const TrainingRecord&) {}};
  std::string message;
  try {
    fit(run.data, plan, {}, events);
  } catch (const Error& error) {
    message = error.what();
  }
  CHECK(message.starts_with("als: a model of 6 factors needs 1073741824.0 GiB, and "));
  CHECK_FALSE(made);
}

TEST_CASE("trainers: the memory that each says it takes grows with its options") {
  const Run run;
  const size_t U = run.data.users.size(), I = run.data.items.size();
  AlsOptions als = run.als;
  const size_t als_small = AlsTrainer::memory(run.by_user, U, I, als, 1);
  als.dim = 600;
  CHECK(AlsTrainer::memory(run.by_user, U, I, als, 1) > als_small + (U + I) * 590 * sizeof(float));
  MfOptions mf;
  mf.dim = 100;
  CHECK(MfTrainer::memory(run.by_user, I, mf) > (U + I) * triangle(101) * sizeof(float));
  NeuralOptions neural;
  const size_t neural_small = NeuralTrainer::memory(run.by_user, I, neural);
  CHECK(neural_small > 3 * (U + I) * 64 * sizeof(float));
  neural.loss = {NeuralLoss::kBce};
  neural.predictor = ScoreForm::kMlp;
  neural.layers = {4096, 4096};
  CHECK(NeuralTrainer::memory(run.by_user, I, neural) > neural_small + 11 * size_t{4096} * 4096 * sizeof(float));
}

TEST_CASE("checkpoint: a model, and a damaged file, are refused") {
  const TempFolder folder;
  Run run;
  run.options.checkpoint = folder.path("ck");
  run.options.epochs = 1;
  run(true);
  const std::string bytes = folder.read("ck");
  for (size_t at = 0; at < bytes.size(); at += 97) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 4);
    CHECK_THROWS_AS(read_checkpoint(folder.file("changed", changed), 1), Error);
  }
  for (size_t length = 0; length < bytes.size(); length += 97) {
    CHECK_THROWS_AS(read_checkpoint(folder.file("cut", bytes.substr(0, length)), 1), Error);
  }
}

}  // namespace
}  // namespace rec::training_loop_test
