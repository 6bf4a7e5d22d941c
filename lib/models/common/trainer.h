// The interface of a model that is trained in epochs: what the frame of lib/train runs,
// whatever the model. By one thread at a time; a trainer may use several threads within
// a call, and its results are the same for every number of them.
//
// A trainer holds a reference to the log (Interactions) that it was made of, which must
// outlive it. Each trainer has a static memory(...), the bytes that it takes at most, so
// that a job too large for the machine is refused before the trainer is built.
#pragma once

#include <set>
#include <string>

#include "data/artefact.h"

namespace rec {

class Trainer {
 public:
  virtual ~Trainer() = default;
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  // One pass over the data. Throws Error where a value is no longer finite; the trainer
  // is then useless.
  virtual void epoch() = 0;
  // What training minimises, as the trainer's header defines it, after the last epoch.
  // Costs up to a pass over the data.
  virtual double objective() const = 0;

  // The learning rate of the last step; 0: there is none.
  virtual double learning_rate() const { return 0.0; }

  // Told after an epoch that was measured on held-out data: whether the model is the best so far.
  virtual void validated(bool /*better*/) {}

  // The model now. Its meta names every option of the training.
  virtual Artefact artefact() const = 0;
  // The same, perhaps in the trainer's own memory. No other call may follow.
  virtual Artefact take() { return artefact(); }

  // Adds to a model of artefact() what else the next epoch depends on: tensors, and meta
  // under keys "progress.". Nothing, where the model says it all.
  virtual void add_state(Artefact& /*model*/) const {}
  // artefact() with add_state().
  Artefact state() const {
    Artefact model = artefact();
    add_state(model);
    return model;
  }
  // Goes on from a state() of a trainer of the same log and options: what follows is, bit
  // for bit, what would have followed there. Throws Error where parts are missing or do
  // not fit.
  virtual void restore(const Artefact& state) = 0;

  // The keys of artefact()'s meta that are learnt: they tell no run from another.
  virtual std::set<std::string> learnt_keys() const { return {}; }

 protected:
  Trainer() = default;
};

}  // namespace rec
