#include "data/event_values.h"

#include <algorithm>

#include "base/error.h"
#include "base/number.h"

namespace rec {

EventValues EventValues::parse(std::string_view text, const char* flag) {
  EventValues values;
  for (bool more = true; more;) {
    const size_t comma = text.find(',');
    const std::string_view pair = text.substr(0, comma);
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
    const size_t equals = pair.rfind('=');
    if (equals == std::string_view::npos || equals == 0)
      fail_usage("{}: expected EVENT=VALUE, found \"{}\"", flag, printable(pair));
    Event event{std::string(pair.substr(0, equals)), std::string(pair.substr(equals + 1))};
    const auto value = parse_number<float>(event.text);
    if (!value)
      fail_usage("{}: expected a number for \"{}\", found \"{}\"", flag, printable(event.name), printable(event.text));
    event.value = *value;
    if (values.find(event.name) != nullptr) fail_usage("{}: event \"{}\" is given twice", flag, printable(event.name));
    values.events_.push_back(std::move(event));
  }
  return values;
}

const EventValues::Event* EventValues::find(std::string_view name) const {
  const auto found =
      std::find_if(events_.begin(), events_.end(), [&](const Event& event) { return event.name == name; });
  return found == events_.end() ? nullptr : &*found;
}

std::string EventValues::unknown(std::string_view name) const {
  std::string known;
  for (const Event& event : events_) known += (known.empty() ? "" : ", ") + printable(event.name);
  return fmt::format("event \"{}\" has no value (those that have: {}); say {}=N, or {}=0 to remove its rows",
                     printable(name), known, printable(name), printable(name));
}

}  // namespace rec
