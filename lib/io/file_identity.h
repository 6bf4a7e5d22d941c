// Which file a path stands for, so that two spellings of one place are told to be one.
// Thread rule: functions without state.
#pragma once

#include <string>

namespace rec {

// A text that is equal for two paths of the same regular file: links, hard links, ./ and ..
// included, and "-" or a redirection that has the file open. A file that is not there yet is told
// by its place. Empty for a terminal, a pipe or a device, which may be used twice, and for a path
// that leads nowhere. writing: "-" is stdout, else stdin. Throws Error where the system cannot say.
std::string file_identity(const std::string& path, bool writing);

// The descriptor that a path names, as "-", /dev/stdout or /dev/fd/3 do, which is open already: such an output is
// written to, and not replaced when it is complete. writing: "-" is stdout, else stdin. -1: it names none.
int open_descriptor(const std::string& path, bool writing);

}  // namespace rec
