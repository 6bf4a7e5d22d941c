#include "io/input.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace rec {

Input::Input(const std::string& path, size_t chunk_bytes)
    : name_(input_name(path)), fd_(open_input(path)), chunk_bytes_(chunk_bytes) {}

size_t Input::read_some(size_t want) {
  // The buffer grows with what is there, not with what is asked for: a small
  // input costs no large chunk.
  const size_t step = std::min(want, std::max(kChunkBytes, filled_));
  if (buffer_.size() < filled_ + step + kTextPadding) buffer_.resize(filled_ + step + kTextPadding);
  want = std::min(want, buffer_.size() - filled_ - kTextPadding);
  for (;;) {
    const ssize_t got = ::read(fd_.get(), buffer_.data() + filled_, want);
    if (got >= 0) {
      filled_ += static_cast<size_t>(got);
      bytes_read_ += static_cast<uint64_t>(got);
      return static_cast<size_t>(got);
    }
    if (errno != EINTR) fail_errno(name_);
  }
}

bool Input::next() {
  lines_before_ += static_cast<uint64_t>(std::count(buffer_.data() + begin_, buffer_.data() + end_, '\n'));
  if (end_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + end_, filled_ - end_);
    filled_ -= end_;
  }
  begin_ = end_ = 0;
  const size_t kept = filled_;
  size_t searched = kept;
  while (!at_end_) {
    const size_t target = kept + chunk_bytes_;
    const size_t want = filled_ < target ? target - filled_ : std::max(chunk_bytes_, filled_);
    if (read_some(want) == 0) {
      at_end_ = true;
      if (filled_ > 0 && buffer_[filled_ - 1] != '\n') {
        buffer_.resize(std::max(buffer_.size(), filled_ + 1 + kTextPadding));
        buffer_[filled_++] = '\n';
      }
      end_ = filled_;
      return end_ > 0;
    }
    if (filled_ < target) continue;
    const void* last = ::memrchr(buffer_.data() + searched, '\n', filled_ - searched);
    if (last != nullptr) {
      end_ = static_cast<size_t>(static_cast<const char*>(last) - buffer_.data()) + 1;
      return true;
    }
    searched = filled_;
  }
  end_ = filled_;
  return end_ > 0;
}

void Input::keep_from(const char* from) { end_ = static_cast<size_t>(from - buffer_.data()); }

uint64_t Input::line_of(const char* where) const {
  return lines_before_ + 1 + static_cast<uint64_t>(std::count(buffer_.data() + begin_, where, '\n'));
}

std::vector<std::string_view> split_lines(std::string_view text, size_t pieces) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  for (size_t piece = 1; piece <= pieces && begin < text.size(); ++piece) {
    size_t end = text.size();
    if (piece < pieces) {
      const size_t aim = std::max(begin, text.size() / pieces * piece);
      const size_t newline = text.find('\n', aim);
      end = newline == std::string_view::npos ? text.size() : newline + 1;
    }
    parts.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return parts;
}

}  // namespace rec
