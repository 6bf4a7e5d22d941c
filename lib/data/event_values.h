// Values of events: what a view, a click, a purchase counts. Immutable and thread-safe
// once parsed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rec {

class EventValues {
 public:
  struct Event {
    std::string name;
    std::string text;  // the value as it was written
    float value = 0.0f;
  };

  // Parses "view=1,cart=3,buy=5"; a name may hold "=", its last one counts. Throws
  // UsageError, which names `flag`, for anything else, a name that comes twice, and a
  // value that is no finite number.
  static EventValues parse(std::string_view text, const char* flag);

  const Event* find(std::string_view name) const;
  // What is wrong with a row of an event that is not there.
  std::string unknown(std::string_view name) const;
  bool empty() const { return events_.empty(); }

 private:
  std::vector<Event> events_;
};

}  // namespace rec
