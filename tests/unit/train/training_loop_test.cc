#include "train/training_loop.h"

#include <doctest/doctest.h>

#include <csignal>

#include "base/error.h"
#include "models/als/als_trainer.h"
#include "small_data.h"
#include "temp_folder.h"
#include "train/checkpoint.h"

namespace rec {
namespace {

// A log, its als trainer, and what of the log is held out.
struct Run {
  Interactions data = random_rows(11, 30, 25, 300);
  Csr by_user = csr_by_user(data, {});
  AlsOptions als;
  Validation validation;
  TrainingOptions options;

  static Truth truth() {
    const Interactions held_out = random_rows(12, 30, 25, 80);
    TruthOptions options;
    options.repeats = Repeats::kFirst;
    return make_truth(as_user_items(held_out), options, "valid");
  }
  Run() : validation(truth(), parse_metric("ndcg@5"), data, by_user) {
    als.dim = 6;
    als.regularization = 1e-4;
    options.epochs = 12;
    options.patience = 2;
  }
  // interrupt_in: SIGINT comes in that epoch; 0: in none.
  TrainingResult operator()(bool validated, int interrupt_in = 0) {
    AlsTrainer trainer(by_user, data.items.size(), als, 1);
    int epochs = 0;
    const TrainingSteps steps{[&] {
                                trainer.epoch();
                                if (++epochs == interrupt_in) std::raise(SIGINT);
                              },
                              [&] { return trainer.objective(); },
                              [&] { return trainer.artefact(data); },
                              [&] { return trainer.take(data); },
                              {},
                              [&](const Artefact& state) { trainer.start_from(state, data); }};
    return train(steps, options, validated ? &validation : nullptr, [](const TrainingRecord&) {});
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

TEST_CASE("training loop: where it diverges the checkpoint keeps the last good epoch") {
  const TempFolder folder;
  const std::string ck = folder.path("ck");
  Run run;
  AlsTrainer trainer(run.by_user, run.data.items.size(), run.als, 1);
  int epochs = 0;
  TrainingSteps steps{[&] {
                        if (++epochs == 3) fail("the loss is no longer finite");
                        trainer.epoch();
                      },
                      [&] { return trainer.objective(); }, [&] { return trainer.artefact(run.data); }};
  const auto nothing = [](const TrainingRecord&) {};
  CHECK_THROWS_WITH(train(steps, run.options, nullptr, nothing), "the loss is no longer finite");
  epochs = 0;
  run.options.checkpoint = ck;
  CHECK_THROWS_WITH(train(steps, run.options, &run.validation, nothing),
                    ("the loss is no longer finite; " + ck + " holds epoch 2").c_str());
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
}  // namespace rec
