// Checksums of the blocks of a file's data, so that a run can verify what it uses and nothing else (rec-formats(5)).
// Immutable but for the notes of what was verified; thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rec {

class BlockChecksums {
 public:
  static constexpr size_t kBytes = size_t{1} << 20;  // of a block; the last one may have fewer

  // What a header says of data that lie in these parts, one after the other.
  static std::string text_of(const std::vector<std::string_view>& parts);

  // Of `data` by what text_of() gave; nothing if `text` is no such text for so many bytes. `name`: of the file.
  static std::unique_ptr<const BlockChecksums> parse(std::string_view text, std::string_view data,
                                                     const std::string& name);

  // Throws Error "NAME: damaged: ..." unless the blocks that hold `part`, a part of the data, have their checksums.
  // Each block is read once, whoever asks.
  void verify(std::string_view part, int threads) const;
  // Whether `part` lies within the data.
  bool covers(std::string_view part) const {
    return part.data() >= data_.data() && part.data() + part.size() <= data_.data() + data_.size();
  }

 private:
  BlockChecksums() = default;
  void verify_block(size_t block) const;

  std::string name_;
  std::string_view data_;
  std::vector<uint64_t> sums_;                          // of each block
  mutable std::unique_ptr<std::atomic<bool>[]> known_;  // whether it was verified
};

}  // namespace rec
