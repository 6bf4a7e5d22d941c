#include "train/checkpoint.h"

#include "base/error.h"
#include "io/output.h"

namespace rec {
namespace {

// Behind a tensor's name: it is the best epoch's.
constexpr std::string_view kBest = "@best";
// Before a key of meta: it is the loop's, not the trainer's.
constexpr std::string_view kLoop = "checkpoint.";
constexpr std::string_view kRun = "checkpoint.run.";
// Before a key of meta: what the trainer counts.
constexpr std::string_view kProgress = "progress.";

std::shared_ptr<const Artefact> shared(const Artefact& artefact) { return std::make_shared<const Artefact>(artefact); }

void add_all(const Artefact& from, std::string_view suffix, Artefact& to) {
  const auto owner = shared(from);
  for (const auto& tensor : owner->tensors()) {
    Artefact::Tensor renamed = tensor;
    renamed.name += suffix;
    to.add_mapped(std::move(renamed), owner);
  }
}

int whole(const Artefact& artefact, const std::string& key) { return static_cast<int>(artefact.number(key)); }

}  // namespace

void write_checkpoint(const Checkpoint& checkpoint, const std::string& path, int threads, Sync sync) {
  Artefact file;
  file.meta = checkpoint.state.meta;
  file.items = checkpoint.state.items;
  file.users = checkpoint.state.users;
  file.tables = checkpoint.state.tables;
  add_all(checkpoint.state, "", file);
  add_all(checkpoint.best, kBest, file);
  const auto note = [&](const char* key, auto value) {
    file.meta[std::string(kLoop) + key] = fmt::format("{}", value);
  };
  note("epoch", checkpoint.epoch);
  note("best-epoch", checkpoint.best_epoch);
  note("best-metric", checkpoint.best_metric);
  for (const auto& [key, value] : checkpoint.run) file.meta[std::string(kRun) + key] = value;
  Output out(path, sync);
  write_artefact(file, Encoding::kSafetensors, out, threads);
  out.finish();
}

Checkpoint read_checkpoint(const std::string& path, int threads) {
  const Artefact file = read_artefact(path, threads);
  if (!file.meta.contains(std::string(kLoop) + "epoch")) fail("{}: a model, expected a checkpoint", path);
  Checkpoint checkpoint;
  try {
    checkpoint.epoch = whole(file, std::string(kLoop) + "epoch");
    checkpoint.best_epoch = whole(file, std::string(kLoop) + "best-epoch");
    checkpoint.best_metric = file.number(std::string(kLoop) + "best-metric");
  } catch (const Error& error) {
    fail("{}: {}", path, error.what());
  }
  Artefact& state = checkpoint.state;
  for (const auto& [key, value] : file.meta) {
    if (key.starts_with(kRun)) {
      checkpoint.run[key.substr(kRun.size())] = value;
    } else if (!key.starts_with(kLoop)) {
      state.meta[key] = value;
    }
  }
  state.items = file.items;
  state.users = file.users;
  state.tables = file.tables;
  state.items.index();
  state.users.index();
  const auto owner = shared(file);
  for (const auto& tensor : owner->tensors()) {
    const bool best = tensor.name.ends_with(kBest);
    Artefact::Tensor renamed = tensor;
    if (best) renamed.name.resize(tensor.name.size() - kBest.size());
    (best ? checkpoint.best : state).add_mapped(std::move(renamed), owner);
  }
  if (!checkpoint.best.tensors().empty()) {
    checkpoint.best.meta = state.meta;
    std::erase_if(checkpoint.best.meta, [](const auto& entry) { return entry.first.starts_with(kProgress); });
    checkpoint.best.items = state.items;
    checkpoint.best.users = state.users;
    checkpoint.best.tables = state.tables;
  }
  return checkpoint;
}

void check_same_run(const Checkpoint& checkpoint, const RunIdentity& identity, const std::string& path) {
  const auto says_nothing = [&](const std::string& key) {
    return key == "epochs" || key.starts_with(kProgress) || identity.learnt.contains(key);
  };
  const auto compare = [&](const std::map<std::string, std::string>& was,
                           const std::map<std::string, std::string>& is) {
    for (const auto& [key, value] : is) {
      if (says_nothing(key)) continue;
      const auto found = was.find(key);
      if (found == was.end() || found->second != value) {
        fail("{}: of a run with another {}: {}, here {}", path, key,
             found == was.end() ? "none" : printable(found->second), printable(value));
      }
    }
    for (const auto& [key, value] : was) {
      if (!is.contains(key) && !says_nothing(key))
        fail("{}: of a run with another {}: {}, here none", path, key, printable(value));
    }
  };
  compare(checkpoint.state.meta, identity.meta);
  compare(checkpoint.run, identity.run);
}

}  // namespace rec
