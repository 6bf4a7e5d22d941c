// A digest that tells two sets of tables apart; for checkpoints, not for security.
#pragma once

#include <span>
#include <string>

#include "data/id_table.h"

struct XXH3_state_s;

namespace rec {

class Digest {
 public:
  Digest();
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  // The bytes of the values, and how many there are.
  template <class T>
  void add(std::span<const T> values) {
    add_bytes(values.data(), values.size_bytes());
  }
  void add(const IdTable& ids);
  // 16 hexadecimal digits.
  std::string text() const;

 private:
  void add_bytes(const void* data, size_t bytes);

  XXH3_state_s* state_;
};

}  // namespace rec
