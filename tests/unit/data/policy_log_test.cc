#include "data/policy_log.h"

#include <doctest/doctest.h>

#include "temp_folder.h"

namespace rec::policy_log_test {
namespace {

std::string text_of(const std::string& rows) {
  const TempFolder folder;
  const Interactions data =
      logged_rows(read_policy_log(folder.file("log.tsv", "user\titem\treward\tpropensity\trank\n" + rows), {}, 0));
  std::string text;
  for (size_t row = 0; row < data.size(); ++row) {
    text += fmt::format("{} {} {} {}, ", data.users[data.user[row]], data.items[data.item[row]], data.value[row],
                        data.weight[row]);
  }
  const Csr by_user = csr_of_rows(data);
  for (const uint64_t begin : by_user.begin) text += fmt::format("{} ", begin);
  for (size_t at = 0; at < by_user.entries(); ++at)
    text += fmt::format(", {} {}", by_user.index[at], by_user.weight[at]);
  return text;
}

TEST_CASE("logged_rows: every row is there, in one order whatever that of the log") {
  const std::string text = text_of("eve\tx\t1\t0.5\t7\nbob\ty\t0\t0.25\t1\nbob\tx\t1\t1\t1\nbob\ty\t0\t0.25\t2\n");
  CHECK(text == "bob x 1 1, bob y 0 0.25, bob y 0 0.25, eve x 1 0.5, 0 3 4 , 0 1, 1 0, 1 0, 0 1");
  CHECK(text == text_of("bob\ty\t0\t0.25\t2\nbob\tx\t1\t1\t1\neve\tx\t1\t0.5\t7\nbob\ty\t0\t0.25\t1\n"));
}

}  // namespace
}  // namespace rec::policy_log_test
