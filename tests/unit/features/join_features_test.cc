#include "features/join_features.h"

#include <doctest/doctest.h>

#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "base/error.h"
#include "unit/features/run_of.h"

namespace rec::join_features_test {

TEST_CASE("random tables joined are their rows, one after the other, for every number of threads") {
  const TempFolder folder;
  std::mt19937 random(8);
  for (int round = 0; round < 60; ++round) {
    JoinOptions options;
    options.prefixes = {"", "p."};
    options.weight = {{"k1", 0.5f}, {"p.k2", 0.0f}};
    options.duplicates = random() % 2 ? Duplicates::kFirst : Duplicates::kKeep;
    const bool lists = random() % 2;
    if (lists) options.allow = folder.path("ids");
    std::ofstream(folder.path("ids")) << "i0\ni2\ni4\ni6\nother\n";
    std::string expected;
    std::set<std::string> seen, ids_seen;
    uint64_t repeated = 0;
    const auto row = [&](const std::string& id, const std::string& kind, const std::string& category, double value) {
      const auto weight = options.weight.find(kind);
      if (weight != options.weight.end()) value *= static_cast<double>(weight->second);
      if (value == 0 || (lists && (id.back() - '0') % 2 != 0)) return;
      const bool is_new = seen.insert(id + " " + kind + "=" + category).second;
      repeated += !is_new;
      if (!is_new && options.duplicates == Duplicates::kFirst) return;
      std::ostringstream text;
      text << id << "\t" << kind << "=" << category << "\t" << value << "\n";
      expected += text.str();
    };
    std::ofstream one(folder.path("one")), two(folder.path("two"));
    for (size_t n = random() % 30; n > 0; --n) {
      const std::string id = "i" + std::to_string(random() % 8), category = std::to_string(random() % 3);
      const std::string kind = "k" + std::to_string(random() % 3);
      const double value = static_cast<double>(random() % 4) / 4;
      one << id << "\t" << kind << "=" << category << "\t" << value << "\n";
      ids_seen.insert(id);
      row(id, kind, category, value);
    }
    two << "k2\titem\tk3\n";
    for (size_t n = 1 + random() % 30; n > 0; --n) {
      const std::string id = "i" + std::to_string(random() % 8), category = std::to_string(random() % 3);
      two << category << "|x\t" << id << "\t" << category << "\n";
      ids_seen.insert(id);
      row(id, "p.k2", category, 1);
      row(id, "p.k2", "x", 1);
      row(id, "p.k3", category, 1);
    }
    one.close();
    two.close();
    for (const int threads : {1, 3}) {
      FeatureRun run;
      run.output = folder.path("out");
      run.threads = threads;
      run.sync = Sync::kNo;
      run.with_header = [](bool) { return false; };
      if (expected.empty()) {
        CHECK_THROWS_AS((void)join_features({folder.path("one"), folder.path("two")}, options, run, {}), Error);
        continue;
      }
      const JoinReport report = join_features({folder.path("one"), folder.path("two")}, options, run, {});
      REQUIRE(folder.read("out") == expected);
      CHECK(report.duplicates == repeated);
      uint64_t listed = 0;
      for (const char* id : {"i0", "i2", "i4", "i6"}) listed += ids_seen.contains(id);
      CHECK(report.without == (lists ? 5 - listed : 0));
    }
  }
}

}  // namespace rec::join_features_test
