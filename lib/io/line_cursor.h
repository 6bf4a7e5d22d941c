// Walks over the lines of a text and splits them at TABs, without copies: one
// pass of vector compares finds TABs and LFs together, some windows ahead. For one thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace rec {

// A line and its fields, dead when the text is.
struct Line {
  std::string_view text;                 // without LF, and without a CR before it
  std::vector<std::string_view> fields;  // the first `width` of them
  size_t n_fields = 0;                   // all of them, at least 1
};

class LineCursor {
 public:
  // text: whole lines, each ended by LF; REQUIRES kTextPadding readable bytes
  // behind it. Fields beyond the first `width` are counted, not kept.
  LineCursor(std::string_view text, size_t width) : at_(text.data()), end_(at_ + text.size()), width_(width) {
    if (at_ < end_) {
      window_ = at_;
      find_delimiters();
      delimiters_ = ahead_[next_++];
    }
  }

  // Sets `line` to the next line; false at the end of the text.
  bool next(Line& line) {
    if (at_ >= end_) return false;
    const char* begin = at_;
    const char* field = at_;
    line.fields.resize(width_);
    size_t count = 0;
    for (;;) {
      while (delimiters_ == 0) {
        window_ += kWindow;
        if (next_ == kAhead) find_delimiters();
        delimiters_ = ahead_[next_++];
      }
      const char* stop = window_ + __builtin_ctzll(delimiters_);
      delimiters_ &= delimiters_ - 1;
      if (*stop == '\t') {
        if (count < width_) line.fields[count] = {field, static_cast<size_t>(stop - field)};
        ++count;
        field = stop + 1;
        continue;
      }
      at_ = stop + 1;
      const char* last = stop > begin && stop[-1] == '\r' ? stop - 1 : stop;
      if (count < width_) line.fields[count] = {field, static_cast<size_t>(last - field)};
      line.n_fields = count + 1;
      line.text = {begin, static_cast<size_t>(last - begin)};
      return true;
    }
  }

 private:
  static constexpr size_t kWindow = 64;  // bytes
  static constexpr size_t kAhead = 8;    // windows that one call looks through

  // Fills ahead_ for the windows from window_ on, up to the end of the text.
  void find_delimiters();

  const char* at_;
  const char* end_;
  const char* window_ = nullptr;
  uint64_t delimiters_ = 0;  // of window_, what is left of them
  uint64_t ahead_[kAhead];   // one bit for each of a window's bytes: is it a TAB or an LF?
  size_t next_ = kAhead;     // of ahead_, for the window behind window_
  size_t width_;
};

}  // namespace rec
