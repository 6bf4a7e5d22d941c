#include "data/digest.h"

#include <doctest/doctest.h>

namespace rec::digest_test {
namespace {

std::string digest_of(const std::vector<std::vector<uint32_t>>& parts) {
  Digest digest;
  for (const auto& part : parts) digest.add(std::span<const uint32_t>(part));
  return digest.text();
}

TEST_CASE("digest: tells values, their order and their division apart") {
  CHECK(digest_of({{1, 2}, {3}}) == digest_of({{1, 2}, {3}}));
  CHECK(digest_of({{1, 2}, {3}}).size() == 16);
  CHECK(digest_of({{1, 2}, {3}}) != digest_of({{1}, {2, 3}}));
  CHECK(digest_of({{1, 2}, {3}}) != digest_of({{2, 1}, {3}}));
  CHECK(digest_of({{1, 2}, {}}) != digest_of({{1, 2}}));
  IdTable a, b;
  a.intern("xy");
  a.intern("z");
  b.intern("x");
  b.intern("yz");
  Digest of_a, of_b;
  of_a.add(a);
  of_b.add(b);
  CHECK(of_a.text() != of_b.text());
}

}  // namespace
}  // namespace rec::digest_test
