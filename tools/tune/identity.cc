#include "tune/identity.h"

#include <algorithm>
#include <span>

#include "data/digest.h"
#include "io/byte_source.h"

namespace rec {
namespace {

constexpr size_t kDigits = 8;  // of a digest in the leaderboard

std::string short_text(const Digest& digest) { return digest.text().substr(0, kDigits); }

// Of a compressed file what it holds.
void add_file(const std::string& path, Digest& digest) {
  ByteSource source(path);
  std::string bytes(size_t{1} << 20, '\0');
  while (const size_t size = source.read(bytes.data(), bytes.size()))
    digest.add(std::span<const char>(bytes.data(), size));
}

std::string digest_of_files(const std::vector<std::string>& paths) {
  Digest digest;
  for (const std::string& path : paths) add_file(path, digest);
  return short_text(digest);
}

void add_text(const std::string& text, Digest& digest) { digest.add(std::span<const char>(text.data(), text.size())); }

// A rate that falls over all epochs depends on how many there are: such a run cannot go on for longer.
bool can_go_on(const Words& words) {
  return std::none_of(words.begin(), words.end(),
                      [](const std::string& word) { return word.starts_with("--schedule"); });
}

}  // namespace

SearchIdentity identity_of(const TuneOptions& options, const std::vector<SearchSpace>& spaces,
                           const std::vector<std::string>& files) {
  Digest search;
  for (const SearchSpace& space : spaces) {
    add_text(space.space.text(), search);
    add_text(space.first ? shell_line(*space.first) : "", search);
  }
  add_text(options.metric, search);
  add_text(shell_line(options.table_words), search);
  const uint64_t numbers[] = {options.search.seed, options.search.halving};
  search.add(std::span<const uint64_t>(numbers));
  for (const std::string& file : files) add_file(file, search);
  return {digest_of_files(options.inputs), digest_of_files({options.valid}), short_text(search)};
}

std::string checkpoint_name(const SearchIdentity& identity, const std::string& model, const Words& words) {
  if (!can_go_on(words)) return "";
  Digest digest;
  add_text(identity.text(), digest);
  add_text(model, digest);
  add_text(shell_line(with_epochs(words, 1)), digest);
  return digest.text();
}

}  // namespace rec
