#include "io/input.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/parallel_for.h"

namespace rec {
namespace {

uint64_t line_ends(std::string_view text, int threads) {
  constexpr size_t kPart = size_t{1} << 20;
  std::vector<uint64_t> ends((text.size() + kPart - 1) / kPart);
  parallel_for(ends.size(), threads, [&](size_t part, int) {
    const std::string_view its = text.substr(part * kPart, kPart);
    ends[part] = static_cast<uint64_t>(std::count(its.begin(), its.end(), '\n'));
  });
  return std::accumulate(ends.begin(), ends.end(), uint64_t{0});
}

}  // namespace

Input::Input(ByteSource source, size_t chunk_bytes, Fields fields, const std::string& delimiter)
    : source_(std::move(source)), chunk_bytes_(chunk_bytes), fields_(fields) {
  if (fields_ == Fields::kCsv) csv_.emplace(source_.name(), delimiter);
}

void Input::reserve(size_t bytes) {
  if (capacity_ >= bytes) return;
  char* larger = static_cast<char*>(std::realloc(buffer_.get(), bytes));
  if (larger == nullptr) throw std::bad_alloc();
  static_cast<void>(buffer_.release());
  buffer_.reset(larger);
  capacity_ = bytes;
}

size_t Input::read_some(size_t want) {
  // A large chunk of a short input must not cost a large buffer.
  want = std::min<size_t>(want, std::max<uint64_t>({kChunkBytes, filled_, source_.bytes_left()}));
  reserve(filled_ + want + 1 + CsvConverter::kRoom + kTextPadding);
  for (;;) {
    const size_t got = source_.read(buffer_.get() + filled_, want);
    const size_t kept = fields_ == Fields::kTabs ? got : rewrite(buffer_.get() + filled_, got);
    if (kept == 0 && got > 0) continue;
    lines_read_ += line_ends({buffer_.get() + filled_, kept}, source_.threads());
    filled_ += kept;
    return kept;
  }
}

// Bytes from the file as the lines of a table; `size` 0 is the end of the file.
size_t Input::rewrite(char* text, size_t size) {
  if (csv_) return size == 0 ? csv_->finish(text) : csv_->convert(text, size);
  const bool line_start = filled_ == 0 || text[-1] == '\n';
  return drop_comments(text, blanks_.squeeze(text, size, line_start));
}

size_t Input::drop_comments(char* text, size_t size) {
  const char* from = text;
  const char* const end = text + size;
  char* to = text;
  while (from < end) {
    const char* newline = static_cast<const char*>(std::memchr(from, '\n', static_cast<size_t>(end - from)));
    const char* stop = newline == nullptr ? end : newline + 1;
    if (line_start_) {
      while (from < stop && *from == '\r') ++from;  // all that is left of an empty line
      if (from == stop) continue;
      in_comment_ = *from == '#' || *from == '\n';
    }
    line_start_ = newline != nullptr;
    if (in_comment_) {
      if (line_start_) dropped_.push_back(kept_lines_);
    } else {
      std::memmove(to, from, static_cast<size_t>(stop - from));
      to += stop - from;
      kept_lines_ += line_start_ ? 1 : 0;
    }
    in_comment_ = in_comment_ && !line_start_;
    from = stop;
  }
  return static_cast<size_t>(to - text);
}

bool Input::next() {
  if (end_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + end_, filled_ - end_);
    filled_ -= end_;
    lines_before_ = lines_read_ - line_ends({buffer_.get(), filled_}, 1);
  }
  begin_ = end_ = 0;
  const size_t target = filled_ + chunk_bytes_;
  size_t searched = filled_;
  while (!at_end_) {
    if (read_some(filled_ < target ? target - filled_ : std::max(chunk_bytes_, filled_)) == 0) {
      at_end_ = true;
      if (filled_ > 0 && buffer_.get()[filled_ - 1] != '\n') {
        buffer_.get()[filled_++] = '\n';
        ++lines_read_;
      }
      break;
    }
    if (filled_ < target && !as_it_comes_) continue;
    const void* last = ::memrchr(buffer_.get() + searched, '\n', filled_ - searched);
    if (last != nullptr) {
      end_ = static_cast<size_t>(static_cast<const char*>(last) - buffer_.get()) + 1;
      return true;
    }
    if (source_.is_compressed() && filled_ > kMostLine)
      fail("{}: a line of more than {} bytes in compressed data", name(), kMostLine);
    searched = filled_;
  }
  end_ = filled_;
  return end_ > 0;
}

void Input::keep_from(const char* from) { end_ = static_cast<size_t>(from - buffer_.get()); }

uint64_t Input::line_of_kept(uint64_t kept) const {
  const std::vector<uint64_t>& dropped = csv_ ? csv_->joined_lines() : dropped_;
  return kept + static_cast<uint64_t>(std::upper_bound(dropped.begin(), dropped.end(), kept - 1) - dropped.begin());
}

const CsvConverter::Problem* Input::csv_problem(uint64_t line) const {
  return csv_ && csv_->problem() && csv_->problem()->line == line ? &*csv_->problem() : nullptr;
}

uint64_t Input::kept_line_of(const char* where) const {
  return lines_before_ + 1 + static_cast<uint64_t>(std::count(text().data(), where, '\n'));
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
