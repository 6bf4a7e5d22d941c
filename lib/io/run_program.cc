#include "io/run_program.h"

#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "base/error.h"

extern char** environ;

namespace rec {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using TemporaryFile = std::unique_ptr<std::FILE, CloseFile>;

// In memory: no signal can leave it behind.
TemporaryFile temporary_file() {
  const int fd = ::memfd_create("rec", MFD_CLOEXEC);
  if (fd < 0) fail_errno("temporary file");
  TemporaryFile file(::fdopen(fd, "w+"));
  if (!file) fail_errno("temporary file");
  return file;
}

std::string contents(std::FILE* file) {
  std::string text;
  char block[65536];
  std::rewind(file);
  while (const size_t size = std::fread(block, 1, sizeof block, file)) text.append(block, size);
  if (std::ferror(file) != 0) fail_errno("temporary file");
  return text;
}

}  // namespace

std::string run_program(const std::string& program, std::span<const std::string> arguments, std::string_view input) {
  const TemporaryFile files[] = {temporary_file(), temporary_file(), temporary_file()};
  if (std::fwrite(input.data(), 1, input.size(), files[0].get()) != input.size() || std::fflush(files[0].get()) != 0) {
    fail_errno("temporary file");
  }
  std::rewind(files[0].get());
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int fd = 0; fd < 3; ++fd) posix_spawn_file_actions_adddup2(&actions, fileno(files[fd].get()), fd);
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t child = 0;
  const int problem = posix_spawnp(&child, program.c_str(), &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (problem == ENOENT) fail("{}: not installed, or not on PATH", program);
  if (problem != 0) fail("{}: {}", program, std::strerror(problem));
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) fail_errno(program);
  }
  if (WIFSIGNALED(status)) fail("{}: killed by signal {}", program, WTERMSIG(status));
  if (WEXITSTATUS(status) != 0) {
    const std::string said = contents(files[2].get());
    const size_t begin = said.find_first_not_of(" \n\t");
    const std::string line =
        begin == std::string::npos ? "no message" : said.substr(begin, said.find('\n', begin) - begin);
    fail("{}: exit status {}: {}", program, WEXITSTATUS(status), printable(line));
  }
  return contents(files[1].get());
}

}  // namespace rec
