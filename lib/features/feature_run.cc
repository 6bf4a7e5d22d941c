#include "features/feature_run.h"

#include "base/error.h"

namespace rec {

IdList read_allowed(const std::string& path, const FeatureRun& run, const ReadOptions& read) {
  IdList list = read_id_list(path, run.id, read);
  if (list.ids.size() == 0) fail("{}: no {} in the list", list.name, run.id);
  return list;
}

void finish(const FeatureRun& run, Output& out, const std::function<Artefact()>& state) {
  if (run.state.empty()) {
    out.finish();
    return;
  }
  Output saved(run.state, run.sync);
  write_artefact(state(), encoding_for(run.state), saved, run.threads);
  Output* const both[] = {&out, &saved};
  finish_all(both);
}

}  // namespace rec
