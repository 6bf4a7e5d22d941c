#include "data/decay.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/number.h"
#include "data/interactions.h"
#include "data/time_unit.h"

namespace rec {

float decay_weight(double timestamp, double half_life, double now) {
  const double age = std::max(0.0, now - timestamp);
  return std::max(static_cast<float>(std::exp2(-age / half_life)), std::numeric_limits<float>::min());
}

namespace {

// "43.2 minutes"
std::string in_words(double seconds) {
  if (seconds < 120) return fmt::format("{:.3g} seconds", seconds);
  if (seconds < 7200) return fmt::format("{:.3g} minutes", seconds / 60);
  if (seconds < 172800) return fmt::format("{:.3g} hours", seconds / 3600);
  return fmt::format("{:.4g} days", seconds / 86400);
}

}  // namespace

void resolve_decay(const Interactions& data, Duration& half_life, std::optional<TimeField>& now,
                   const std::function<void(const std::string&)>& note,
                   const std::function<void(const std::string&)>& warning) {
  const Duration given = half_life;
  const TimeScale scale = time_scale(data);
  if ((given.seconds || (now && now->date)) && !scale.note.empty()) note(scale.note);
  half_life = in_timestamps(given, scale);
  if (now) now->time = in_timestamps(*now, scale);
  if (now) now->date = false;

  const double reference = now ? now->time.value : newest(data.timestamp);
  const auto later = static_cast<size_t>(
      std::count_if(data.timestamp.begin(), data.timestamp.end(), [&](double t) { return t > reference; }));
  if (2 * later > data.size())
    warning(fmt::format("--now is before {} of {} rows, which all weigh 1", later, data.size()));
  constexpr double kNextToNothing = 20;  // half-lives
  const auto lost = static_cast<size_t>(std::count_if(data.timestamp.begin(), data.timestamp.end(), [&](double t) {
    return reference - t > kNextToNothing * half_life.amount;
  }));
  const bool fine = !given.seconds && scale.per_second > 1;
  const std::string is = fine ? fmt::format("the timestamps look like {}, of which it is {}", scale.unit,
                                            in_words(half_life.amount / scale.per_second))
                              : std::string();
  const std::string hint = given.seconds ? "" : "; with a unit, as in 30d, it is converted";
  if (2 * lost >= std::max<size_t>(data.size(), 1)) {
    warning(
        fmt::format("--half-life {} is so short beside the span of the timestamps that {} of {} rows weigh next to "
                    "nothing{}{}",
                    duration_text(given), lost, data.size(), fine ? " (" + is + ")" : "", hint));
  } else if (fine) {
    warning(fmt::format("--half-life {}: {}{}", duration_text(given), is, hint));
  }
}

double newest(std::span<const double> timestamp) {
  return timestamp.empty() ? 0.0 : *std::max_element(timestamp.begin(), timestamp.end());
}

std::vector<float> decay_weights(std::span<const double> timestamp, double half_life, std::optional<double> now) {
  if (!(half_life > 0) || !std::isfinite(half_life))
    fail_usage("--half-life: expected more than 0, found {}", half_life);
  if (now && !std::isfinite(*now)) fail_usage("--now: expected a finite number, found {}", *now);
  const double reference = now ? *now : newest(timestamp);
  std::vector<float> weight(timestamp.size());
  std::transform(timestamp.begin(), timestamp.end(), weight.begin(),
                 [&](double t) { return decay_weight(t, half_life, reference); });
  return weight;
}

}  // namespace rec
