// rec-model sum: adds statistics of parts of the users, and noise to the sum.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "base/error.h"
#include "cli/options.h"
#include "cli/run_main.h"
#include "data/artefact.h"
#include "data/digest.h"
#include "data/part_sums.h"
#include "model/sum.h"
#include "models/als/als_sums.h"
#include "privacy/item_statistics.h"
#include "privacy/privacy_options.h"
#include "train/private_als_parts.h"

namespace rec {
namespace {

struct SumOptions {
  CommonOptions common;
  std::vector<std::string> parts;
  PrivacyOptions privacy;
  bool delta_given = false;
};

// Tells sums apart.
std::string digest_of(const ItemStatistics& part) {
  Digest digest;
  digest.add(part.items);
  digest.add(std::span<const int64_t>(part.item_users));
  digest.add(std::span<const ItemStatistics::Pair>(part.pairs));
  digest.add(std::span<const int64_t>(part.triangle));
  return digest.text();
}

std::string digest_of(const AlsSums& part) {
  Digest digest;
  digest.add(part.items);
  digest.add(std::span<const int64_t>(part.systems.right));
  digest.add(std::span<const int64_t>(part.systems.gram));
  return digest.text();
}

void check_options(const SumOptions& options) {
  std::set<std::string> names;
  for (const std::string& part : options.parts) {
    if (!names.insert(part).second) fail_usage("{} is given twice", part == "-" ? "stdin (-)" : printable(part));
  }
}

// The sum with noise, added once.
ItemStatistics noisy(const ItemStatistics& sum, PrivacyOptions& privacy, const std::string& name, int threads,
                     const Report& report) {
  if (sum.is_noisy()) fail("{}: has noise already; rec-embed --statistics makes a model of it", name);
  if (!sum.max_per_user || sum.user_exponent != 0.5) {
    fail(
        "{}: noise needs parts of rec-embed ease --statistics-only --user-exponent 0.5 --items FILE: rows of unit "
        "norm, and a public list of items",
        name);
  }
  privacy.max_per_user = *sum.max_per_user;
  const GramNoise noise = noise_of_sums(privacy.multiplier(), std::min<size_t>(*sum.max_per_user, sum.items.size()));
  const std::string mechanism = sums_mechanism(noise);
  report.note(privacy.text(mechanism));
  if (privacy.seed)
    report.warning("--dp-seed: whoever knows the seed can take the noise away; the sums are not private");
  std::map<std::string, std::string> meta;
  privacy.write(meta, mechanism);
  meta.erase("max-per-user");  // stands there without noise, too
  meta.erase("dp-seed");       // a sum has several
  return with_noise(sum, noise, privacy.seed, std::move(meta), threads);
}

constexpr const char* kUncheckedPrivacy =
    "that no user is in two parts is not checked (no --user-hashes); who is has less privacy than is said";
constexpr const char* kPrivacyStays = "epsilon and delta stay, if all rows of a user are in one part";

// What is said of the parts that were added.
struct Parts {
  size_t count;
  bool is_checked;  // that no user is in two of them

  std::string text() const { return fmt::format("{} part{}", count, count == 1 ? "" : "s"); }
  const char* doubt() const {
    return is_checked ? "" : "; that no user is in two parts is not checked (no --user-hashes)";
  }
};

// Warns of sums that another part has, too.
class SameSums {
 public:
  explicit SameSums(const Report& report) : report_(report) {}
  void see(const std::string& digest, const std::string& name) {
    const auto [other, is_new] = seen_.emplace(digest, name);
    if (!is_new)
      report_.warning(fmt::format("{} and {} hold the same sums: is one part given twice?", other->second, name));
  }

 private:
  const Report& report_;
  std::map<std::string, std::string> seen_;
};

Artefact sum_of_items(SumOptions& options, Artefact first, const Report& report) {
  const int threads = options.common.jobs();
  const std::string first_name = input_name(options.parts.front());
  ItemStatistics sum;
  SameSums same(report);
  for (const std::string& file : options.parts) {
    const std::string name = input_name(file);
    ItemStatistics part = read_statistics(
        &file == &options.parts.front() ? std::exchange(first, {}) : read_artefact(file, threads), name);
    if (part.users > 0 || part.is_noisy()) same.see(digest_of(part), name);
    add_statistics(sum, std::move(part), first_name, name);
  }
  const Parts parts{options.parts.size(), sum.hashes.has_value() || options.parts.size() == 1};
  if (options.privacy.given()) {
    if (!parts.is_checked) report.note(kUncheckedPrivacy);
    sum = noisy(sum, options.privacy, first_name, threads, report);
  } else if (sum.is_noisy()) {
    report.note(
        fmt::format("{}: {} items, {} times noise; {}", parts.text(), sum.items.size(), sum.releases, kPrivacyStays));
  } else {
    report.note(fmt::format("{}: {} users, {} items, {} pairs of items{}", parts.text(), sum.users, sum.items.size(),
                            sum.pairs.size(), parts.doubt()));
  }
  return to_artefact(sum);
}

// The sum with noise, added once in an epoch.
void add_noise_to(AlsSums& sum, const SumOptions& options, const std::string& name, const Report& report) {
  const PrivacyOptions& privacy = options.privacy;
  if (sum.is_noisy()) fail("{}: has noise already; rec-embed als --statistics makes a model of it", name);
  const auto plan = private_als_plan(sum.options, name);
  if (!plan) fail("{}: noise needs parts of a private training, which rec-embed als --dp-start begins", name);
  check_noise_options(*plan, *privacy.epsilon, options.delta_given ? std::optional(privacy.delta) : std::nullopt, name);
  report.note(private_als_text(sum, *plan, name));
  if (privacy.seed)
    report.warning("--dp-seed: whoever knows the seed can take the noise away; the sums are not private");
  add_private_noise(sum, *plan, privacy.seed, name, options.common.jobs());
}

Artefact sum_of_als(const SumOptions& options, Artefact first, const Report& report) {
  const std::string first_name = input_name(options.parts.front());
  const int threads = options.common.jobs();
  AlsSums sum;
  SameSums same(report);
  for (const std::string& file : options.parts) {
    const bool is_first = &file == &options.parts.front();
    const std::string name = input_name(file);
    AlsSums part = read_als_sums(is_first ? std::exchange(first, {}) : read_artefact(file, threads), name);
    if (part.systems.users > 0 || part.is_noisy()) same.see(digest_of(part), name);
    if (is_first) {
      sum = std::move(part);
    } else {
      add_als_sums(sum, part, first_name, name);
    }
  }
  const Parts parts{options.parts.size(), sum.hashes.has_value() || options.parts.size() == 1};
  if (options.privacy.given()) {
    if (!parts.is_checked) report.note(kUncheckedPrivacy);
    add_noise_to(sum, options, first_name, report);
  } else if (sum.is_noisy()) {
    report.note(fmt::format("{}: {} items of {} factors, {} times noise; {}", parts.text(), sum.items.size(),
                            sum.systems.dim, sum.releases, kPrivacyStays));
  } else {
    report.note(fmt::format("{}: {} users, {} items of {} factors{}", parts.text(), sum.systems.users, sum.items.size(),
                            sum.systems.dim, parts.doubt()));
  }
  return to_artefact(std::move(sum));
}

int run_sum(SumOptions& options) {
  check_options(options);
  const int threads = options.common.jobs();
  const Report report("rec-model", options.common);
  report.reading(options.parts.front());
  Output out(options.common.output, options.common.sync);
  Artefact first = read_artefact(options.parts.front(), threads);
  const Artefact sum = kind_of_statistics(first) == kAlsStatistics ? sum_of_als(options, std::move(first), report)
                                                                   : sum_of_items(options, std::move(first), report);
  write_artefact(sum, encoding_for(options.common.output), out, threads);
  out.finish();
  report.finish();
  return kExitDone;
}

}  // namespace

void declare_sum(Command& tool) {
  const auto options = std::make_shared<SumOptions>();
  Command& command = tool.add_command("sum", "Add statistics of parts of the users, from rec-embed --statistics-only");
  OptionTable& table = command.options();
  table.add("FILE", options->parts, "", "Statistics, each of other users; - is stdin").reads_model().required();
  options->privacy.describe(table);
  table.remove("--items");  // those of the parts
  table.remove("--max-per-user");
  add_common_options(table, options->common);
  command.on_run([options, &command] {
    options->delta_given = command.options().given("--dp-delta");
    return run_sum(*options);
  });
}

}  // namespace rec
