// The words of a text: UTF-8, case folded, as Unicode's word boundaries cut it (UAX #29,
// with ICU's dictionaries for Chinese, Japanese, Thai and others that write no blanks).
// Thread rule: one object a thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rec {

class WordBreaker {
 public:
  WordBreaker();
  ~WordBreaker();
  WordBreaker(const WordBreaker&) = delete;
  WordBreaker& operator=(const WordBreaker&) = delete;

  // The words of `text`, in order: what is between two boundaries and has a letter or a
  // digit. Each is in NFKC with full case folding ("Straße" and "STRASSE" are one), and
  // a typographic apostrophe is a plain one. No word holds a blank or a control character.
  // The views are valid until the next call. Throws NotUtf8 for bytes that are no UTF-8.
  const std::vector<std::string_view>& split(std::string_view text);

  struct NotUtf8 {};

  // How the words of ASCII texts are found: by own rules, which are fast, or as all others
  // are. Both find the same words, and tests compare them.
  void use_unicode_rules_for_ascii(bool use) { only_unicode_ = use; }

 private:
  class Unicode;

  void split_ascii(std::string_view text);
  void split_unicode(std::string_view token);
  char* reserve(size_t bytes);

  std::unique_ptr<Unicode> unicode_;
  std::vector<std::string_view> words_;
  std::unique_ptr<char[]> bytes_;  // of the words: those of ASCII tokens, then the others
  size_t capacity_ = 0;
  char* at_ = nullptr;
  bool only_unicode_ = false;
};

}  // namespace rec
