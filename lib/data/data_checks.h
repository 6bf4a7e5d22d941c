// What a table of interactions holds and what is wrong with it, before a model is trained. Thread rule: functions
// without state. Symbols: N rows, U users, I items.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/option.h"
#include "base/time.h"
#include "data/interactions.h"

namespace rec {

enum class Verdict : uint8_t { kOk, kNote, kWarn };
constexpr Named<Verdict> kVerdicts[] = {{"ok", Verdict::kOk}, {"note", Verdict::kNote}, {"warn", Verdict::kWarn}};

struct Finding {
  std::string check;  // "duplicate_rows"
  double value = 0.0;
  std::string text;  // in place of the value: a date, a unit; "": none
  Verdict verdict = Verdict::kOk;
  std::string next;  // what to do about it; "" where the verdict is kOk
};

struct CheckLimits {
  uint64_t burst = 60;  // more rows of a user within a minute are a burst; at least 1
  double now = 0.0;     // seconds since 1970: later rows are of the future
};

// The findings of one table, always the same checks in the same order, but for those of times: they need timestamps,
// and those that need days and minutes need times since 1970 (data/time_unit.h). man/rec-data.1 has the checks and
// where each verdict begins. N = 0 has the counts alone.
std::vector<Finding> check_interactions(const Interactions& data, const CheckLimits& limits, int threads);

// The findings of held-out rows beside those that a model learns from: names begin with `part` and "_". Ids are
// matched by their bytes. REQUIRES: IdTable::find() works on train's tables.
std::vector<Finding> check_held_out(const Interactions& train, const Interactions& held_out, std::string_view part);

// The worst of them; kOk for none.
Verdict worst(const std::vector<Finding>& findings);

// "check value verdict next", a line each, with LF; header: with that line first.
std::string findings_tsv(const std::vector<Finding>& findings, bool header);
// {"verdict": WORST, "checks": [{"check", "value", "verdict", "next"}]}; a text is a string, "next" only where there
// is one.
std::string findings_json(const std::vector<Finding>& findings);

}  // namespace rec
