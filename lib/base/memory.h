// What the machine has left, so that a job too large for it fails before it starts; and what a job gives back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace rec {

// Bytes that this process may still take without swapping: the machine's, or those
// left to its control group if that is less. None where the system does not say.
std::optional<uint64_t> available_memory();

// Throws Error "WHAT needs N.N GiB, and N.N GiB are free" where bytes are more than that.
void require_memory(uint64_t bytes, const char* what);

// `bytes` zeros at an address that 64 divides. Large ones cost nothing before they are touched, by whichever thread.
std::shared_ptr<char> zeroed_memory(size_t bytes);

// Takes the whole pages of a part of a mapped file out of this program's memory; they are read again when they are
// touched. REQUIRES: a mapping of a file that nobody has written to.
void release_mapped(const void* begin, size_t bytes);

}  // namespace rec
