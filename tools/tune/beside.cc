#include "tune/beside.h"

#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

#include "base/error.h"
#include "base/memory.h"

namespace rec {
namespace {

// The numbers of a result; its texts follow, each with a NUL behind it.
struct Numbers {
  double metric, seconds, memory, too_long;
  int epoch, epochs;
  bool has_metric, has_too_long;
};
static_assert(std::is_trivially_copyable_v<Numbers>);

std::string packed(const RunResult& result) {
  const TrainedModel& trained = result.trained;
  const Numbers numbers{.metric = trained.metric.value_or(0.0),
                        .seconds = trained.seconds,
                        .memory = trained.memory,
                        .too_long = result.too_long.value_or(0.0),
                        .epoch = trained.epoch,
                        .epochs = result.epochs,
                        .has_metric = trained.metric.has_value(),
                        .has_too_long = result.too_long.has_value()};
  std::string bytes(reinterpret_cast<const char*>(&numbers), sizeof numbers);
  for (const std::string& text : result.warnings) bytes += text + '\0';
  return bytes;
}

RunResult unpacked(const std::string& bytes) {
  Numbers numbers;
  std::memcpy(&numbers, bytes.data(), sizeof numbers);
  RunResult result;
  if (numbers.has_metric) result.trained.metric = numbers.metric;
  result.trained.seconds = numbers.seconds;
  result.trained.memory = numbers.memory;
  result.trained.epoch = numbers.epoch;
  result.epochs = numbers.epochs;
  if (numbers.has_too_long) result.too_long = numbers.too_long;
  for (size_t at = sizeof numbers, end = 0; (end = bytes.find('\0', at)) != bytes.npos; at = end + 1)
    result.warnings.push_back(bytes.substr(at, end - at));
  return result;
}

}  // namespace

void RunsBeside::begin(const std::string& key, size_t space, uint64_t need,
                       const std::function<RunResult(const std::string& model)>& work) {
  FileDescriptor model(::memfd_create("model", MFD_CLOEXEC));
  if (!model.is_open()) fail_errno("memfd_create");
  const std::string path = fmt::format("/dev/fd/{}", model.get());
  auto child = std::make_unique<Child>([&] {
    const RunResult result = work(path);
    if (!result.failure.empty()) fail("{}", result.failure);  // it is run once more, alone, which says what is wrong
    return packed(result);
  });
  runs_.insert_or_assign(key, Run{space, need_of(space, need), std::move(model), std::move(child), {}});
}

size_t RunsBeside::running() const {
  return static_cast<size_t>(
      std::count_if(runs_.begin(), runs_.end(), [](const auto& run) { return !run.second.child->ended(); }));
}

const RunResult* RunsBeside::result(const std::string& key) const {
  const std::optional<RunResult>& result = runs_.at(key).result;
  return result ? &*result : nullptr;
}

std::optional<RunResult> RunsBeside::take(const std::string& key) {
  std::optional<RunResult> result = std::move(runs_.at(key).result);
  runs_.erase(key);
  return result;
}

void RunsBeside::wait() {
  std::vector<struct pollfd> polled;
  std::vector<Run*> of;
  for (auto& [key, run] : runs_) {
    if (run.child->ended()) continue;
    polled.push_back({.fd = run.child->fd(), .events = POLLIN, .revents = 0});
    of.push_back(&run);
  }
  for (bool any = polled.empty(); !any;) {
    constexpr int kMilliseconds = 300;  // what a signal may take that came just before
    if (::poll(polled.data(), polled.size(), kMilliseconds) <= 0) return;
    for (size_t at = 0; at < polled.size(); ++at) {
      Run& run = *of[at];
      if (polled[at].revents == 0 || !run.child->read()) continue;
      any = true;
      uint64_t& peak = peaks_[run.space];
      peak = std::max(peak, run.child->peak());
      if (!run.child->result()) continue;
      run.result = unpacked(*run.child->result());
      if (::lseek(run.model.get(), 0, SEEK_END) > 0) run.result->model = std::move(run.model);
      run.model = FileDescriptor();
    }
  }
}

uint64_t RunsBeside::need_of(size_t space, uint64_t unless_known) const {
  const auto peak = peaks_.find(space);
  return peak == peaks_.end() ? unless_known : peak->second;
}

bool RunsBeside::has_memory(size_t space, uint64_t need) const {
  uint64_t needs = need_of(space, need);
  for (const auto& [key, run] : runs_) {
    if (!run.child->ended()) needs += run.need;
  }
  const std::optional<uint64_t> available = available_memory();
  return !available || needs <= *available;
}

}  // namespace rec
