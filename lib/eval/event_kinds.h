// What the events of a raw log are: which names mean an impression, a click, a conversion.
// Immutable and thread-safe once parsed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rec {

enum class EventKind : uint8_t { kImpression, kClick, kConversion };
inline constexpr size_t kEventKinds = 3;

// "impression", "click", "conversion".
const char* event_kind_name(EventKind kind);

class EventKinds {
 public:
  // The names of English logs: impression, impressions, shown; click, clicks, clicked; conversion, conversions,
  // bought, buy, purchase. "view" is none of them: it is an impression in some logs, a click in others.
  EventKinds();
  // "impression=view,click=open,click=tap": KIND=NAME, a kind may come again. The names of a kind that is there
  // replace those above; a name that is given to a kind is no longer of another kind. Throws UsageError for another
  // kind, an empty name, and a name of two kinds.
  static EventKinds parse(std::string_view text);

  // The kind of an event of this name; nothing for other events.
  std::optional<EventKind> find(std::string_view name) const;
  // Whether parse() was told the names of this kind.
  bool told(EventKind kind) const { return told_[static_cast<size_t>(kind)]; }
  // "click, clicks or clicked", for messages.
  std::string names(EventKind kind) const;

 private:
  struct Name {
    std::string name;
    EventKind kind;
  };
  std::vector<Name> names_;
  bool told_[kEventKinds] = {};
};

}  // namespace rec
