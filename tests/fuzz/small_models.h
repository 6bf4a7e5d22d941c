// A small model of every type, made by its trainer: what the model fuzzers change.
#pragma once

#include <vector>

#include "data/artefact.h"

namespace rec::fuzz {

// Mostly 6 users and 6 items, some with values; always the same models.
std::vector<Artefact> small_models();

}  // namespace rec::fuzz
