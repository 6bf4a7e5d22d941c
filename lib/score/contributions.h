// What adds up to the score of a candidate: a sum whose terms have names, such as the items of
// the history or the features of the item. Implementations are immutable and thread-safe; a
// Scratch belongs to one thread and to what made it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rec {

struct Contribution {
  std::string name;
  double value;
};

class Contributions {
 public:
  class Scratch {
   public:
    virtual ~Scratch() = default;
  };

  virtual ~Contributions() = default;
  // The column of the names.
  virtual const char* column() const = 0;
  virtual std::unique_ptr<Scratch> make_scratch() const = 0;
  // Makes `user` the one of the terms; false if nothing is known of it that could be taken apart.
  virtual bool read_user(std::string_view user, Scratch& scratch) const = 0;
  // The terms for a candidate (kNoId: an item that the model does not know), which add up to its
  // score, each name once. REQUIRES: read_user() was true.
  virtual void explain(uint32_t item, Scratch& scratch, std::vector<Contribution>& terms) const = 0;
};

// Orders the terms: the greatest |value| first, equal ones by name; no more than `most` stay.
void keep_greatest(std::vector<Contribution>& terms, size_t most);

}  // namespace rec
