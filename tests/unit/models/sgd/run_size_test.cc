#include "models/sgd/run_size.h"

#include <doctest/doctest.h>

namespace rec::run_size_test {

TEST_CASE("run_size: batches are a part of the examples, passes make so many steps, both within limits") {
  CHECK(batch_by_size(100, 256, 64, 1024) == 64);
  CHECK(batch_by_size(256 * 300, 256, 64, 1024) == 300);
  CHECK(batch_by_size(10000000, 256, 64, 1024) == 1024);
  CHECK(steps_of(1200, 64) == 19);
  CHECK(epochs_by_size(1200, 64, 10000, 20, 200) == 200);
  CHECK(epochs_by_size(256 * 300, 300, 10000, 20, 200) == 40);
  CHECK(epochs_by_size(10000000, 1024, 10000, 20, 200) == 20);
  CHECK(epochs_by_size(0, 64, 10000, 20, 200) == 200);
}

}  // namespace rec::run_size_test
