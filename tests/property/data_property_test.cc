// Random tables against slow references: groups, interactions, matrices, splits.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

#include "base/error.h"
#include "data/groups.h"
#include "data/interactions_tsv.h"
#include "data/split_tsv.h"
#include "temp_folder.h"

namespace rec::data_property_test {

namespace {

using Random = std::mt19937_64;

size_t below(Random& random, size_t n) { return static_cast<size_t>(random() % n); }

struct Row {
  std::string user;
  std::string item;
  int value = 0;
  int time = 0;
  std::string line() const { return user + "\t" + item + "\t" + std::to_string(value) + "\t" + std::to_string(time); }
};

std::vector<Row> random_rows(Random& random, size_t most, size_t users = 8, size_t items = 8, size_t times = 12) {
  std::vector<Row> rows(below(random, most));
  for (Row& row : rows) {
    row.user = std::string(below(random, 3), 'u') + std::to_string(below(random, users));
    row.item = "i" + std::to_string(below(random, items));
    row.value = static_cast<int>(below(random, 5)) + 1;
    row.time = static_cast<int>(below(random, times));
  }
  return rows;
}

std::string text_of(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) text += row.line() + "\n";
  return text;
}

}  // namespace

TEST_CASE("groups: the same ones grouped, shuffled, by 1, 2 and 3 threads, with lines to skip") {
  const TempFolder folder;
  Random random(1);
  const TableSpec spec = interactions_spec();
  for (int round = 0; round < 150; ++round) {
    const bool large = round % 50 == 49;  // several batches
    std::vector<Row> rows = random_rows(random, large ? 400000 : 80, large ? 5000 : 8);
    const bool grouped = below(random, 2) == 0;
    if (grouped) std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.user < b.user; });
    const bool with_bad = below(random, 2) == 0;
    static const char* const kBad[] = {"", "x", "\t\t\t", "u1\ti\t3", "x\ti\tnan\t4\t5", "\ti\t1\t1", "\r"};
    std::string text = "user\titem\tvalue\ttimestamp\n";
    size_t bad = 0;
    std::vector<std::pair<std::string, std::string>> expected;  // user, lines; by first appearance
    std::map<std::string, size_t> place;
    for (const Row& row : rows) {
      if (with_bad && below(random, 4) == 0) {
        text += std::string(kBad[below(random, std::size(kBad))]) + "\n";
        ++bad;
      }
      text += row.line() + (below(random, 5) == 0 ? "\r\n" : "\n");
      const auto [found, fresh] = place.emplace(row.user, expected.size());
      if (fresh) expected.emplace_back(row.user, "");
      expected[found->second].second += row.line() + "\n";
    }
    if (!rows.empty() && below(random, 2) == 0) text.pop_back();
    const std::string path = folder.file("t", text);
    const ReadOptions options{"", with_bad ? BadLines::kSkip : BadLines::kFail, {}};
    bool comes_back = false;
    std::string last;
    std::set<std::string> seen;
    for (const Row& row : rows) {
      if (row.user != last && !seen.insert(row.user).second) comes_back = true;
      last = row.user;
    }
    for (const Grouping grouping : {Grouping::kAuto, Grouping::kGrouped, Grouping::kUngrouped}) {
      for (const int threads : {1, 2, 3}) {
        CAPTURE(round);
        CAPTURE(threads);
        CAPTURE(static_cast<int>(grouping));
        std::vector<std::pair<std::string, std::string>> groups;
        auto read = [&] {
          GroupReader reader(path, spec, options, grouping);
          while (reader.next(threads)) {
            std::vector<std::vector<std::pair<std::string, std::string>>> pieces(reader.pieces());
            reader.for_each_group(threads, [&](size_t piece, const Group& group) {
              std::string lines;
              for (const std::string_view line : group.lines) lines += std::string(line) + "\n";
              pieces[piece].emplace_back(group.user, lines);
            });
            for (const auto& piece : pieces) groups.insert(groups.end(), piece.begin(), piece.end());
          }
          REQUIRE(reader.bad_lines() == bad);
        };
        if (grouping == Grouping::kGrouped && comes_back) {
          REQUIRE(error_of<Error>(read).find("comes back after other users") != std::string::npos);
        } else {
          read();
          REQUIRE((groups == expected));
        }
      }
    }
  }
}

TEST_CASE("read_interactions: ids, values and order as in the file, on any number of threads") {
  const TempFolder folder;
  Random random(2);
  for (int round = 0; round < 100; ++round) {
    const std::vector<Row> rows = random_rows(random, round % 50 == 49 ? 300000 : 100, 50, 50);
    const std::string path = folder.file("t", text_of(rows));
    std::set<std::string> users;
    for (const Row& row : rows) users.insert(row.user);
    for (const int threads : {1, 2, 3}) {
      const LoadedInteractions loaded = read_interactions(path, {}, {.value = true, .timestamp = true}, threads, true);
      const Interactions& data = loaded.data;
      bool same = data.size() == rows.size() && data.users.size() == users.size();
      size_t number = 0;
      for (const auto& user : users) same = same && data.users[static_cast<uint32_t>(number++)] == user;
      for (size_t row = 0; same && row < rows.size(); ++row) {
        same = data.users[data.user[row]] == rows[row].user && data.items[data.item[row]] == rows[row].item &&
               data.value[row] == static_cast<float>(rows[row].value) && data.timestamp[row] == rows[row].time;
      }
      std::string lines;
      for (const auto& part : loaded.lines) lines += part;
      REQUIRE(same);
      REQUIRE((lines == text_of(rows)));
    }
  }
}

TEST_CASE("csr_by_user and transpose against a map") {
  const TempFolder folder;
  Random random(3);
  for (int round = 0; round < 300; ++round) {
    const std::vector<Row> rows = random_rows(random, 100);
    const Interactions data =
        read_interactions(folder.file("t", text_of(rows)), {}, {.value = true, .timestamp = true}, 1).data;
    std::map<std::pair<uint32_t, uint32_t>, float> expected;
    for (size_t row = 0; row < rows.size(); ++row) {
      expected[{data.user[row], data.item[row]}] += static_cast<float>(rows[row].value);
    }
    auto as_map = [](const Csr& csr, bool swapped) {
      std::map<std::pair<uint32_t, uint32_t>, float> entries;
      for (uint32_t r = 0; r < csr.rows(); ++r) {
        for (uint64_t at = csr.begin[r]; at < csr.begin[r + 1]; ++at) {
          entries[swapped ? std::pair(csr.index[at], r) : std::pair(r, csr.index[at])] = csr.weight[at];
        }
      }
      return entries;
    };
    const Csr csr = csr_by_user(data, data.value);
    REQUIRE(csr.entries() == expected.size());
    REQUIRE((as_map(csr, false) == expected));
    REQUIRE((as_map(transpose(csr, data.items.size()), true) == expected));
  }
}

namespace {

// The slow twin of run_split: rows in, parts out ('t', 'v', 'T', '-').
struct Naive {
  std::vector<Row> rows;
  std::string part;

  explicit Naive(std::vector<Row> all) : rows(std::move(all)), part(rows.size(), 't') {}

  size_t count(bool by_user, const std::string& id) const {
    size_t n = 0;
    for (size_t r = 0; r < rows.size(); ++r) n += part[r] != '-' && (by_user ? rows[r].user : rows[r].item) == id;
    return n;
  }
  void min_value(int least) {
    for (size_t r = 0; r < rows.size(); ++r) {
      if (rows[r].value < least) part[r] = '-';
    }
  }
  void duplicates(DuplicateRows policy) {
    for (size_t r = 0; r < rows.size(); ++r) {
      for (size_t s = 0; s < rows.size(); ++s) {  // does s displace r?
        if (s == r || part[r] == '-' || part[s] == '-' || rows[s].user != rows[r].user || rows[s].item != rows[r].item)
          continue;
        const bool earlier = rows[s].time != rows[r].time ? rows[s].time < rows[r].time : s < r;
        const bool larger = rows[s].value != rows[r].value ? rows[s].value > rows[r].value : s < r;
        if (policy == DuplicateRows::kFirst && earlier) part[r] = '-';
        if (policy == DuplicateRows::kLast && !earlier) part[r] = '-';
        if (policy == DuplicateRows::kMax && larger) part[r] = '-';
      }
    }
  }
  void core(size_t user_rows, size_t item_rows) {
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t r = 0; r < rows.size(); ++r) {
        if (part[r] == '-' || (count(true, rows[r].user) >= user_rows && count(false, rows[r].item) >= item_rows))
          continue;
        part[r] = '-';
        changed = true;
      }
    }
  }
  // How many rows (of the same user, or of all) come at or after row r in time.
  size_t place_from_end(size_t r, bool same_user) const {
    size_t place = 0;
    for (size_t s = 0; s < rows.size(); ++s) {
      if (part[s] == '-' || (same_user && rows[s].user != rows[r].user)) continue;
      place += rows[s].time != rows[r].time ? rows[s].time > rows[r].time : s >= r;
    }
    return place;
  }
  void by_user(SplitMethod method, double test_share, double valid_share, size_t leave, bool valid) {
    std::string out = part;
    for (size_t r = 0; r < rows.size(); ++r) {
      if (part[r] == '-') continue;
      const size_t n = count(true, rows[r].user);
      const size_t place = place_from_end(r, true);
      size_t test = leave;
      size_t held = valid ? leave : 0;
      if (method == SplitMethod::kUserTime) {
        test = static_cast<size_t>(std::floor(test_share * static_cast<double>(n) + 0.5));
        held = valid ? static_cast<size_t>(std::floor(valid_share * static_cast<double>(n) + 0.5)) : 0;
      } else if (n < 1 + test + held) {
        continue;
      }
      if (place == n) continue;  // the first row
      out[r] = place <= test ? 'T' : place <= test + held ? 'v' : 't';
    }
    part = out;
  }
  void by_time(double test_share, double valid_share) {
    const auto n = static_cast<double>(std::count_if(part.begin(), part.end(), [](char p) { return p != '-'; }));
    auto cut = [&](double share) {  // the earliest time among so many rows from the end
      double from = INFINITY;
      for (size_t r = 0; r < rows.size(); ++r) {
        if (part[r] != '-' && static_cast<double>(place_from_end(r, false)) <= std::floor(share * n + 0.5)) {
          from = std::min(from, static_cast<double>(rows[r].time));
        }
      }
      return from;
    };
    const double test_from = cut(test_share);
    const double valid_from = valid_share > 0 ? cut(test_share + valid_share) : INFINITY;
    for (size_t r = 0; r < rows.size(); ++r) {
      if (part[r] != '-') part[r] = rows[r].time >= test_from ? 'T' : rows[r].time >= valid_from ? 'v' : 't';
    }
  }
  void drop_cold() {
    const std::string before = part;
    for (size_t r = 0; r < rows.size(); ++r) {
      if (before[r] != 'v' && before[r] != 'T') continue;
      bool user = false;
      bool item = false;
      for (size_t s = 0; s < rows.size(); ++s) {
        user = user || (before[s] == 't' && rows[s].user == rows[r].user);
        item = item || (before[s] == 't' && rows[s].item == rows[r].item);
      }
      if (!user || !item) part[r] = '-';
    }
  }
  std::string text(char which) const {
    std::string out;
    for (size_t r = 0; r < rows.size(); ++r) {
      if (part[r] == which) out += rows[r].line() + "\n";
    }
    return out;
  }
};

}  // namespace

TEST_CASE("run_split against its slow twin, on any number of threads") {
  const TempFolder folder;
  Random random(5);
  for (int round = 0; round < 200; ++round) {
    const std::vector<Row> rows = random_rows(random, 60, 5, 6);
    SplitOptions options;
    options.input = folder.file("all", text_of(rows));
    const bool valid = below(random, 2) == 0;
    options.files = {folder.path("train"), valid ? folder.path("valid") : "", folder.path("test")};
    options.allow_empty = true;
    const SplitMethod methods[] = {SplitMethod::kTime, SplitMethod::kUserTime, SplitMethod::kLeaveOneOut,
                                   SplitMethod::kLeaveKOut};
    options.method = methods[below(random, 4)];
    Naive naive(rows);
    if (below(random, 3) == 0) {
      options.min_value = 2;
      naive.min_value(2);
    }
    const DuplicateRows policies[] = {DuplicateRows::kKeep, DuplicateRows::kFirst, DuplicateRows::kLast,
                                      DuplicateRows::kMax};
    options.duplicates = policies[below(random, 4)];
    naive.duplicates(options.duplicates);
    if (below(random, 2) == 0) {
      options.min_per_user = below(random, 5);
      options.min_per_item = below(random, 5);
      naive.core(*options.min_per_user, *options.min_per_item);
    }
    const double test_share = 0.05 * static_cast<double>(1 + below(random, 9));
    const double valid_share = valid ? 0.05 * static_cast<double>(1 + below(random, 9)) : 0;
    if (*options.method == SplitMethod::kTime || *options.method == SplitMethod::kUserTime) {
      options.test_fraction = test_share;
      if (valid) options.valid_fraction = valid_share;
    }
    size_t leave = 1;
    if (*options.method == SplitMethod::kLeaveKOut) options.leave = leave = 1 + below(random, 3);
    if (*options.method == SplitMethod::kTime) {
      naive.by_time(test_share, valid_share);
    } else {
      naive.by_user(*options.method, test_share, valid_share, leave, valid);
    }
    options.drop_cold = below(random, 2) == 0;
    if (options.drop_cold) naive.drop_cold();
    check_split_options(options);
    for (const int threads : {1, 2, 3}) {
      CAPTURE(round);
      options.threads = threads;
      run_split(options);
      REQUIRE(folder.read("train") == naive.text('t'));
      REQUIRE(folder.read("test") == naive.text('T'));
      if (valid) REQUIRE(folder.read("valid") == naive.text('v'));
    }
  }
}

namespace {

// The parts of a table after run_split, by the number of the row: 't', 'v', 'T', '-'.
// Rows carry their number in a column of their own.
struct Numbered {
  std::vector<Row> rows;
  std::string text(const std::vector<size_t>& order) const {
    std::string out = "user\titem\tvalue\ttimestamp\tnumber\n";
    for (const size_t r : order) out += rows[r].line() + "\t" + std::to_string(r) + "\n";
    return out;
  }
  void mark(const std::string& table, char part, std::string& parts) const {
    for (size_t at = table.find('\n') + 1; at < table.size();) {
      const size_t end = table.find('\n', at);
      const size_t tab = table.rfind('\t', end);
      char& its = parts[std::stoul(table.substr(tab + 1, end - tab - 1))];
      REQUIRE(its == '-');
      its = part;
      at = end + 1;
    }
  }
};

struct SplitRun {
  const TempFolder& folder;
  SplitOptions options;
  Numbered table;

  // The parts of split `number` (0: the only one) for the rows in `order`.
  std::vector<std::string> parts(const std::vector<size_t>& order, size_t splits) {
    const std::string end = splits > 0 ? "%d" : "";
    options.input = folder.file("all", table.text(order));
    options.files = {folder.path("train" + end), options.files[1].empty() ? "" : folder.path("valid" + end),
                     folder.path("test" + end)};
    options.allow_empty = true;
    check_split_options(options);
    const size_t done = run_split(options).splits.size();
    REQUIRE(done == std::max<size_t>(splits, 1));
    std::vector<std::string> all;
    for (size_t number = 1; number <= done; ++number) {
      const std::string its = splits > 0 ? std::to_string(number) : "";
      std::string& parts = all.emplace_back(table.rows.size(), '-');
      table.mark(folder.read("train" + its), 't', parts);
      table.mark(folder.read("test" + its), 'T', parts);
      if (!options.files[1].empty()) table.mark(folder.read("valid" + its), 'v', parts);
    }
    return all;
  }
};

std::vector<size_t> shuffled(Random& random, size_t n) {
  std::vector<size_t> order(n);
  for (size_t at = 0; at < n; ++at) order[at] = at;
  std::shuffle(order.begin(), order.end(), random);
  return order;
}

// Which session of the user row r is in, from 0: the gaps among the times before its own.
size_t session_of(const std::vector<Row>& rows, size_t r, int gap) {
  std::set<int> times;
  for (const Row& row : rows) {
    if (row.user == rows[r].user && row.time <= rows[r].time) times.insert(row.time);
  }
  size_t session = 0;
  int before = *times.begin();
  for (const int time : times) {
    session += time - before > gap;
    before = time;
  }
  return session;
}

}  // namespace

TEST_CASE("folds: each row is test once, pairs or users whole, equal sizes, in any order of the rows") {
  const TempFolder folder;
  Random random(61);
  for (int round = 0; round < 60; ++round) {
    SplitRun run{folder, {}, {random_rows(random, 80, 7, 9)}};
    const auto& rows = run.table.rows;
    const size_t folds = 3 + below(random, 3);
    const bool users = below(random, 2) == 0;
    run.options.method = SplitMethod::kFolds;
    run.options.folds = folds;
    run.options.folds_of = users ? FoldUnit::kUsers : FoldUnit::kPairs;
    run.options.seed = 1 + below(random, 5);
    if (below(random, 2) == 0) run.options.files[1] = "valid";
    run.options.threads = 1 + static_cast<int>(below(random, 3));
    const auto parts = run.parts(shuffled(random, rows.size()), folds);
    REQUIRE((run.parts(shuffled(random, rows.size()), folds) == parts));
    std::map<std::string, size_t> fold_of;  // of each pair or user
    for (size_t r = 0; r < rows.size(); ++r) {
      const std::string unit = users ? rows[r].user : rows[r].user + "\t" + rows[r].item;
      size_t tests = 0;
      for (size_t fold = 0; fold < folds; ++fold) {
        if (parts[fold][r] != 'T') continue;
        ++tests;
        REQUIRE(fold_of.emplace(unit, fold).first->second == fold);
      }
      REQUIRE(tests == 1);
      for (size_t fold = 0; fold < folds; ++fold) {
        const bool next = !run.options.files[1].empty() && fold_of[unit] == (fold + 1) % folds;
        REQUIRE(parts[fold][r] == (fold_of[unit] == fold ? 'T' : next ? 'v' : 't'));
      }
    }
    std::vector<size_t> sizes(folds, 0);
    for (const auto& [unit, fold] : fold_of) ++sizes[fold];
    REQUIRE(*std::max_element(sizes.begin(), sizes.end()) - *std::min_element(sizes.begin(), sizes.end()) <= 1);
  }
}

TEST_CASE("user-random: so many of a user's items, one in train, in any order of the rows") {
  const TempFolder folder;
  Random random(62);
  for (int round = 0; round < 60; ++round) {
    SplitRun run{folder, {}, {random_rows(random, 80, 7, 9)}};
    const auto& rows = run.table.rows;
    const double share = 0.1 * static_cast<double>(1 + below(random, 6));
    run.options.method = SplitMethod::kUserRandom;
    run.options.test_fraction = share;
    const bool valid = below(random, 2) == 0;
    if (valid) run.options.files[1] = "valid";
    if (valid) run.options.valid_fraction = 0.2;
    const auto parts = run.parts(shuffled(random, rows.size()), 0);
    REQUIRE((run.parts(shuffled(random, rows.size()), 0) == parts));
    std::map<std::string, std::map<std::string, char>> items;
    for (size_t r = 0; r < rows.size(); ++r)
      REQUIRE(items[rows[r].user].emplace(rows[r].item, parts[0][r]).first->second == parts[0][r]);
    for (const auto& [user, its] : items) {
      std::map<char, size_t> counts;
      for (const auto& [item, part] : its) ++counts[part];
      const auto n = static_cast<double>(its.size());
      const auto test = std::min(static_cast<size_t>(std::floor(share * n + 0.5)), its.size() - 1);
      const auto held = valid ? std::min(static_cast<size_t>(std::floor(0.2 * n + 0.5)), its.size() - 1 - test) : 0;
      REQUIRE(counts['T'] == test);
      REQUIRE(counts['v'] == held);
      REQUIRE(counts['t'] >= 1);
    }
  }
}

TEST_CASE("windows, with and without sessions, against a slow twin") {
  const TempFolder folder;
  Random random(63);
  for (int round = 0; round < 120; ++round) {
    SplitRun run{folder, {}, {random_rows(random, 60, 5, 6, 40)}};
    const auto& rows = run.table.rows;
    if (rows.empty()) continue;
    const int length = 1 + static_cast<int>(below(random, 9));
    const int gap = static_cast<int>(below(random, 6));
    const bool sessions = below(random, 2) == 0;
    const bool valid = below(random, 2) == 0;
    int newest = 0;
    for (const Row& row : rows) newest = std::max(newest, row.time);
    size_t count = 1 + below(random, 4);
    int first = newest + 1 - length * static_cast<int>(count);
    run.options.method = SplitMethod::kWindows;
    run.options.window = length;
    if (below(random, 2) == 0) {
      first = static_cast<int>(below(random, static_cast<size_t>(newest + 1)));
      count = static_cast<size_t>((newest - first) / length + 1);
      run.options.test_from = first;
    } else {
      run.options.windows = count;
    }
    if (valid) run.options.files[1] = "valid";
    if (sessions) run.options.session_gap = gap;
    const auto parts = run.parts(shuffled(random, rows.size()), count);
    for (size_t r = 0; r < rows.size(); ++r) {
      int time = rows[r].time;  // of the last row of the session
      for (size_t s = 0; sessions && s < rows.size(); ++s) {
        if (rows[s].user == rows[r].user && session_of(rows, s, gap) == session_of(rows, r, gap))
          time = std::max(time, rows[s].time);
      }
      for (size_t window = 0; window < count; ++window) {
        const int from = first + length * static_cast<int>(window);
        const char expected = time >= from + length            ? '-'
                              : time >= from                   ? 'T'
                              : valid && time >= from - length ? 'v'
                                                               : 't';
        REQUIRE(parts[window][r] == expected);
      }
    }
  }
}

TEST_CASE("baskets, sessions and repeated pairs against a slow twin, in any order of the rows") {
  const TempFolder folder;
  Random random(64);
  for (int round = 0; round < 120; ++round) {
    SplitRun run{folder, {}, {random_rows(random, 60, 4, 6, 12)}};
    const auto& rows = run.table.rows;
    const bool baskets = below(random, 2) == 0;
    const int gap = baskets ? 0 : static_cast<int>(below(random, 4));
    const size_t leave = 1 + below(random, 2);
    const bool valid = below(random, 2) == 0;
    const bool drop = below(random, 2) == 0;
    run.options.method = SplitMethod::kLeaveKOut;
    run.options.leave = leave;
    run.options.baskets = baskets;
    if (!baskets) run.options.session_gap = gap;
    if (valid) run.options.files[1] = "valid";
    run.options.drop_repeated = drop;
    const auto parts = run.parts(shuffled(random, rows.size()), 0);
    std::string expected(rows.size(), 't');
    for (size_t r = 0; r < rows.size(); ++r) {
      size_t sessions = 0;
      for (size_t s = 0; s < rows.size(); ++s) {
        if (rows[s].user == rows[r].user) sessions = std::max(sessions, session_of(rows, s, gap) + 1);
      }
      if (sessions < 1 + leave * (valid ? 2 : 1)) continue;
      const size_t from_end = sessions - session_of(rows, r, gap);
      expected[r] = from_end <= leave ? 'T' : valid && from_end <= 2 * leave ? 'v' : 't';
    }
    const std::string before = expected;
    for (size_t r = 0; r < rows.size() && drop; ++r) {
      for (size_t s = 0; s < rows.size(); ++s) {
        if (before[r] != 't' && before[s] == 't' && rows[s].user == rows[r].user && rows[s].item == rows[r].item)
          expected[r] = '-';
      }
    }
    REQUIRE(parts[0] == expected);
  }
}

}  // namespace rec::data_property_test
