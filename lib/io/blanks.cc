#include "io/blanks.h"

namespace rec {
namespace {

bool is_blank(char byte) { return byte == ' ' || byte == '\t'; }

// Whether every blank stands alone between two other bytes of a line, so that each
// becomes a TAB and nothing moves.
bool is_regular(const char* text, size_t size) {
  if (is_blank(text[0]) || is_blank(text[size - 1])) return false;
  unsigned irregular = 0;
  for (size_t at = 1; at < size; ++at) {  // without branches, for the vectoriser
    const bool here = text[at] == ' ' || text[at] == '\t';
    const bool before = text[at - 1] == ' ' || text[at - 1] == '\t';
    const bool edge = (here && text[at - 1] == '\n') || (before && (text[at] == '\n' || text[at] == '\r'));
    irregular |= static_cast<unsigned>((here && before) || edge);
  }
  return irregular == 0;
}

}  // namespace

size_t BlankSqueezer::squeeze(char* text, size_t size, bool line_start) {
  if (size == 0) return 0;
  if (!blank_ && is_regular(text, size)) {
    for (size_t at = 0; at < size; ++at) text[at] = text[at] == ' ' ? '\t' : text[at];
    return size;
  }
  size_t to = 0;
  bool pending = blank_;
  bool start = line_start;
  size_t from = 0;
  if (pending && !is_blank(text[0])) {
    // The TAB of the last call's blank has no byte of this text to stand in.
    if (text[0] != '\n' && text[0] != '\r') {
      for (size_t at = size; at > 0; --at) text[at] = text[at - 1];
      text[0] = '\t';
      to = from = 1;
      ++size;
      start = false;
    }
    pending = false;
  }
  for (; from < size; ++from) {
    const char byte = text[from];
    if (is_blank(byte)) {
      pending = !start;
      continue;
    }
    if (pending && byte != '\n' && byte != '\r') text[to++] = '\t';
    pending = false;
    start = byte == '\n';
    text[to++] = byte;
  }
  blank_ = pending;
  return to;
}

}  // namespace rec
