#include "metrics/distributions.h"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>
#include <limits>

#include "metrics/holm.h"

namespace rec::distributions_test {

namespace {
void check_close(double value, double expected, double tolerance = 1e-11) {
  CHECK_MESSAGE(std::fabs(value - expected) <= tolerance * std::fabs(expected), value, " is not ", expected);
}
const double kNan = std::nan("");
const double kInfinity = std::numeric_limits<double>::infinity();
}  // namespace

TEST_CASE("normal, Student, chi-square and binomial tails are those of scipy 1.x") {
  check_close(normal_quantile_two_sided(0.95), 1.959963984540054);
  check_close(normal_quantile_two_sided(0.99), 2.5758293035489004);
  check_close(normal_p_two_sided(-1), 0.31731050786291415);
  check_close(normal_p_two_sided(8), 1.244192114854348e-15);
  check_close(student_quantile_two_sided(0.95, 1), 12.706204736174694);
  check_close(student_quantile_two_sided(0.95, 9), 2.262157162798205);
  check_close(student_quantile_two_sided(0.9, 2.5), 2.5582186141359355);
  check_close(student_quantile_two_sided(0.95, 1e6), 1.959966356814107, 1e-9);
  check_close(student_p_two_sided(-2, 9), 0.07655282377070101);
  check_close(student_p_two_sided(30, 9), 2.4837047041582635e-10);
  check_close(student_p_two_sided(6, 1e6), 1.97384981235443e-09, 1e-8);
  check_close(chi_square_p(3.84, 1), 0.05004352124870519);
  check_close(chi_square_p(100, 3), 1.5541594313896026e-21);
  check_close(chi_square_p(11.5, 7), 0.11824751247239508);
  check_close(sign_test_p(3, 20), 0.0025768280029296875);
  check_close(sign_test_p(17, 20), 0.0025768280029296875);
  check_close(sign_test_p(470, 1000), 0.06202319509836343);
  check_close(sign_test_p(400, 1000), 2.728464156065947e-10);
}

TEST_CASE("distributions at the ends of their ranges") {
  CHECK(student_p_two_sided(0, 5) == 1.0);
  CHECK(student_p_two_sided(kInfinity, 5) == 0.0);
  CHECK(std::isnan(student_p_two_sided(kNan, 5)));
  CHECK(std::isnan(student_p_two_sided(1, 0)));
  CHECK(std::isnan(student_quantile_two_sided(0.95, 0)));
  CHECK(chi_square_p(0, 3) == 1.0);
  CHECK(chi_square_p(kInfinity, 3) == 0.0);
  CHECK(std::isnan(chi_square_p(kNan, 3)));
  CHECK(std::isnan(normal_p_two_sided(kNan)));
  CHECK(sign_test_p(0, 0) == 1.0);
  CHECK(sign_test_p(5, 10) == 1.0);
  CHECK(sign_test_p(0, 1) == 1.0);
  CHECK(sign_test_p(0, 5) == doctest::Approx(0.0625));
}

TEST_CASE("holm: by hand, in the order given, NaN aside") {
  // Sorted .01 .03 .04: 3·.01, max(.03, 2·.03), max(.06, .04).
  const std::vector<double> p{0.04, 0.01, kNan, 0.03};
  const std::vector<double> adjusted = holm(p);
  CHECK(adjusted[0] == doctest::Approx(0.06));
  CHECK(adjusted[1] == doctest::Approx(0.03));
  CHECK(std::isnan(adjusted[2]));
  CHECK(adjusted[3] == doctest::Approx(0.06));
  CHECK(holm(std::vector<double>{0.6, 0.7}) == std::vector<double>{1.0, 1.0});
  CHECK(holm({}).empty());
}

}  // namespace rec::distributions_test
