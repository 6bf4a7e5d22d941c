// Makes the tables that benchmarks run on, the same bytes for the same seed:
//   generate interactions   user item value [timestamp], item popularity by Zipf
//   generate scored         user item score, grouped by user
//   generate ranked         user item score rank, the same rows sorted by score
//   generate truth          user item: for each user, half from `scored`
// Ids look like those of public rating sets: users 1..U, items sparse numbers.
#include <fmt/compile.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "base/number.h"
#include "cli/run_main.h"
#include "io/output.h"

namespace rec {
namespace {

struct Options {
  std::string what;
  uint32_t users = 136677;
  uint32_t items = 20108;
  uint64_t rows = 10000000;
  uint32_t per_user = 100;  // rows a user in scored and ranked
  uint32_t truth = 10;      // rows a user in truth
  double exponent = 0.8;    // an item of popularity rank r is drawn like 1 / (r + 10)^exponent
  uint32_t tastes = 0;      // kinds of items, two of which a user likes; 0: items are drawn alike for all
  uint64_t seed = 1;
  bool timestamps = false;
  bool shuffled = false;
  bool header = false;
  std::string output = "-";
};

// SplitMix64 (Steele, Lea, Flood 2014).
class Rng {
 public:
  explicit Rng(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(((next() >> 32) * n) >> 32); }
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
  uint64_t state_;
};

// Draws from fixed weights in constant time (Walker's alias method).
class Alias {
 public:
  explicit Alias(std::vector<double> weight) : limit_(weight.size()), other_(weight.size()) {
    const auto n = static_cast<uint32_t>(weight.size());
    const double mean = std::accumulate(weight.begin(), weight.end(), 0.0) / n;
    std::vector<uint32_t> small, large;
    for (uint32_t i = 0; i < n; ++i) {
      weight[i] /= mean;
      (weight[i] < 1 ? small : large).push_back(i);
    }
    while (!small.empty() && !large.empty()) {
      const uint32_t low = small.back(), high = large.back();
      small.pop_back();
      limit_[low] = weight[low];
      other_[low] = high;
      weight[high] -= 1 - weight[low];
      if (weight[high] < 1) {
        large.pop_back();
        small.push_back(high);
      }
    }
    for (const uint32_t i : small) limit_[i] = 1;
    for (const uint32_t i : large) limit_[i] = 1;
  }
  uint32_t draw(Rng& rng) const {
    const uint32_t i = rng.below(static_cast<uint32_t>(limit_.size()));
    return rng.uniform() < limit_[i] ? i : other_[i];
  }

 private:
  std::vector<double> limit_;
  std::vector<uint32_t> other_;
};

// Item ids: distinct numbers, about six times sparser than they need be.
std::vector<uint32_t> sparse_ids(uint32_t count, Rng& rng) {
  std::vector<uint32_t> ids(count);
  uint32_t last = 0;
  for (uint32_t& id : ids) id = last += 1 + rng.below(11);
  for (uint32_t i = count; i > 1; --i) std::swap(ids[i - 1], ids[rng.below(i)]);
  return ids;
}

class Rows {
 public:
  explicit Rows(Output& out) : out_(out) {}
  ~Rows() = default;
  void integer(uint64_t value) { at_ = std::to_chars(at_, end(), value).ptr; }
  void number(float value) { at_ = fmt::format_to(at_, FMT_COMPILE("{}"), value); }
  void put(char byte) { *at_++ = byte; }
  void end_line() {
    put('\n');
    if (at_ > text_ + sizeof text_ - kMostLine) flush();
  }
  void flush() {
    out_.write({text_, static_cast<size_t>(at_ - text_)});
    at_ = text_;
  }

 private:
  static constexpr size_t kMostLine = 128;
  char* end() { return text_ + sizeof text_; }
  Output& out_;
  char text_[1 << 16];
  char* at_ = text_;
};

// Users' row counts: log-normal, at least 5 where the total allows, summing to `rows`.
std::vector<uint32_t> activity(const Options& options, Rng& rng) {
  std::vector<double> share(options.users);
  for (double& s : share) {
    const double normal = std::sqrt(-2 * std::log(1 - rng.uniform())) * std::cos(6.283185307179586 * rng.uniform());
    s = std::exp(1.1 * normal);
  }
  const double total = std::accumulate(share.begin(), share.end(), 0.0);
  const uint32_t most = options.items / 2;
  const auto least = static_cast<uint32_t>(std::min<uint64_t>(5, options.rows / options.users));
  std::vector<uint32_t> count(options.users);
  uint64_t sum = 0;
  for (uint32_t user = 0; user < options.users; ++user) {
    const double mean = share[user] / total * static_cast<double>(options.rows);
    count[user] = std::clamp(static_cast<uint32_t>(mean), least, most);
    sum += count[user];
  }
  for (uint32_t user = 0; sum != options.rows; user = (user + 1) % options.users) {  // settle the rest, one each
    if (sum < options.rows && count[user] < most) {
      ++count[user];
      ++sum;
    } else if (sum > options.rows && count[user] > least) {
      --count[user];
      --sum;
    }
  }
  return count;
}

void interactions(const Options& options, Output& out) {
  Rng rng(options.seed);
  const std::vector<uint32_t> ids = sparse_ids(options.items, rng);
  std::vector<double> weight(options.items);
  for (uint32_t rank = 0; rank < options.items; ++rank) weight[rank] = std::pow(rank + 10.0, -options.exponent);
  // Item `rank` is of kind rank % tastes.
  std::vector<Alias> of_taste;
  for (uint32_t taste = 0; taste < options.tastes; ++taste) {
    std::vector<double> its;
    for (uint32_t rank = taste; rank < options.items; rank += options.tastes) its.push_back(weight[rank]);
    of_taste.emplace_back(std::move(its));
  }
  const Alias popularity(std::move(weight));
  const std::vector<uint32_t> count = activity(options, rng);

  struct Row {
    uint32_t user, item;
  };
  std::vector<Row> rows;
  rows.reserve(options.rows);
  std::vector<uint32_t> last_user(options.items, UINT32_MAX);  // no pair comes twice
  for (uint32_t user = 0; user < options.users; ++user) {
    const size_t begin = rows.size();
    uint32_t likes[2] = {};
    if (options.tastes > 0) {
      for (uint32_t& taste : likes) taste = rng.below(options.tastes);
    }
    bool again = false;  // the last draw had come before: a user may have all of a kind
    for (uint32_t n = 0; n < count[user];) {
      uint32_t item;
      if (options.tastes > 0 && !again && rng.uniform() < 0.75) {
        const uint32_t taste = likes[rng.below(2)];
        item = taste + options.tastes * of_taste[taste].draw(rng);
      } else {
        item = popularity.draw(rng);
      }
      again = last_user[item] == user;
      if (again) continue;
      last_user[item] = user;
      rows.push_back({user, ids[item]});
      ++n;
    }
    std::sort(rows.begin() + static_cast<std::ptrdiff_t>(begin), rows.end(),
              [](const Row& a, const Row& b) { return a.item < b.item; });
  }
  if (options.shuffled) {
    for (size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[rng.below(static_cast<uint32_t>(i))]);
  }
  if (options.header) out.write(options.timestamps ? "user\titem\tvalue\ttimestamp\n" : "user\titem\tvalue\n");
  Rows text(out);
  for (const Row& row : rows) {
    const uint64_t bits = rng.next();
    text.integer(row.user + 1);
    text.put('\t');
    text.integer(row.item);
    text.put('\t');
    const uint32_t halves = 1 + static_cast<uint32_t>(((bits & 0xffff) * 10) >> 16);  // 0.5 … 5.0
    text.integer(halves / 2);
    text.put('.');
    text.put(halves % 2 == 1 ? '5' : '0');
    if (options.timestamps) {
      text.put('\t');
      text.integer(820000000 + (bits >> 32) % 610000000);
    }
    text.end_line();
  }
  text.flush();
}

// scored, ranked and truth draw a user's candidates from a generator of its own,
// so that they agree.
void candidates(const Options& options, Output& out) {
  Rng rng(options.seed);
  const std::vector<uint32_t> ids = sparse_ids(options.items, rng);
  const bool ranked = options.what == "ranked";
  const bool truth = options.what == "truth";
  if (options.header) out.write(truth ? "user\titem\n" : ranked ? "user\titem\tscore\trank\n" : "user\titem\tscore\n");
  struct Candidate {
    uint32_t item;
    float score;
  };
  std::vector<Candidate> list;
  std::vector<uint32_t> last_user(options.items, UINT32_MAX);
  Rows text(out);
  for (uint32_t user = 0; user < options.users; ++user) {
    Rng own(options.seed * 0x2545f4914f6cdd1du + user);
    list.clear();
    while (list.size() < options.per_user) {
      const uint32_t item = own.below(options.items);
      if (last_user[item] == user) continue;
      last_user[item] = user;
      list.push_back({ids[item], static_cast<float>(own.uniform())});
    }
    if (ranked) {
      std::sort(list.begin(), list.end(), [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
    }
    if (truth) {
      for (uint32_t n = 0; n < options.truth;) {
        uint32_t item;
        if (n < options.truth / 2 && n < list.size()) {
          item = list[n].item;  // in no order of score
        } else {
          const uint32_t drawn = own.below(options.items);
          if (last_user[drawn] == user) continue;
          last_user[drawn] = user;
          item = ids[drawn];
        }
        text.integer(user + 1);
        text.put('\t');
        text.integer(item);
        text.end_line();
        ++n;
      }
      continue;
    }
    for (size_t n = 0; n < list.size(); ++n) {
      text.integer(user + 1);
      text.put('\t');
      text.integer(list[n].item);
      text.put('\t');
      text.number(list[n].score);
      if (ranked) {
        text.put('\t');
        text.integer(n + 1);
      }
      text.end_line();
    }
  }
  text.flush();
}

int run(const Options& options) {
  if (options.what == "interactions") {
    if (options.rows > uint64_t{options.users} * (options.items / 2)) fail_usage("--rows: more than half of all pairs");
  } else if (options.per_user + options.truth > options.items) {
    fail_usage("--per-user and --truth: more than there are items");
  }
  Output out(options.output);
  options.what == "interactions" ? interactions(options, out) : candidates(options, out);
  out.finish();
  return kExitDone;
}

void declare(Command& command) {
  auto options = std::make_shared<Options>();
  OptionTable& table = command.options();
  table.add("WHAT", options->what, "", "interactions, scored, ranked or truth").required();
  table.add("--users", options->users, "N", "Users").at_least(1);
  table.add("--items", options->items, "N", "Items").at_least(1);
  table.add("--rows", options->rows, "N", "Rows of interactions").at_least(1);
  table.add("--per-user", options->per_user, "N", "Rows a user of scored and ranked");
  table.add("--truth", options->truth, "N", "Rows a user of truth");
  table.add("--exponent", options->exponent, "E", "Of the items' popularity");
  table.add("--tastes", options->tastes, "N", "Kinds of items, two of which a user likes (interactions)");
  table.add("--seed", options->seed, "N", "Seed");
  table.flag("--timestamps", options->timestamps, "Interactions with a timestamp column");
  table.flag("--shuffled", options->shuffled, "Interactions in random order, not by user");
  table.flag("--header", options->header, "Write a header line");
  table.add("-o,--output", options->output, "FILE", "File to write");
  command.on_run([options] { return run(*options); });
}

}  // namespace
}  // namespace rec

int main(int argc, char** argv) {
  return rec::run_main({"generate", "Makes the tables that benchmarks run on", rec::declare}, argc, argv);
}
