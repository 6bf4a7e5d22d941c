// The events of a training for TensorBoard: a file of its own in a folder, which TensorBoard reads while it grows.
// Format: records of TFRecord (length and bytes, each with a masked CRC-32C), each a message Event of TensorFlow's
// event.proto in Protocol Buffers' wire format, of which seven fields are written. The bytes hold times of the clock
// and differ from run to run. For one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "io/output.h"

namespace rec {

class EventFile {
 public:
  // Makes `folder` if it is not there, and in it events.out.tfevents.TIME.PROCESS.rec. Throws Error.
  EventFile(const std::string& folder, Sync sync);

  // The value of `tag` after `step`; as a float. A value that is not finite is kept.
  void add(std::string_view tag, int64_t step, double value);
  // Hands what was added to the system.
  void flush() { out_.flush(); }
  // Writes that the run has ended, and its options as text (the tab TEXT) and as hyperparameters (HPARAMS), numbers as
  // numbers. Call once, last.
  void finish(const std::map<std::string, std::string>& options);

 private:
  void event(std::string_view fields);

  double start_;  // seconds since 1970
  Output out_;
};

// CRC-32C (Castagnoli; RFC 3720, appendix B.4).
uint32_t crc32c(std::string_view bytes);

}  // namespace rec
