#include "io/csv.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/error.h"
#include "io/compressor.h"

namespace rec {
namespace {

constexpr size_t kBlock = size_t{16} << 10;  // is read twice, the second time from the cache
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool ends_in(std::string_view name, std::string_view ending) {
  return name.size() >= ending.size() &&
         std::equal(ending.begin(), ending.end(), name.end() - static_cast<std::ptrdiff_t>(ending.size()),
                    [](char wanted, char byte) { return wanted == (byte >= 'A' && byte <= 'Z' ? byte + 32 : byte); });
}

// Without branches, for the vectoriser.
bool holds(const char* text, size_t size, char one, char other) {
  bool found = false;
  for (size_t at = 0; at < size; ++at) found |= (text[at] == one) | (text[at] == other);
  return found;
}

}  // namespace

std::optional<std::string> csv_delimiter(const std::string& path, const CsvOptions& options) {
  const std::string_view name = uncompressed_name(path);
  if (ends_in(name, ".tsv") || !(options.all || ends_in(name, ".csv"))) return std::nullopt;
  return options.delimiter.empty() ? "," : options.delimiter;
}

void check_delimiter(const std::string& delimiter) {
  if (delimiter == "::") return;
  if (delimiter.size() != 1 || delimiter.find_first_of("\"\r\n") != std::string::npos)
    fail_usage("--delimiter \"{}\": expected one byte, not a quote or a line end, or ::", printable(delimiter));
}

CsvConverter::CsvConverter(const std::string& name, const std::string& delimiter)
    : name_(name), delimiter_(delimiter.front()), pair_(delimiter == "::") {}

void CsvConverter::refuse(const char* text) {
  refused_ = true;
  if (problem_) return;
  problem_ = Problem{records_ + joined_.size() + 1, static_cast<int>(field_), text};
}

bool CsvConverter::is_surplus_needed() const { return refused_ && first_fields_ != 0 && field_ == first_fields_; }

void CsvConverter::end_record() {
  ++records_;
  if (first_fields_ == 0) first_fields_ = field_;
  joined_.insert(joined_.end(), joins_, records_);
  joins_ = 0;
  field_ = 1;
  refused_ = false;
  state_ = State::kFieldStart;
}

size_t CsvConverter::convert_plain_pairs(char* text, size_t size) {
  const char* from = text;
  const char* const end = text + size;
  char* to = text;
  while (from < end) {
    const void* const found = std::memchr(from, ':', static_cast<size_t>(end - from));
    const char* stop = found == nullptr ? end : static_cast<const char*>(found);
    std::memmove(to, from, static_cast<size_t>(stop - from));
    to += stop - from;
    from = stop;
    if (stop == end) break;
    if (stop + 1 == end) {
      half_ = true;
      break;
    }
    const bool both = stop[1] == ':';
    *to++ = both ? '\t' : ':';
    from += both ? 2 : 1;
  }
  return static_cast<size_t>(to - text);
}

// Converts a block that has neither a quote nor a TAB in a field, and no record that is refused; false: it is no
// such block.
bool CsvConverter::convert_plain(char* text, size_t size, size_t& made) {
  const bool outside = state_ == State::kFieldStart || state_ == State::kInField;
  if (!outside || refused_ || half_ || first_fields_ == 0) return false;
  if (holds(text, size, pair_ ? '\t' : '"', delimiter_ == '\t' ? '"' : '\t')) return false;
  if (pair_) {
    made = convert_plain_pairs(text, size);
  } else {
    for (size_t at = 0; at < size; ++at) text[at] = text[at] == delimiter_ ? '\t' : text[at];
    made = size;
  }
  if (made == 0) return true;
  const char* const end = text + made;
  records_ += static_cast<uint64_t>(std::count(static_cast<const char*>(text), end, '\n'));
  const void* const last = ::memrchr(text, '\n', made);
  if (last != nullptr) field_ = 1;
  field_ += static_cast<size_t>(
      std::count(last == nullptr ? static_cast<const char*>(text) : static_cast<const char*>(last), end, '\t'));
  state_ = end[-1] == '\n' || end[-1] == '\t' ? State::kFieldStart : State::kInField;
  return true;
}

size_t CsvConverter::convert(char* text, size_t size) {
  size_t from = 0;
  size_t to = 0;
  // Writes a byte; where it has no place, what is still to be read moves up.
  const auto put = [&](char byte) {
    if (to == from) {
      std::memmove(text + from + 1, text + from, size - from);
      ++from;
      ++size;
    }
    text[to++] = byte;
  };
  while (from < size) {
    size_t block = std::min(kBlock, size - from);
    size_t made = 0;
    if (convert_plain(text + from, block, made)) {
      if (to < from) std::memmove(text + to, text + from, made);
      from += block;
      to += made;
      continue;
    }
    for (; block > 0 && from < size; --block) {
      const char byte = text[from++];
      if (byte_order_ < kNoMark) {
        if (byte == kByteOrderMark[byte_order_]) {
          ++byte_order_;
          put(byte);
          continue;
        }
        byte_order_ = kNoMark;
      }
      switch (state_) {
        case State::kQuoted:
          if (++quoted_ > kMostQuoted) {
            fail("{}:{}: field {}: a quote opens here, and is still open {} bytes further on", name_,
                 records_ + joined_.size() + 1, field_, kMostQuoted);
          }
          if (byte == '"') {
            state_ = State::kQuoteInQuoted;
          } else if (byte == '\n' || byte == '\r') {
            refuse("a line end within quotes, which no table can hold; --bad-lines skip passes over such records");
            joins_ += byte == '\n';
          } else if (byte == '\t') {
            refuse("a TAB, which no id can hold; --bad-lines skip passes over such records");
          } else {
            put(byte);
          }
          continue;
        case State::kQuoteInQuoted:
          if (byte == '"') {
            put(byte);
            state_ = State::kQuoted;
            continue;
          }
          state_ = State::kBehindQuote;
          break;
        case State::kFieldStart:
          if (byte == '"' && !pair_) {
            state_ = State::kQuoted;
            quoted_ = 0;
            continue;
          }
          break;
        default:
          break;
      }
      if (pair_) {
        if (byte == ':' && !half_) {
          half_ = true;
          continue;
        }
        if (half_ && byte != ':') put(':');
      }
      const bool split = pair_ ? half_ && byte == ':' : byte == delimiter_;
      half_ = false;
      if (split) {
        put('\t');
        ++field_;
        state_ = State::kFieldStart;
      } else if (byte == '\n') {
        if (is_surplus_needed()) put('\t');
        put('\n');
        end_record();
      } else if (byte == '\t') {
        refuse("a TAB, which no id can hold; --bad-lines skip passes over such records");
      } else {
        if (state_ == State::kBehindQuote && byte != '\r')
          refuse("text behind the closing quote (RFC 4180: a quote within quotes is \"\")");
        if (state_ == State::kFieldStart) state_ = State::kInField;
        put(byte);
      }
    }
  }
  return to;
}

size_t CsvConverter::finish(char* text) {
  size_t size = 0;
  if (half_) text[size++] = ':';
  half_ = false;
  if (state_ == State::kQuoted) {
    const uint64_t line = records_ + joined_.size() + 1;
    refused_ = true;
    if (!problem_ || problem_->line == line)
      problem_ = Problem{line, static_cast<int>(field_), "a quote opens here and never closes"};
    text[size++] = '\t';  // so that there is a line, however little of it came before
    ++field_;
  }
  if (is_surplus_needed()) {
    text[size++] = '\t';
    ++field_;
  }
  if (state_ == State::kQuoteInQuoted && field_ == 1) text[size++] = '\n';  // "" alone is a record, too
  if (size > 0) end_record();
  return size;
}

}  // namespace rec
