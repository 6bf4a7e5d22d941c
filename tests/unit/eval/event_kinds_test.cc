#include "eval/event_kinds.h"

#include <doctest/doctest.h>

#include "base/error.h"

namespace rec::event_kinds_test {

TEST_CASE("names of events") {
  const EventKinds builtin;
  CHECK(builtin.find("shown") == EventKind::kImpression);
  CHECK(!builtin.find("view"));
  const EventKinds kinds = EventKinds::parse("impression=view,click=tap,click=buy");
  CHECK(kinds.find("view") == EventKind::kImpression);
  CHECK(!kinds.find("shown"));
  CHECK(kinds.find("tap") == EventKind::kClick);
  CHECK(kinds.find("buy") == EventKind::kClick);
  CHECK(kinds.find("purchase") == EventKind::kConversion);
  CHECK(kinds.told(EventKind::kClick));
  CHECK(!kinds.told(EventKind::kConversion));
  for (const char* text : {"", "click", "click=", "tap=click", "click=a,", "click=a,impression=a", "click=a,click=a"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(EventKinds::parse(text), UsageError);
  }
}

}  // namespace rec::event_kinds_test
