#include "base/memory.h"

#include <doctest/doctest.h>

#include "base/error.h"

namespace rec::memory_test {

TEST_CASE("memory: a little is there, an exabyte is not") {
  const auto available = available_memory();
  if (!available) return;
  CHECK(*available > 1u << 20);
  CHECK_NOTHROW(require_memory(1 << 10, "a test"));
  CHECK_THROWS_AS(require_memory(uint64_t{1} << 60, "a test"), Error);
}

}  // namespace rec::memory_test
