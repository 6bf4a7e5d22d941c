// rec-score --all --follow: a program holds both pipes, writes a user a line, and reads the answer. For one thread;
// the functions start others of their own.
#pragma once

#include <functional>
#include <string>

#include "score/session.h"
#include "score/streams.h"

namespace rec {

struct FollowOptions {
  SessionOptions session;      // read again when another file has taken the model's place
  CatalogueOptions catalogue;  // but for predictor and users
  std::string predictor;       // "": the model's own
  std::string input = "-";
  ReadOptions read;
  bool line_items = false;  // a line is user item item ..., oldest first
  // Whether the output has a header line, by whether the input has one.
  std::function<bool(bool)> with_header;
  // Takes what is worth a line on stderr at once; of another model, that it cannot be used.
  std::function<void(const std::string&)> warn;
};

struct FollowResult {
  StreamCounts counts;
  std::vector<std::string> notes;  // of the last model and of all requests
  uint64_t bad_lines = 0;
  uint64_t models = 1;  // read in all
};

// Answers each line by the user's best rows (user item score) and an empty line, which leave at once, until the input
// ends. Lines that have come together are answered together; the bytes are the same. A line that is skipped for what
// it is gets the empty line alone. Before it answers it looks whether the model's path has another file, which is then
// read with all side tables; where that fails, the answers go on with the model that was there, and warn() says why,
// once for each file. Throws Error and UsageError as Session does for the first model, and for a bad line.
FollowResult follow(const FollowOptions& options, Output& out);

}  // namespace rec
