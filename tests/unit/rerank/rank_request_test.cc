#include "rerank/rank_request.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "rerank/ranking_rows.h"
#include "temp_folder.h"

namespace rec::rank_request_test {

TEST_CASE("RankRequest: what the options' values say") {
  RankRequest request;
  request.add_weights("score=1,margin=-0.5");
  request.add_weights("a=b=2");  // a column may hold "="
  REQUIRE(request.weights.size() == 3);
  CHECK(request.weights[1].weight == -0.5);
  CHECK(request.weights[2].column == "a=b");
  CHECK(scores_spec(request.weights).columns.size() == 5);
  request.add_cap("genre=3");
  request.add_dedup("franchise");
  REQUIRE(request.caps.size() == 2);
  CHECK(request.caps[1].kind == "franchise");
  CHECK(request.caps[1].limit == 1);
  request.add_dedup("jaccard:genre>=0.8");
  CHECK(request.dedup[0].similarity == SimilarityRequest{SimilarityRequest::Form::kJaccard, "genre"});
  CHECK(!request.needs_model());
  request.add_dedup("cosine>=0.95");
  CHECK(request.needs_model());
  CHECK(request.needs_features());
  request.set_exploration("epsilon=0.25");
  CHECK(request.epsilon == 0.25);
  request.set_exploration("softmax=0.5");
  CHECK(request.exploration == RankRequest::Exploration::kSoftmax);
  CHECK(request.temperature == 0.5);
  CHECK(request.epsilon == 0.0);
  request.set_exploration("softmax=2,epsilon=0.1");
  CHECK(request.temperature == 2.0);
  CHECK(request.epsilon == 0.1);
  CHECK(scores_spec({{"margin", 1.0}}, "margin").columns.size() == 4);
  CHECK(scores_spec({}, "click").columns.back().name == "click");
}

TEST_CASE("RankRequest: values that say nothing are usage errors") {
  auto refuses = [](auto&& add) {
    RankRequest request;
    CHECK_THROWS_AS(add(request), UsageError);
  };
  for (const char* text : {"", "score", "score=", "=1", "score=x", "score=1,score=2", "user=1", "score=1,,margin=1"}) {
    refuses([text](RankRequest& request) { request.add_weights(text); });
  }
  for (const char* text : {"genre", "genre=0", "genre=-1", "=3", "genre=x"})
    refuses([text](RankRequest& request) { request.add_cap(text); });
  for (const char* text :
       {"", "genre=1", "cosine>0.9", "cosine>=2", "cosine>=-1", "cosine>=x", "likeness>=0.5", "cosine:>=0.5"}) {
    refuses([text](RankRequest& request) { request.add_dedup(text); });
  }
  for (const char* text : {"", "genre", "jaccard", "jaccard:", "cosine:"})
    refuses([text](RankRequest& request) { request.set_similarity(text); });
  for (const char* text :
       {"epsilon", "epsilon=2", "epsilon=-0.1", "greedy", "thompson=1", "softmax", "softmax=0", "softmax=-1",
        "softmax=1,epsilon=2", "softmax=1,epsilon", "softmax=1,", "epsilon=0.1,softmax=1", "epsilon=0.1,epsilon=0.1"}) {
    refuses([text](RankRequest& request) { request.set_exploration(text); });
  }
}

TEST_CASE("RankingRows: TREC scores strictly decrease as floats, and stay where they do already") {
  const RankingFormat format{RankingFormat::Kind::kTrec, "tag"};
  std::string text;
  RankingRows rows(format, "u", text);
  for (const double score : {3.0, 2.5, 2.5, 9.0, 2.4999999999, -1e300, -1e300}) {
    rows.begin_row("i", "ignored", score);
    rows.end_row();
  }
  CHECK(text ==
        "u Q0 i 1 3 tag\nu Q0 i 2 2.5 tag\nu Q0 i 3 2.4999998 tag\nu Q0 i 4 2.4999995 tag\nu Q0 i 5 2.4999993 tag\n"
        "u Q0 i 6 -1e+38 tag\nu Q0 i 7 -1.0000001e+38 tag\n");
  CHECK_THROWS_AS(rows.begin_row("two words", "1", 1), Error);
  CHECK_THROWS_AS(RankingRows(format, "two words", text), Error);
}

}  // namespace rec::rank_request_test
