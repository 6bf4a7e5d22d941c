#include "features/words.h"

#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <array>
#include <cstring>
#include <unordered_map>

#include "base/error.h"
#include "data/id_hash.h"

namespace rec {
namespace {

// NFKC makes 18 characters of one (U+FDFA), 33 bytes of 3.
constexpr size_t kGrowth = 16;

// What a byte is to the rules of UAX #29; all that are not named here end a word.
enum Class : uint8_t {
  kOther,
  kLetter,
  kDigit,
  kJoiner,    // _  joins letters and digits
  kInDigits,  // , ;  between two digits
  kInEither,  // . '  between two letters, or two digits
};

constexpr std::array<uint8_t, 256> classes() {
  std::array<uint8_t, 256> table{};
  for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = kLetter;
  for (int c = '0'; c <= '9'; ++c) table[c] = kDigit;
  table['_'] = kJoiner;
  table[','] = table[';'] = kInDigits;
  table['.'] = table['\''] = kInEither;
  return table;
}

constexpr std::array<uint8_t, 256> kClass = classes();

// Whether it goes on a word whatever is before and behind.
bool joins(uint8_t its) { return static_cast<uint8_t>(its - kLetter) <= kJoiner - kLetter; }
uint8_t class_of(char c) { return kClass[static_cast<unsigned char>(c)]; }
// What always ends a word. ICU's versions do not agree on @ and the colon.
bool is_blank(char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == '@' || c == ':'; }

void check(UErrorCode status, const char* what) {
  if (U_FAILURE(status)) fail("the Unicode library cannot {}: {}", what, u_errorName(status));
}

}  // namespace

// What ICU does, and what it has found for tokens that come again.
class WordBreaker::Unicode {
 public:
  Unicode() {
    UErrorCode status = U_ZERO_ERROR;
    folding_ = icu::Normalizer2::getNFKCCasefoldInstance(status);
    check(status, "fold case");
    breaker_.reset(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
    check(status, "find words");
  }

  // The words of a token without blanks, each with a NUL behind it.
  const std::string& words_of(std::string_view token) {
    if (token.size() > kLongest) {
      find(token, scratch_);
      return scratch_;
    }
    key_.assign(token);
    const auto [at, is_new] = known_.try_emplace(key_);
    if (is_new) {
      try {
        find(token, at->second);
      } catch (...) {
        known_.erase(at);
        throw;
      }
      if (known_.size() > kMost) {
        scratch_ = std::move(at->second);
        known_.clear();
        return scratch_;
      }
    }
    return at->second;
  }

 private:
  static constexpr size_t kLongest = 64;  // bytes
  static constexpr size_t kMost = size_t{1} << 16;

  void find(std::string_view token, std::string& words) {
    words.clear();
    const auto* bytes = reinterpret_cast<const uint8_t*>(token.data());
    const auto size = static_cast<int32_t>(token.size());  // a line has at most 64 MiB
    for (int32_t at = 0; at < size;) {
      UChar32 character;
      U8_NEXT(bytes, at, size, character);
      if (character < 0) throw NotUtf8{};
    }
    UErrorCode status = U_ZERO_ERROR;
    icu::UnicodeString text =
        folding_->normalize(icu::UnicodeString::fromUTF8({token.data(), static_cast<int32_t>(token.size())}), status);
    check(status, "fold case");
    text.findAndReplace(icu::UnicodeString(UChar32{0x2019}), icu::UnicodeString(UChar32{'\''}));
    for (const UChar32 c : {'@', ':'}) text.findAndReplace(icu::UnicodeString(c), icu::UnicodeString(UChar32{' '}));
    breaker_->setText(text);
    int32_t begin = breaker_->first();
    for (int32_t end = breaker_->next(); end != icu::BreakIterator::DONE; begin = end, end = breaker_->next()) {
      bool is_word = false;
      for (int32_t at = begin; at < end && !is_word; at = text.moveIndex32(at, 1))
        is_word = u_isalnum(text.char32At(at));
      if (!is_word) continue;
      text.tempSubStringBetween(begin, end).toUTF8String(words);
      words.push_back('\0');
    }
  }

  const icu::Normalizer2* folding_ = nullptr;
  std::unique_ptr<icu::BreakIterator> breaker_;
  std::unordered_map<std::string, std::string, IdHash> known_;
  std::string key_, scratch_;
};

WordBreaker::WordBreaker() : unicode_(std::make_unique<Unicode>()) {}
WordBreaker::~WordBreaker() = default;

char* WordBreaker::reserve(size_t bytes) {
  if (bytes > capacity_) {
    bytes_ = std::make_unique_for_overwrite<char[]>(bytes);
    capacity_ = bytes;
  }
  return bytes_.get();
}

const std::vector<std::string_view>& WordBreaker::split(std::string_view text) {
  words_.clear();
  char* const folded = reserve(text.size());
  unsigned char all = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    all |= static_cast<unsigned char>(c);
    folded[at] = static_cast<char>(c + (c >= 'A' && c <= 'Z' ? 'a' - 'A' : 0));
  }
  if (all < 0x80 && !only_unicode_) {
    split_ascii({folded, text.size()});
    return words_;
  }
  at_ = reserve(text.size() * (1 + kGrowth)) + text.size();
  char* ascii = bytes_.get();
  const char* const end = text.data() + text.size();
  for (const char* begin = text.data(); begin < end;) {
    if (is_blank(*begin)) {
      ++begin;
      continue;
    }
    const char* stop = begin;
    all = 0;
    for (; stop < end && !is_blank(*stop); ++stop) all |= static_cast<unsigned char>(*stop);
    const auto size = static_cast<size_t>(stop - begin);
    if (all < 0x80 && !only_unicode_) {
      for (size_t at = 0; at < size; ++at) {
        ascii[at] = static_cast<char>(begin[at] + (begin[at] >= 'A' && begin[at] <= 'Z' ? 'a' - 'A' : 0));
      }
      split_ascii({ascii, size});
      ascii += size;
    } else {
      split_unicode({begin, size});
    }
    begin = stop;
  }
  return words_;
}

// text: folded.
void WordBreaker::split_ascii(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    if (!joins(class_of(*at))) {
      ++at;
      continue;
    }
    const char* const word = at;
    unsigned seen = 0;  // bits of classes
    for (;;) {
      uint8_t last = 0;
      for (uint8_t next; at < end && joins(next = class_of(*at)); ++at) seen |= 1u << (last = next);
      // One of . ' , ; goes on where the same class is on both sides of it.
      if (end - at < 2 || last == kJoiner || class_of(at[1]) != last) break;
      const uint8_t between = class_of(*at);
      if (between != kInEither && !(between == kInDigits && last == kDigit)) break;
      ++at;
    }
    if (seen != 1u << kJoiner) words_.emplace_back(word, static_cast<size_t>(at - word));
  }
}

void WordBreaker::split_unicode(std::string_view token) {
  const std::string& found = unicode_->words_of(token);
  std::memcpy(at_, found.data(), found.size());
  for (size_t begin = 0; begin < found.size();) {
    const size_t end = found.find('\0', begin);
    words_.emplace_back(at_ + begin, end - begin);
    begin = end + 1;
  }
  at_ += found.size();
}

}  // namespace rec
