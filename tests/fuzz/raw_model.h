// A model file in parts that need not fit together: what the model fuzzers change, and
// write with the right checksum. Thread rule: values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/artefact.h"
#include "fuzz/fuzz_target.h"

namespace rec::fuzz {

struct RawModel {
  struct Part {
    std::string name;
    std::string dtype;  // as safetensors names it
    std::vector<uint64_t> shape;
    std::string bytes;
  };
  struct Matrix {
    std::string name;
    std::vector<uint64_t> begin;
    std::vector<uint32_t> index;
    std::vector<float> weight;
    bool weighted = false;
  };
  std::vector<std::pair<std::string, std::string>> meta;  // a key may come twice
  std::vector<Part> parts;                                // no ids, no matrices
  std::vector<Matrix> matrices;
  std::vector<std::string> items, users;
};

RawModel raw_model(const Artefact& artefact);

// Some changes; those of parts come from `others`, too.
void change(RawModel& model, const std::vector<RawModel>& others, Choices& choices);

// The file, in one of the encodings, with further changes of its form and mostly a checksum that fits.
std::string encode(const RawModel& model, Choices& choices);

}  // namespace rec::fuzz
