// The terms of a text: its words, n-grams of its words, or n-grams of the characters of
// its words. Thread rule: one object a thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/id_table.h"
#include "features/words.h"

namespace rec {

// The lengths of n-grams: from `least` to `most`.
struct GramLengths {
  uint32_t least = 1;
  uint32_t most = 1;
};

struct TermOptions {
  uint32_t ngrams = 1;                    // of words: all of 1 to so many; from 1 to 10
  std::optional<GramLengths> characters;  // n-grams of characters in place of words
};

class TermMaker {
 public:
  // stop_words: as WordBreaker writes them; lives as long as this. They are taken out before n-grams are made.
  TermMaker(const TermOptions& options, const IdTable& stop_words) : options_(options), stop_words_(stop_words) {}

  // The terms of `text` in its order, with repetitions. Words of an n-gram have one blank
  // between them. The characters of the word "an" are those of "<an>", and a word shorter
  // than the n-grams has none but itself: "<an>" whole. Views as in WordBreaker::split, which says what it throws.
  const std::vector<std::string_view>& of(std::string_view text);

 private:
  void make_word_grams(const std::vector<std::string_view>& words);
  void make_character_grams(const std::vector<std::string_view>& words);

  TermOptions options_;
  const IdTable& stop_words_;
  WordBreaker breaker_;
  std::vector<std::string_view> words_, terms_;
  std::vector<uint32_t> begins_;  // of characters
  std::string bytes_;
};

}  // namespace rec
