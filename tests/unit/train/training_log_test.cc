#include "train/training_log.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "io/byte_source.h"
#include "temp_folder.h"

namespace rec::training_log_test {
namespace {

TEST_CASE("a log can be read while it grows") {
  const TempFolder folder;
  const std::string path = folder.file("log.tsv", "what stood there\n");
  TrainingLog log(path, "ndcg@10", false, Sync::kNo);
  const std::string header = "epoch\tseconds\tobjective\tndcg@10\n";
  CHECK(folder.read("log.tsv") == header);
  log.write(1, "1\t0.1\t2\t0.5\n");
  CHECK(folder.read("log.tsv") == header + "1\t0.1\t2\t0.5\n");
  log.write(2, "2\t0.1\t1\t0.6\n");
  CHECK(folder.read("log.tsv") == header + "1\t0.1\t2\t0.5\n2\t0.1\t1\t0.6\n");
  log.finish();
  CHECK(folder.read("log.tsv") == header + "1\t0.1\t2\t0.5\n2\t0.1\t1\t0.6\n");
}

TEST_CASE("a run that goes on keeps the lines up to its first epoch") {
  const TempFolder folder;
  const std::string header = "epoch\tseconds\tobjective\n";
  // Epoch 3 was logged and not in the checkpoint; a line was cut off by a kill.
  const std::string path = folder.file("log.tsv", header + "1\t0.1\t3\n2\t0.1\t2\n3\t0.1\t1.5\n4\t0.");
  {
    TrainingLog log(path, "", true, Sync::kNo);
    CHECK(folder.read("log.tsv") == header + "1\t0.1\t3\n2\t0.1\t2\n3\t0.1\t1.5\n4\t0.");
    log.write(3, "3\t0.2\t1.5\n");
    log.finish();
  }
  CHECK(folder.read("log.tsv") == header + "1\t0.1\t3\n2\t0.1\t2\n3\t0.2\t1.5\n");
  SUBCASE("also where no epoch is left") {
    TrainingLog log(path, "", true, Sync::kNo);
    log.finish();
    CHECK(folder.read("log.tsv") == header + "1\t0.1\t3\n2\t0.1\t2\n3\t0.2\t1.5\n");
  }
  SUBCASE("not those of other columns") {
    TrainingLog log(path, "auc", true, Sync::kNo);
    CHECK(folder.read("log.tsv") == "epoch\tseconds\tobjective\tauc\n");
  }
  SUBCASE("none where it begins anew") {
    TrainingLog log(path, "", false, Sync::kNo);
    CHECK(folder.read("log.tsv") == header);
  }
}

TEST_CASE("a compressed log is kept, too, and one of CSV") {
  const TempFolder folder;
  std::string name, whole = "epoch\tseconds\tobjective\n1\t0.1\t3\n2\t0.1\t3\n";
  SUBCASE("compressed") { name = "log.tsv.gz"; }
  SUBCASE("CSV") { name = "log.csv"; }
  SUBCASE("compressed CSV") { name = "log.csv.gz"; }
  if (name != "log.tsv.gz") std::replace(whole.begin(), whole.end(), '\t', ',');
  const std::string path = folder.path(name);
  for (const int first : {1, 2}) {
    TrainingLog log(path, "", first == 2, Sync::kNo);
    log.write(first, fmt::format("{}\t0.1\t3\n", first));
    log.finish();
  }
  ByteSource source(path);
  std::string text;
  char block[1000];
  while (const size_t n = source.read(block, sizeof block)) text.append(block, n);
  CHECK(text == whole);
}

}  // namespace
}  // namespace rec::training_log_test
