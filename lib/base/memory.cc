#include "base/memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <new>
#include <string>

#include "base/error.h"

namespace rec {
namespace {

std::optional<uint64_t> number_in(const char* path) {
  std::ifstream in(path);
  uint64_t value = 0;
  return in >> value ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<uint64_t> available_memory() {
  std::optional<uint64_t> available;
  std::ifstream info("/proc/meminfo");
  for (std::string name; info >> name;) {
    uint64_t kib = 0;
    if (name == "MemAvailable:" && info >> kib) {
      available = kib * 1024;
      break;
    }
    std::getline(info, name);
  }
  const std::optional<uint64_t> limit = number_in("/sys/fs/cgroup/memory.max");  // "max": no number
  const std::optional<uint64_t> used = number_in("/sys/fs/cgroup/memory.current");
  if (limit && used) {
    const uint64_t left = *limit > *used ? *limit - *used : 0;
    if (!available || left < *available) available = left;
  }
  return available;
}

void require_memory(uint64_t bytes, const char* what) {
  constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
  const std::optional<uint64_t> available = available_memory();
  if (available && bytes > *available) {
    fail("{} needs {:.1f} GiB, and {:.1f} GiB are free", what, static_cast<double>(bytes) / kGiB,
         static_cast<double>(*available) / kGiB);
  }
}

std::shared_ptr<char> zeroed_memory(size_t bytes) {
  constexpr size_t kAlignment = 64;
  if (bytes > SIZE_MAX - kAlignment) throw std::bad_alloc();
  void* const whole = std::calloc(bytes + kAlignment, 1);
  if (whole == nullptr) throw std::bad_alloc();
  const auto address = (reinterpret_cast<uintptr_t>(whole) + kAlignment - 1) / kAlignment * kAlignment;
  return {reinterpret_cast<char*>(address), [whole](char*) { std::free(whole); }};
}

void release_mapped(const void* begin, size_t bytes) {
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const uintptr_t first = (reinterpret_cast<uintptr_t>(begin) + page - 1) / page * page;
  const uintptr_t last = (reinterpret_cast<uintptr_t>(begin) + bytes) / page * page;
  if (first < last) ::madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
}

}  // namespace rec
