#include "data/split_tsv.h"

#include <doctest/doctest.h>

#include <cmath>

#include "base/error.h"
#include "temp_folder.h"

namespace rec::split_tsv_test {

namespace {

SplitOptions options_in(const TempFolder& folder, const std::string& text,
                        SplitMethod method = SplitMethod::kLeaveOneOut) {
  SplitOptions options;
  options.input = folder.file("all", text);
  options.method = method;
  options.files = {folder.path("train"), "", folder.path("test")};
  return options;
}

std::string usage(const std::function<void(SplitOptions&)>& change) {
  SplitOptions options;
  options.method = SplitMethod::kTime;
  options.files = {"train", "", "test"};
  change(options);
  return error_of<UsageError>([&] { check_split_options(options); });
}

}  // namespace

TEST_CASE("rows keep their bytes and order, the header goes to each file") {
  const TempFolder folder;
  SplitOptions options = options_in(folder, "timestamp\titem\tnote\tuser\r\n3.0\tx\t?\ta\r\n1\ty\t\ta\n02\tz\t\xff\ta");
  options.files[1] = folder.path("valid");
  for (const int threads : {1, 2, 3}) {
    options.threads = threads;
    const SplitReport report = run_split(options);
    CHECK(folder.read("train") == "timestamp\titem\tnote\tuser\n1\ty\t\ta\n");
    CHECK(folder.read("valid") == "timestamp\titem\tnote\tuser\n02\tz\t\xff\ta\n");
    CHECK(folder.read("test") == "timestamp\titem\tnote\tuser\n3.0\tx\t?\ta\n");
    CHECK(report.all.rows == 3);
    CHECK(report.splits[0].parts[2].rows == 1);
  }
}

TEST_CASE("a mapped header is written with the names that the next tool knows") {
  const TempFolder folder;
  SplitOptions options = options_in(folder, "movie\twho\twhen\nx\ta\t1\ny\ta\t2\n");
  options.read.columns = "user=who,item=movie,timestamp=when";
  run_split(options);
  CHECK(folder.read("test") == "item\tuser\ttimestamp\ny\ta\t2\n");
}

TEST_CASE("what the table lacks for the method") {
  const TempFolder folder;
  auto error = [&](SplitOptions options) {
    const std::string what = error_of<Error>([&] { run_split(options); });
    CHECK(folder.entries() == 1);
    return what.substr(std::min(what.size(), folder.path("all").size()));
  };
  CHECK(
      error(options_in(folder, "a\tx\na\ty\n")) ==
      ": no timestamp column, which --method leave-one-out needs; if the rows stand in time order, say --order input");
  CHECK(error(options_in(folder, "")) == ": no rows");
  CHECK(error(options_in(folder, "user\titem\n")) == ": no rows");
  CHECK(error(options_in(folder, "a\tx\t1\t1\n")) ==
        ": the test part would be empty; if that is right, say --allow-empty");
  SplitOptions options = options_in(folder, "a\tx\na\ty\n", SplitMethod::kHashRow);
  options.min_value = 1;
  CHECK(error(options) == ": no value column, which --min-value needs");
  options.min_value.reset();
  options.duplicates = DuplicateRows::kLast;
  CHECK(error(options) ==
        ": no timestamp column, which --duplicates first or last needs; if the rows stand in time order, say --order "
        "input");
  options = options_in(folder, "a\tx\t1\t1\n", SplitMethod::kTime);
  options.k_core = 2;
  CHECK(error(options) == ": no row of 1 is left after --k-core");
}

TEST_CASE("an empty part where that is right") {
  const TempFolder folder;
  SplitOptions options = options_in(folder, "user\titem\n");
  options.allow_empty = true;
  run_split(options);
  CHECK(folder.read("test") == "user\titem\n");
}

TEST_CASE("options that do not apply or contradict each other") {
  CHECK(usage([](auto&) {}) == "");
  CHECK(usage([](auto& o) { o.method.reset(); }) ==
        "--method is required, such as --method time --train train.tsv --test test.tsv");
  CHECK(usage([](auto& o) { o.files[0] = ""; }) == "--train FILE is required, such as --train train.tsv");
  CHECK(usage([](auto& o) { o.files[2] = ""; }) == "--test FILE is required, such as --test test.tsv");
  CHECK(usage([](auto& o) { o.files[0] = o.files[2] = "/dev/null"; }) == "");
  CHECK(usage([](auto& o) { o.method = SplitMethod::kNone; }) == "--test does not apply to --method none");
  CHECK(usage([](auto& o) { o.seed = 1; }) == "--seed does not apply to --method time");
  CHECK(usage([](auto& o) { o.leave = 1; }) == "--leave does not apply to --method time");
  CHECK(usage([](auto& o) { o.method = SplitMethod::kLeaveKOut; }) == "--method leave-k-out needs --leave K");
  CHECK(usage([](auto& o) {
          o.method = SplitMethod::kLeaveKOut;
          o.leave = 0;
        }) == "--leave 0: expected a whole number from 1 to 4294967295");
  CHECK(usage([](auto& o) {
          o.method = SplitMethod::kLeaveOneOut;
          o.test_fraction = 0.1;
        }) == "--test-fraction does not apply to --method leave-one-out");
  CHECK(usage([](auto& o) { o.valid_fraction = 0.1; }) == "--valid-fraction needs --valid FILE");
  CHECK(usage([](auto& o) { o.test_fraction = 1; }) ==
        "--test-fraction 1: expected a share between 0 and 1, both excluded");
  CHECK(usage([](auto& o) { o.test_fraction = std::nan(""); }) ==
        "--test-fraction nan: expected a share between 0 and 1, both excluded");
  CHECK(usage([](auto& o) {
          o.files[1] = "valid";
          o.test_fraction = 0.6;
          o.valid_fraction = 0.4;
        }) == "the shares of validation and test, 0.4 and 0.6, leave nothing to train");
  CHECK(usage([](auto& o) {
          o.test_fraction = 0.5;
          o.test_from = 0.5;
        }) == "give either cut times or fractions, not both");
  CHECK(usage([](auto& o) {
          o.files[1] = "valid";
          o.test_from = 5;
        }) == "--valid with --test-from needs --valid-from");
  CHECK(usage([](auto& o) {
          o.files[1] = "valid";
          o.test_from = 5;
          o.valid_from = 5;
        }) == "--valid-from 5 is not before --test-from 5");
  CHECK(usage([](auto& o) {
          o.test_from = 5;
          o.order = RowOrder::kInput;
        }) == "--order input has no times that --test-from could cut");
  CHECK(usage([](auto& o) {
          o.method = SplitMethod::kHashRow;
          o.order = RowOrder::kInput;
        }) == "--order does not apply to --method hash-row without --duplicates first or last");
  CHECK(usage([](auto& o) { o.k_core = o.min_per_user = 2; }) ==
        "--k-core N is --min-per-user N --min-per-item N: give one or the other");
  CHECK(usage([](auto& o) { o.min_value = INFINITY; }) == "--min-value inf: expected a finite number");
  CHECK(usage([](auto& o) { o.read.columns = "usr=1"; }) ==
        "--columns: no column \"usr\" in interactions (user item [value] [timestamp])");
}

}  // namespace rec::split_tsv_test
