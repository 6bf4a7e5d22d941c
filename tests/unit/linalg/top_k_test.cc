#include "linalg/top_k.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "linalg/plain.h"
#include "unit/linalg/linalg_random.h"

namespace rec::top_k_test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

void push_in_blocks(TopK& top, const std::vector<float>& scores, size_t block, const uint32_t* map = nullptr) {
  for (size_t first = 0; first < scores.size(); first += block) {
    top.push_block(scores.data() + first, std::min(block, scores.size() - first), static_cast<uint32_t>(first), map);
  }
}

}  // namespace

TEST_CASE("top_k: by hand, with ties and absent scores") {
  TopK top(3);
  const std::vector<float> scores = {1.0f, 5.0f, -kInfinity, 5.0f, 1.0f, 0.0f};
  std::vector<Scored> out;
  push_in_blocks(top, scores, 6);
  top.finish(out);
  CHECK(out == std::vector<Scored>{{1, 5.0f}, {3, 5.0f}, {0, 1.0f}});
  // finish() has emptied it.
  push_in_blocks(top, {2.0f, -kInfinity}, 1);
  top.finish(out);
  CHECK(out == std::vector<Scored>{{0, 2.0f}});
  top.finish(out);
  CHECK(out.empty());
}

TEST_CASE("top_k: k = 0 and k beyond the candidates") {
  TopK none(0);
  std::vector<Scored> out = {{1, 1.0f}};
  push_in_blocks(none, {1.0f, 2.0f}, 2);
  none.finish(out);
  CHECK(out.empty());
  TopK many(1000);
  push_in_blocks(many, {1.0f, 2.0f}, 2);
  many.finish(out);
  CHECK(out == std::vector<Scored>{{1, 2.0f}, {0, 1.0f}});
}

TEST_CASE("top_k: minus zero ties with zero; extremes keep their order") {
  TopK top(6);
  const float tiny = std::numeric_limits<float>::denorm_min();
  const float huge = std::numeric_limits<float>::max();
  std::vector<Scored> out;
  push_in_blocks(top, {-huge, 0.0f, -0.0f, tiny, -tiny, huge, -kInfinity}, 7);
  top.finish(out);
  CHECK(out == std::vector<Scored>{{5, huge}, {3, tiny}, {1, 0.0f}, {2, 0.0f}, {4, -tiny}, {0, -huge}});
  CHECK_FALSE(std::signbit(out[3].score));
}

TEST_CASE("top_k: threshold never exceeds the k-th best") {
  std::mt19937 rng(5);
  std::vector<float> scores(5000);
  for (float& s : scores) s = test::uniform(rng);
  TopK top(20);
  for (size_t first = 0; first < scores.size(); first += 500) {
    top.push_block(scores.data() + first, 500, static_cast<uint32_t>(first));
    CHECK(top.threshold() <= plain::top_k(scores.data(), first + 500, 20).back().score);
  }
}

TEST_CASE("top_k: equals the brute force for every kind of scores, block and k") {
  test::on_every_target([] {
    std::mt19937 rng(1);
    for (int kind = 0; kind < 6; ++kind) {
      for (size_t n : {1u, 17u, 300u, 5000u}) {
        std::vector<float> scores(n);
        for (size_t i = 0; i < n; ++i) {
          const float u = test::uniform(rng);
          const float fn = static_cast<float>(i);
          scores[i] = kind == 0   ? u
                      : kind == 1 ? std::floor(u * 4.0f)          // many ties
                      : kind == 2 ? fn                            // rising: all pass
                      : kind == 3 ? -fn                           // falling
                      : kind == 4 ? 1.0f                          // all equal
                                  : (u < 0.9f ? -kInfinity : u);  // few candidates
        }
        std::vector<uint32_t> map(n);
        for (size_t i = 0; i < n; ++i) map[i] = static_cast<uint32_t>(i);
        for (size_t i = n; i-- > 1;) std::swap(map[i], map[test::below(rng, i + 1)]);
        for (size_t k : {1u, 2u, 10u, 100u, 1000u}) {
          TopK top(k);
          std::vector<Scored> out;
          for (size_t block : {1u, 16u, 100u, 2048u, 5000u}) {
            push_in_blocks(top, scores, block);
            top.finish(out);
            CHECK(out == plain::top_k(scores.data(), n, k));
            push_in_blocks(top, scores, block, map.data());
            top.finish(out);
            CHECK(out == plain::top_k(scores.data(), n, k, map.data()));
          }
        }
      }
    }
  });
}

TEST_CASE("top_k: blocks in any order give the same") {
  std::mt19937 rng(6);
  std::vector<float> scores(1000);
  for (float& s : scores) s = std::floor(test::uniform(rng) * 8.0f);
  TopK top(30);
  for (size_t block = 10; block-- > 0;)
    top.push_block(scores.data() + block * 100, 100, static_cast<uint32_t>(block * 100));
  std::vector<Scored> out;
  top.finish(out);
  CHECK(out == plain::top_k(scores.data(), 1000, 30));
}

}  // namespace rec::top_k_test
