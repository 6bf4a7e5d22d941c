// Interactions in binary (rec-formats(5)): a safetensors file with the ids and a tensor for each column, mapped where
// it can be. Symbols: U users, I items, N rows. Thread rule: functions without state.
#pragma once

#include <string>
#include <vector>

#include "data/artefact.h"
#include "data/interactions.h"
#include "io/byte_source.h"

namespace rec {

class Output;
struct WholeFile;  // data/artefact_codec.h

struct BinaryInteractions {
  Interactions data;  // columns that are not wanted are empty
  // What the file has, wanted or not.
  bool header = true;  // written as text, the rows have a header line
  bool has_value = false;
  bool has_timestamp = false;
  bool has_weight = false;
};

// Whether a safetensors file of this name holds interactions. Throws Error as read_safetensors_header(), which is told
// what the file is expected to be.
bool holds_interactions(const WholeFile& file, const std::string& name, const char* expected = "interactions");

// REQUIRES: holds_interactions(). Numbers of users and items are checked, ids without a row left out; a column that is
// not wanted is not read. Throws Error "NAME: ..." for a file that is damaged or cut short, of a newer version, whose
// tensors do not fit together, that says "sorted" and is not, for numbers that are not finite, weights that are not
// above 0 and, with no_negative_for, values below 0. Reading::kWhole: also where a byte is not as it was written in a
// tensor that nobody reads.
BinaryInteractions decode_interactions(const WholeFile& file, const std::string& name, OptionalColumns wanted,
                                       int threads, Reading reading = Reading::kByPart);

// Writes the file; the bytes depend on the rows alone. header: of BinaryInteractions.
void encode_interactions(const Interactions& data, bool header, Output& out);

// The rows of several tables, one table after the other. REQUIRES: all have the same columns.
Interactions joined(std::vector<Interactions> tables, int threads);

// The rows for which keep(row) holds, with the ids that these have.
Interactions selected(const Interactions& data, const std::vector<bool>& keep);

// The rows by user, those of a user in the order that they had.
Interactions sorted_by_user(const Interactions& data);
// Whether they are.
bool is_sorted_by_user(const Interactions& data);

// A row as a line of text: user, item, then value, timestamp and weight where there are such columns; with LF.
void append_row(const Interactions& data, size_t row, std::string& out);

}  // namespace rec
