// The timestamps of a table: all numbers or all dates, as the first that is one. Thread rule:
// functions without state.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"
#include "io/table.h"

namespace rec {

enum class TimeKind { kUnknown, kNumbers, kDates };

// The kind of the first time in the column at `position` of the whole lines in `text`.
TimeKind first_time_kind(std::string_view text, int position, const Layout& layout);

// `time`, what `field` at `position` was read as. Throws BadField where it is none, or of another kind.
TimeField checked_time(const std::optional<TimeField>& time, std::string_view field, int position, TimeKind kind);

}  // namespace rec
