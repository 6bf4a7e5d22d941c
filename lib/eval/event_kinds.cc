#include "eval/event_kinds.h"

#include <algorithm>

#include "base/error.h"

namespace rec {
namespace {

constexpr const char* kNames[kEventKinds] = {"impression", "click", "conversion"};

}  // namespace

const char* event_kind_name(EventKind kind) { return kNames[static_cast<size_t>(kind)]; }

EventKinds::EventKinds() {
  using enum EventKind;
  names_ = {{"impression", kImpression}, {"impressions", kImpression}, {"shown", kImpression},
            {"click", kClick},           {"clicks", kClick},           {"clicked", kClick},
            {"conversion", kConversion}, {"conversions", kConversion}, {"bought", kConversion},
            {"buy", kConversion},        {"purchase", kConversion}};
}

EventKinds EventKinds::parse(std::string_view text) {
  EventKinds kinds;
  std::vector<Name> given;
  for (bool more = true; more;) {
    const size_t comma = text.find(',');
    const std::string_view pair = text.substr(0, comma);
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
    const size_t equals = pair.find('=');
    const auto kind = std::find(std::begin(kNames), std::end(kNames), pair.substr(0, equals));
    if (equals == std::string_view::npos || equals + 1 == pair.size() || kind == std::end(kNames)) {
      fail_usage("--event-kinds: expected KIND=NAME with a kind impression, click or conversion, found \"{}\"",
                 printable(pair));
    }
    Name name{std::string(pair.substr(equals + 1)), static_cast<EventKind>(kind - std::begin(kNames))};
    for (const Name& other : given) {
      if (other.name == name.name) fail_usage("--event-kinds: event \"{}\" is given twice", printable(name.name));
    }
    kinds.told_[static_cast<size_t>(name.kind)] = true;
    given.push_back(std::move(name));
  }
  std::erase_if(kinds.names_, [&](const Name& name) {
    return kinds.told(name.kind) ||
           std::any_of(given.begin(), given.end(), [&](const Name& other) { return other.name == name.name; });
  });
  for (Name& name : given) kinds.names_.push_back(std::move(name));
  return kinds;
}

std::optional<EventKind> EventKinds::find(std::string_view name) const {
  for (const Name& known : names_) {
    if (known.name == name) return known.kind;
  }
  return std::nullopt;
}

std::string EventKinds::names(EventKind kind) const {
  std::vector<std::string> names;
  for (const Name& name : names_) {
    if (name.kind == kind) names.push_back(printable(name.name));
  }
  std::string all;
  for (size_t at = 0; at < names.size(); ++at)
    all += (at == 0 ? "" : at + 1 < names.size() ? ", " : " or ") + names[at];
  return all;
}

}  // namespace rec
