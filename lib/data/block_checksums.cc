#include "data/block_checksums.h"

#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/parallel_for.h"

namespace rec {
namespace {

constexpr std::string_view kBegin = "xxh3-64/1048576:";
constexpr size_t kDigits = 16;

size_t blocks_of(size_t bytes) { return (bytes + BlockChecksums::kBytes - 1) / BlockChecksums::kBytes; }

}  // namespace

std::string BlockChecksums::text_of(const std::vector<std::string_view>& parts) {
  std::string text(kBegin);
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  size_t filled = 0;
  const auto end_block = [&] {
    text += fmt::format("{}{:016x}", text.size() > kBegin.size() ? "," : "", XXH3_64bits_digest(&state));
    XXH3_64bits_reset(&state);
    filled = 0;
  };
  for (std::string_view part : parts) {
    while (!part.empty()) {
      const size_t take = std::min(part.size(), kBytes - filled);
      XXH3_64bits_update(&state, part.data(), take);
      part.remove_prefix(take);
      filled += take;
      if (filled == kBytes) end_block();
    }
  }
  if (filled > 0) end_block();
  return text;
}

std::unique_ptr<const BlockChecksums> BlockChecksums::parse(std::string_view text, std::string_view data,
                                                            const std::string& name) {
  if (!text.starts_with(kBegin)) return nullptr;
  text.remove_prefix(kBegin.size());
  const size_t blocks = blocks_of(data.size());
  if (text.size() != (blocks == 0 ? 0 : blocks * (kDigits + 1) - 1)) return nullptr;
  std::unique_ptr<BlockChecksums> all(new BlockChecksums);
  all->name_ = name;
  all->data_ = data;
  all->sums_.resize(blocks);
  all->known_ = std::make_unique<std::atomic<bool>[]>(blocks);
  for (size_t block = 0; block < blocks; ++block) {
    const char* digits = text.data() + block * (kDigits + 1);
    const auto [end, error] = std::from_chars(digits, digits + kDigits, all->sums_[block], 16);
    if (error != std::errc() || end != digits + kDigits || (block + 1 < blocks && *end != ',')) return nullptr;
  }
  return all;
}

void BlockChecksums::verify_block(size_t block) const {
  if (known_[block].load(std::memory_order_relaxed)) return;
  const std::string_view bytes = data_.substr(block * kBytes, kBytes);
  if (XXH3_64bits(bytes.data(), bytes.size()) != sums_[block])
    fail("{}: damaged: the checksum of block {} of {} of the data does not match", name_, block + 1, sums_.size());
  known_[block].store(true, std::memory_order_relaxed);
}

void BlockChecksums::verify(std::string_view part, int threads) const {
  if (part.empty()) return;
  const size_t begin = static_cast<size_t>(part.data() - data_.data());
  const size_t first = begin / kBytes;
  const size_t count = (begin + part.size() - 1) / kBytes - first + 1;
  if (count == 1) return verify_block(first);
  // Threads take runs of blocks: neighbours in the file are read one after the other.
  constexpr size_t kRun = 8;
  parallel_for((count + kRun - 1) / kRun, threads, [&](size_t run, int) {
    for (size_t at = run * kRun; at < std::min(count, (run + 1) * kRun); ++at) verify_block(first + at);
  });
}

}  // namespace rec
