// A model with the items and users that files of features know beside its own, as rec-score,
// rec-attend and rec-model extend have it. For one thread.
#pragma once

#include <string>
#include <vector>

#include "io/table.h"
#include "models/common/extend_artefact.h"

namespace rec {

struct Extended {
  std::vector<std::string> notes;  // for people
  uint64_t bad_lines = 0;
  std::vector<FeatureTable> tables;  // of the files
};

// name: of the model, for messages. Without files nothing happens. vectors: as of data/vectors.h.
// Throws Error as extend(), and for a malformed file.
Extended extend_by_files(Artefact& artefact, IdKind of, const std::vector<std::string>& features,
                         const std::vector<std::string>& vectors, const ReadOptions& read, const std::string& name,
                         int threads);

}  // namespace rec
