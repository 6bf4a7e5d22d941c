#include "io/byte_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/error.h"
#include "base/parallel_for.h"
#include "io/decompressor.h"

namespace rec {
namespace {

constexpr size_t kRawBytes = size_t{1} << 18;
constexpr size_t kPartBytes = size_t{1} << 20;  // of a file, for a thread to read

// What `bytes`, the first of a file, begin or may begin: all four of them decide.
Compression compression_of(std::string_view bytes) {
  const auto matches = [bytes](std::string_view magic) { return magic.starts_with(bytes.substr(0, magic.size())); };
  if (bytes.empty()) return Compression::kNone;
  if (matches("\x1f\x8b\x08")) return Compression::kGzip;
  if (matches("\x28\xb5\x2f\xfd")) return Compression::kZstd;
  // A skippable frame, with which pzstd and seekable files begin.
  const bool skippable = (static_cast<unsigned char>(bytes[0]) & 0xf0) == 0x50;
  if (skippable && std::string_view("\x2a\x4d\x18").starts_with(bytes.substr(1))) return Compression::kZstd;
  return Compression::kNone;
}

}  // namespace

ByteSource::ByteSource(const std::string& path) : name_(input_name(path)), fd_(open_input(path)) {
  struct stat status {};
  const off_t at = ::lseek(fd_.get(), 0, SEEK_CUR);
  if (::fstat(fd_.get(), &status) == 0 && S_ISREG(status.st_mode) && at >= 0 && at < status.st_size)
    file_size_ = static_cast<uint64_t>(status.st_size - at);
}

ByteSource::ByteSource(ByteSource&&) noexcept = default;
ByteSource& ByteSource::operator=(ByteSource&&) noexcept = default;
ByteSource::~ByteSource() = default;

size_t ByteSource::read_file(char* to, size_t room) {
  while (!ended_) {
    const ssize_t got = ::read(fd_.get(), to, room);
    if (got >= 0) {
      ended_ = got == 0;
      file_bytes_ += static_cast<uint64_t>(got);
      return static_cast<size_t>(got);
    }
    if (errno != EINTR) fail_errno(name_);
  }
  return 0;
}

// Of a regular file, from where it stands: as read_file(), by all threads.
size_t ByteSource::read_parts(char* to, size_t room) {
  const off_t start = ::lseek(fd_.get(), 0, SEEK_CUR);
  if (start < 0) fail_errno(name_);
  const size_t parts = (room + kPartBytes - 1) / kPartBytes;
  std::vector<size_t> got(parts, 0);
  parallel_for(parts, threads_, [&](size_t part, int) {
    const size_t begin = part * kPartBytes;
    const size_t end = std::min(room, begin + kPartBytes);
    while (begin + got[part] < end) {
      const size_t at = begin + got[part];
      const ssize_t more = ::pread(fd_.get(), to + at, end - at, start + static_cast<off_t>(at));
      if (more < 0 && errno == EINTR) continue;
      if (more < 0) fail_errno(name_);
      if (more == 0) return;
      got[part] += static_cast<size_t>(more);
    }
  });
  size_t total = 0;
  for (size_t part = 0; part < parts && total == part * kPartBytes; ++part) total += got[part];
  if (::lseek(fd_.get(), start + static_cast<off_t>(total), SEEK_SET) < 0) fail_errno(name_);
  file_bytes_ += total;
  return total;
}

void ByteSource::look_at_first_bytes() {
  started_ = true;
  // A pipe may give a byte at a time; no more is waited for than it takes to tell.
  while (n_first_ < sizeof first_) {
    const size_t got = read_file(first_ + n_first_, sizeof first_ - n_first_);
    n_first_ += got;
    compression_ = compression_of({first_, n_first_});
    if (got == 0 || compression_ == Compression::kNone) break;
  }
  const size_t magic = compression_ == Compression::kGzip ? 3 : 4;
  if (n_first_ < magic) compression_ = Compression::kNone;
  if (compression_ == Compression::kNone) return;
  decompressor_ = compression_ == Compression::kGzip ? make_gzip_decompressor(name_) : make_zstd_decompressor(name_);
  raw_ = std::make_unique<char[]>(kRawBytes);
  std::memcpy(raw_.get(), first_, n_first_);
  raw_begin_ = raw_.get();
  raw_end_ = raw_begin_ + n_first_;
}

size_t ByteSource::decompress(char* to, size_t room) {
  for (;;) {
    if (const size_t made = decompressor_->decompress(raw_begin_, raw_end_, to, room); made > 0) return made;
    if (raw_begin_ < raw_end_) continue;
    const size_t got = read_file(raw_.get(), kRawBytes);
    if (got == 0) {
      if (decompressor_->complete()) return 0;
      const bool gzip = compression_ == Compression::kGzip;
      fail("{}: the {} data end too early, after {} bytes: the file is truncated; see {} -t", name_,
           gzip ? "gzip" : "Zstandard", file_bytes_, gzip ? "gzip" : "zstd");
    }
    raw_begin_ = raw_.get();
    raw_end_ = raw_begin_ + got;
  }
}

std::string_view ByteSource::peek(size_t count) {
  while (ahead_.size() < count) {
    const size_t known = ahead_.size();
    ahead_.resize(count);
    const size_t got = read_next(ahead_.data() + known, count - known);
    ahead_.resize(known + got);
    if (got == 0) break;
  }
  return ahead_;
}

size_t ByteSource::read(char* to, size_t room) {
  if (ahead_.empty()) return read_next(to, room);
  const size_t count = ahead_.copy(to, room);
  ahead_.erase(0, count);
  return count;
}

size_t ByteSource::read_next(char* to, size_t room) {
  if (!started_) look_at_first_bytes();
  if (decompressor_) return decompress(to, room);
  const size_t kept = std::min(n_first_, room);
  if (kept == 0) {
    const uint64_t left = bytes_left();
    const size_t known = std::min<uint64_t>(room, left);
    return threads_ > 1 && known >= 2 * kPartBytes ? read_parts(to, known) : read_file(to, room);
  }
  std::memcpy(to, first_, kept);
  std::memmove(first_, first_ + kept, n_first_ - kept);
  n_first_ -= kept;
  return kept;
}

}  // namespace rec
