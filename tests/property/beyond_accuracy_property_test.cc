// Metrics beyond accuracy and segments, by whole runs on random tables, against
// slow twins that hold every list; and the same values on every number of threads.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "eval/evaluate.h"
#include "temp_folder.h"

namespace rec::beyond_accuracy_property_test {

namespace {

using Lists = std::map<std::string, std::vector<std::string>>;
using Sets = std::map<std::string, std::set<std::string>>;

struct World {
  Lists lists;  // in order
  Sets truth;
  Sets train;                                                  // by user
  std::map<std::string, std::map<std::string, int>> features;  // by item
  std::map<std::string, std::string> user_segments;            // "a|b"
  std::map<std::string, std::string> item_segments;
};

std::string join(const std::map<std::string, std::set<std::string>>& sets) {
  std::string text;
  for (const auto& [user, items] : sets) {
    for (const std::string& item : items) text += user + '\t' + item + '\n';
  }
  return text;
}

World random_world(std::mt19937_64& random) {
  const auto below = [&](size_t bound) { return static_cast<size_t>(random() % bound); };
  World world;
  const size_t users = 2 + below(25);
  const size_t items = 6 + below(25);
  const auto item = [&] { return "i" + std::to_string(below(items)); };
  const std::vector<std::string> segments = {"", "x", "y", "x|z", "y|x"};
  for (size_t at = 0; at < users; ++at) {
    const std::string user = "u" + std::to_string(at);
    if (below(8) > 0) {
      std::set<std::string> listed;
      for (size_t place = below(12) + 1; place > 0; --place) {
        const std::string next = item();
        if (listed.insert(next).second) world.lists[user].push_back(next);
      }
    }
    if (below(6) > 0 || at == 0) {
      for (size_t n = 1 + below(5); n > 0; --n) world.truth[user].insert(item());
    }
    if (below(5) > 0 || at == 0) {
      for (size_t n = 1 + below(9); n > 0; --n) world.train[user].insert(item());
    }
    world.user_segments[user] = segments[at == 0 ? 1 : below(segments.size())];
  }
  for (size_t at = 0; at < items; ++at) {
    const std::string name = "i" + std::to_string(at);
    for (size_t n = below(4); n > 0; --n)
      world.features[name]["f" + std::to_string(below(5))] = 1 + static_cast<int>(below(3));
    world.item_segments[name] = segments[1 + below(4)];
  }
  return world;
}

struct Twin {
  const World& world;
  std::map<std::string, size_t> popularity;
  std::vector<std::string> by_popularity;

  explicit Twin(const World& its_world) : world(its_world) {
    for (const auto& [user, items] : world.train) {
      for (const std::string& item : items) ++popularity[item];
    }
    std::set<std::string> all;
    for (const auto& [item, count] : popularity) all.insert(item);
    for (const auto& [item, values] : world.features) all.insert(item);
    by_popularity.assign(all.begin(), all.end());
    std::stable_sort(by_popularity.begin(), by_popularity.end(),
                     [this](const std::string& a, const std::string& b) { return count(a) > count(b); });
  }
  size_t count(const std::string& item) const { return popularity.count(item) > 0 ? popularity.at(item) : 0; }

  std::vector<std::string> list(const std::string& user, size_t k) const {
    std::vector<std::string> items = world.lists.count(user) > 0 ? world.lists.at(user) : std::vector<std::string>{};
    items.resize(std::min(items.size(), k));
    return items;
  }
  double mean_over(const std::vector<std::string>& items,
                   const std::function<double(const std::string&)>& value) const {
    double sum = 0.0;
    for (const std::string& item : items) sum += value(item);
    return items.empty() ? std::nan("") : sum / static_cast<double>(items.size());
  }
  double arp(const std::string& user, size_t k) const {
    return mean_over(list(user, k), [this](const std::string& item) { return static_cast<double>(count(item)); });
  }
  double novelty(const std::string& user, size_t k) const {
    return mean_over(list(user, k), [this](const std::string& item) {
      return -std::log2(static_cast<double>(std::max<size_t>(1, count(item))) /
                        static_cast<double>(world.train.size()));
    });
  }
  double lift(const std::string& user, size_t k) const {
    if (world.train.count(user) == 0) return std::nan("");
    const auto& history = world.train.at(user);
    const double before = mean_over({history.begin(), history.end()},
                                    [this](const std::string& item) { return static_cast<double>(count(item)); });
    return (arp(user, k) - before) / before;
  }
  double repeat(const std::string& user, size_t k) const {
    return mean_over(list(user, k), [&](const std::string& item) {
      return world.train.count(user) > 0 && world.train.at(user).count(item) > 0 ? 1.0 : 0.0;
    });
  }
  double serendipity(const std::string& user, size_t k) const {
    double found = 0.0;
    for (const std::string& item : list(user, k)) {
      const auto end = by_popularity.begin() + static_cast<ptrdiff_t>(std::min(k, by_popularity.size()));
      const bool popular = std::find(by_popularity.begin(), end, item) != end;
      found += world.truth.at(user).count(item) > 0 && !popular ? 1.0 : 0.0;
    }
    return found / static_cast<double>(k);
  }
  double diversity(const std::string& user, size_t k, bool cosine) const {
    const std::vector<std::string> items = list(user, k);
    double sum = 0.0;
    double pairs = 0.0;
    for (size_t a = 0; a < items.size(); ++a) {
      for (size_t b = 0; b < a; ++b) {
        if (world.features.count(items[a]) == 0 || world.features.count(items[b]) == 0) continue;
        const auto& first = world.features.at(items[a]);
        const auto& second = world.features.at(items[b]);
        double product = 0.0;
        double shared = 0.0;
        double size_first = 0.0;
        double size_second = 0.0;
        for (const auto& [name, value] : first) {
          size_first += value * value;
          if (second.count(name) == 0) continue;
          shared += 1.0;
          product += value * second.at(name);
        }
        for (const auto& [name, value] : second) size_second += value * value;
        const double either = static_cast<double>(first.size() + second.size()) - shared;
        sum += cosine ? 1.0 - product / std::sqrt(size_first * size_second) : 1.0 - shared / either;
        pairs += 1.0;
      }
    }
    return pairs == 0.0 ? std::nan("") : sum / pairs;
  }
  // The catalogue is the training items.
  std::vector<double> exposure(size_t k) const {
    std::map<std::string, double> listed;
    for (const auto& [item, users] : popularity) listed[item] = 0.0;
    for (const auto& [user, whole] : world.lists) {
      for (const std::string& item : list(user, k)) {
        if (listed.count(item) > 0) listed[item] += 1.0;
      }
    }
    std::vector<double> counts;
    for (const auto& [item, count] : listed) counts.push_back(count);
    return counts;
  }
};

void check_value(double ours, double twin) {
  if (std::isnan(twin)) {
    CHECK(std::isnan(ours));
  } else {
    CHECK(ours == doctest::Approx(twin).epsilon(1e-9));
  }
}

EvaluationOptions options_of(const World& world, const TempFolder& folder) {
  EvaluationOptions options;
  std::string ranking;
  for (const auto& [user, items] : world.lists) {
    for (size_t at = 0; at < items.size(); ++at)
      ranking += user + '\t' + items[at] + '\t' + std::to_string(99 - at) + '\n';
  }
  options.path = folder.file("ranking.tsv", ranking);
  options.truth = folder.file("truth.tsv", join(world.truth));
  return options;
}

std::map<std::string, double> rows_of(const std::vector<ReportRow>& rows) {
  std::map<std::string, double> values;
  for (const ReportRow& row : rows) values[row.name] = row.value;
  return values;
}

}  // namespace

TEST_CASE("metrics beyond accuracy equal their slow twins") {
  std::mt19937_64 random(21);
  for (int round = 0; round < 80; ++round) {
    CAPTURE(round);
    const World world = random_world(random);
    const Twin twin(world);
    const TempFolder folder;
    EvaluationOptions options = options_of(world, folder);
    std::string features;
    for (const auto& [item, values] : world.features) {
      for (const auto& [name, value] : values) features += item + '\t' + name + '\t' + std::to_string(value) + '\n';
    }
    options.train = folder.file("train.tsv", join(world.train) + join(world.train));
    options.features = folder.file("features.tsv", features.empty() ? "i0\tf0\t1\n" : features);
    options.metrics = {
        "novelty@4,arp@4,pop_lift@3,serendipity@5,diversity@4,diversity_cosine@6,coverage@3,gini@3,entropy@3,"
        "repeat@4,explore@3"};
    options.per_user = true;
    options.threads = 1 + round % 3;
    if (features.empty()) continue;
    const Evaluation evaluation = evaluate(options);
    for (size_t at = 0; at < evaluation.per_user.users.size(); ++at) {
      const std::string& user = evaluation.per_user.users[at];
      const double* value = evaluation.per_user.values.data() + at * 11;
      check_value(value[0], twin.novelty(user, 4));
      check_value(value[1], twin.arp(user, 4));
      check_value(value[2], twin.lift(user, 3));
      check_value(value[3], twin.serendipity(user, 5));
      check_value(value[4], twin.diversity(user, 4, false));
      check_value(value[5], twin.diversity(user, 6, true));
      check_value(value[9], twin.repeat(user, 4));
      check_value(value[10], 1.0 - twin.repeat(user, 3));
    }
    const std::vector<double> listed = twin.exposure(3);
    double sum = 0.0;
    double covered = 0.0;
    double differences = 0.0;
    for (const double a : listed) {
      sum += a;
      covered += a > 0.0 ? 1.0 : 0.0;
      for (const double b : listed) differences += std::fabs(a - b);
    }
    double bits = 0.0;
    for (const double a : listed) bits += a > 0.0 ? a / sum * std::log2(sum / a) : 0.0;
    const auto items = static_cast<double>(listed.size());
    const auto rows = rows_of(evaluation.rows);
    check_value(rows.at("coverage@3"), covered / items);
    check_value(rows.at("gini@3"), sum == 0.0 ? std::nan("") : differences / (2.0 * items * sum));
    check_value(rows.at("entropy@3"), sum == 0.0 ? std::nan("") : bits);
  }
}

TEST_CASE("a segment of users is the evaluation of these users; one of items, of these relevant items") {
  std::mt19937_64 random(22);
  const std::string metrics = "ndcg@5,map,precision@3";
  for (int round = 0; round < 80; ++round) {
    CAPTURE(round);
    const World world = random_world(random);
    const bool of_items = round % 2 == 1;
    const auto& segments = of_items ? world.item_segments : world.user_segments;
    const TempFolder folder;
    EvaluationOptions options = options_of(world, folder);
    options.metrics = {metrics};
    std::string table = of_items ? "item\tx\tkind\n" : "user\tx\tkind\n";
    for (const auto& [id, names] : segments) table += id + "\t0\t" + names + '\n';
    options.by = folder.file("segments.tsv", table) + ":kind";
    const Evaluation evaluation = evaluate(options);
    for (const SegmentRows& segment : evaluation.segments) {
      CAPTURE(segment.segment);
      World part = world;
      part.truth.clear();
      const auto inside = [&](const std::string& id) {
        const std::string& names = segments.at(id);
        return names.find(segment.segment) != std::string::npos;
      };
      for (const auto& [user, items] : world.truth) {
        for (const std::string& item : items) {
          if (inside(of_items ? item : user)) part.truth[user].insert(item);
        }
      }
      const TempFolder other;
      EvaluationOptions alone = options_of(part, other);
      alone.metrics = {metrics};
      // Without a list of any of its users the segment counts 0; as a truth of its own it is refused.
      if (!of_items && std::none_of(part.truth.begin(), part.truth.end(),
                                    [&](const auto& its) { return world.lists.contains(its.first); })) {
        for (const ReportRow& row : segment.rows) CHECK((row.is_count || row.value == 0.0));
        CHECK_THROWS_AS(evaluate(alone), Error);
        continue;
      }
      const auto expected = rows_of(evaluate(alone).rows);
      for (const ReportRow& row : segment.rows) check_value(row.value, expected.at(row.name));
    }
  }
}

}  // namespace rec::beyond_accuracy_property_test
