#include "features/terms.h"

#include <algorithm>

namespace rec {

const std::vector<std::string_view>& TermMaker::of(std::string_view text) {
  const std::vector<std::string_view>* words = &breaker_.split(text);
  if (stop_words_.size() > 0) {
    words_.clear();
    for (const std::string_view word : *words) {
      if (stop_words_.find(word) == kNoId) words_.push_back(word);
    }
    words = &words_;
  }
  if (options_.characters) {
    make_character_grams(*words);
  } else if (options_.ngrams > 1) {
    make_word_grams(*words);
  } else {
    return *words;
  }
  return terms_;
}

void TermMaker::make_word_grams(const std::vector<std::string_view>& words) {
  terms_.clear();
  bytes_.clear();
  begins_.clear();
  for (const std::string_view word : words) {
    begins_.push_back(static_cast<uint32_t>(bytes_.size()));
    bytes_ += word;
    bytes_ += ' ';
  }
  begins_.push_back(static_cast<uint32_t>(bytes_.size()));
  const std::string_view all = bytes_;
  for (size_t first = 0; first < words.size(); ++first) {
    const size_t most = std::min<size_t>(options_.ngrams, words.size() - first);
    for (size_t n = 1; n <= most; ++n) {
      terms_.push_back(all.substr(begins_[first], begins_[first + n] - begins_[first] - 1));
    }
  }
}

void TermMaker::make_character_grams(const std::vector<std::string_view>& words) {
  terms_.clear();
  bytes_.clear();
  size_t size = 0;
  for (const std::string_view word : words) size += word.size() + 2;
  bytes_.reserve(size);  // so that views stay valid
  for (const std::string_view word : words) {
    const size_t at = bytes_.size();
    bytes_ += '<';
    bytes_ += word;
    bytes_ += '>';
    const std::string_view marked = std::string_view(bytes_).substr(at);
    begins_.clear();
    for (size_t byte = 0; byte < marked.size(); ++byte) {
      if ((static_cast<unsigned char>(marked[byte]) & 0xc0) != 0x80) begins_.push_back(static_cast<uint32_t>(byte));
    }
    begins_.push_back(static_cast<uint32_t>(marked.size()));
    const size_t characters = begins_.size() - 1;
    if (characters < options_.characters->least) terms_.push_back(marked);
    const size_t most = std::min<size_t>(options_.characters->most, characters);
    for (size_t n = options_.characters->least; n <= most; ++n) {
      for (size_t first = 0; first + n <= characters; ++first) {
        terms_.push_back(marked.substr(begins_[first], begins_[first + n] - begins_[first]));
      }
    }
  }
}

}  // namespace rec
