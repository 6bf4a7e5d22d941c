// Vectors of items, or of users, from outside: of pictures, texts, sounds, of another catalogue. They are
// features (data/features.h): one kind, whose categories are the vectors' numbers. Thread rule: functions of their
// arguments, which start threads of their own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/features.h"

namespace rec {

// A numpy array (.npy, versions 1 to 3) of `rows` × `cols` numbers in C order; data are views of the
// bytes parsed. The header is checked against the bytes there are before anything is made of it.
struct NpyArray {
  uint64_t rows = 0;
  uint64_t cols = 0;
  size_t bytes = 4;  // of a number: float16, float32 or float64
  std::string_view data;

  // Number `at` (< rows · cols), rounded to float32; infinite where it is beyond its range.
  float value(uint64_t at) const;
};
bool looks_like_npy(std::string_view bytes);
// Throws Error "NAME: ..." for bytes that are no such array, cut short or too long.
NpyArray parse_npy(std::string_view bytes, const std::string& name);

// The vectors that `text`, an option's [NAME=]FILE[:PART] (base/vectors_name.h), names. The file is one of
// these, as its first bytes say; a pipe is a table.
//   table   item v1 ... vN: all fields but the id are numbers, or numbers split by blanks
//   .npy    PART is a file of the ids, one a line, in the order of the rows
//   model   PART is the name of a tensor with a row for each of some ids, as the model has them; without it
//           items.factors (users.factors), or the only other tensor of items (users) with several columns
// The table has one kind of numbers, NAME, or none where there is no row; an id has one row. Throws Error for
// what is malformed, for vectors of several lengths, a number that is not finite and an id that comes twice;
// UsageError as parse_vectors_name().
FeatureTable read_vectors(const std::string& text, IdKind of, const ReadOptions& options, int threads = 1);

// The table form alone: one kind of numbers, named `kind`.
FeatureTable read_vectors_table(const std::string& path, const std::string& kind, IdKind of, const ReadOptions& options,
                                int threads);
// The ids of a table with one on each line, in its order. Throws Error for one that comes twice.
IdTable read_ids(const std::string& path, IdKind of, const ReadOptions& options);

// All of one side: tables of features, then vectors.
std::vector<FeatureTable> read_feature_files(const std::vector<std::string>& features,
                                             const std::vector<std::string>& vectors, IdKind of,
                                             const ReadOptions& options, int threads);

}  // namespace rec
