#include "io/output.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <csignal>
#include <filesystem>

#include "base/error.h"
#include "temp_folder.h"

namespace rec::output_test {
namespace fs = std::filesystem;

TEST_CASE("Output: the file is there after finish(), not before") {
  const TempFolder folder;
  Output out(folder.path("a"));
  out.write("hello\n");
  out.flush();
  CHECK(folder.entries() == 0);
  out.finish();
  CHECK(folder.read("a") == "hello\n");
  CHECK(folder.entries() == 1);
}

TEST_CASE("Output: without finish() the old file stays and nothing is left beside it") {
  const TempFolder folder;
  folder.file("a", "old");
  {
    Output out(folder.path("a"));
    out.write("new");
  }
  CHECK(folder.read("a") == "old");
  CHECK(folder.entries() == 1);
}

TEST_CASE("Output: writes larger than the buffer, and none") {
  const TempFolder folder;
  std::string all;
  {
    Output out(folder.path("a"));
    for (const size_t size :
         {size_t{1}, size_t{1} << 18, size_t{3}, (size_t{1} << 20) + 7, size_t{100000}, size_t{200000}}) {
      const std::string part(size, static_cast<char>('a' + size % 26));
      out.write(part);
      all += part;
    }
    out.finish();
  }
  CHECK(folder.read("a") == all);
  Output(folder.path("b")).finish();
  CHECK(fs::file_size(folder.path("b")) == 0);
}

TEST_CASE("Output: a new file's mode follows the umask, an old one's is kept") {
  const TempFolder folder;
  const mode_t mask = ::umask(027);
  {
    Output out(folder.path("a"));
    out.finish();
  }
  ::umask(mask);
  struct stat status {};
  REQUIRE(::stat(folder.path("a").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0640);
  folder.file("b", "");
  ::chmod(folder.path("b").c_str(), 0604);
  {
    Output out(folder.path("b"));
    out.finish();
  }
  REQUIRE(::stat(folder.path("b").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0604);
}

TEST_CASE("Output: behind a link the file is replaced, not the link") {
  const TempFolder folder;
  folder.file("real", "old");
  fs::create_symlink(folder.path("real"), folder.path("link"));
  Output out(folder.path("link"));
  out.write("new");
  out.finish();
  CHECK(fs::is_symlink(folder.path("link")));
  CHECK(folder.read("real") == "new");
}

TEST_CASE("Output: a link to a file that does not exist stays, and the file is made") {
  const TempFolder folder;
  fs::create_symlink("new", folder.path("link"));
  Output out(folder.path("link"));
  out.write("x");
  out.finish();
  CHECK(fs::is_symlink(folder.path("link")));
  CHECK(folder.read("new") == "x");
  fs::create_symlink("loop", folder.path("loop"));
  CHECK(error_of<Error>([&] { Output(folder.path("loop")); }) ==
        folder.path("loop") + ": Too many levels of symbolic links");
}

TEST_CASE("Output: setuid and setgid of the old file are dropped") {
  const TempFolder folder;
  folder.file("a", "");
  REQUIRE(::chmod(folder.path("a").c_str(), 06755) == 0);
  Output(folder.path("a"), Sync::kNo).finish();
  struct stat status {};
  REQUIRE(::stat(folder.path("a").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0755);
}

TEST_CASE("Output: what a killed run left is removed, what is in use or foreign stays") {
  const TempFolder folder;
  for (const char* name : {"a.rec-tmp-0123456789abcdef", "a.rec-tmp-0123456789abcdef.old", "a.rec-tmp-0123456789abcdee",
                           "a.rec-tmp-mine", "b.rec-tmp-0123456789abcdef"}) {
    folder.file(name, "");
  }
  const FileDescriptor live(::open(folder.path("a.rec-tmp-0123456789abcdee").c_str(), O_WRONLY | O_CLOEXEC));
  REQUIRE(::flock(live.get(), LOCK_EX | LOCK_NB) == 0);
  Output(folder.path("a")).finish();
  CHECK_FALSE(fs::exists(folder.path("a.rec-tmp-0123456789abcdef")));
  CHECK_FALSE(fs::exists(folder.path("a.rec-tmp-0123456789abcdef.old")));
  CHECK(fs::exists(folder.path("a.rec-tmp-0123456789abcdee")));
  CHECK(fs::exists(folder.path("a.rec-tmp-mine")));
  CHECK(fs::exists(folder.path("b.rec-tmp-0123456789abcdef")));
}

TEST_CASE("Output: two at once for one place, the last to finish stands") {
  const TempFolder folder;
  Output first(folder.path("a"));
  Output second(folder.path("a"));
  first.write("first");
  second.write("second");
  second.finish();
  first.finish();
  CHECK(folder.read("a") == "first");
  CHECK(folder.entries() == 1);
}

TEST_CASE("Output: a name as long as names may be") {
  const TempFolder folder;
  std::string name;
  while (name.size() + 2 <= NAME_MAX) name += "\u00e9";
  for (const char* text : {"one", "two"}) {
    Output out(folder.path(name));
    out.write(text);
    out.finish();
    CHECK(folder.read(name) == text);
  }
  CHECK(folder.entries() == 1);
}

TEST_CASE("Output: devices are written as they are") {
  Output null("/dev/null");
  null.write("x");
  null.finish();
  CHECK(fs::is_character_file("/dev/null"));
  Output full("/dev/full");
  full.write("x");
  CHECK(error_of<Error>([&] { full.finish(); }) == "/dev/full: No space left on device");
}

TEST_CASE("Output: a pipe without a reader is BrokenPipe") {
  const TempFolder folder;
  const std::string path = folder.path("fifo");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  {
    const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
    Output out(path);
    ::close(reader);
    out.write("x");
    CHECK_THROWS_AS(out.flush(), BrokenPipe);
  }
  std::signal(SIGPIPE, before);
}

TEST_CASE("Output: places that cannot be written are named at once") {
  const TempFolder folder;
  CHECK(error_of<Error>([&] { Output out(folder.path("no/a")); }) ==
        folder.path("no/a") + ": No such file or directory");
  CHECK(error_of<Error>([&] { Output out(folder.path("")); }) == folder.path("") + ": is a directory, expected a file");
  CHECK(error_of<Error>([&] { Output out(""); }) == "the output's file name is empty");
  folder.file("f", "");
  CHECK(error_of<Error>([&] { Output out(folder.path("f/a")); }) == folder.path("f/a") + ": Not a directory");
}

TEST_CASE("Output: a file that may not grow is an error and leaves the old one") {
  const TempFolder folder;
  folder.file("a", "old");
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 1000;
  ::setrlimit(RLIMIT_FSIZE, &small);
  std::string text;
  {
    Output out(folder.path("a"));
    out.write(std::string(5000, 'x'));
    text = error_of<Error>([&] { out.finish(); });
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  CHECK(text == folder.path("a") + ": File too large");
  CHECK(folder.read("a") == "old");
  CHECK(folder.entries() == 1);
}

TEST_CASE("finish_all: all files appear") {
  const TempFolder folder;
  folder.file("a", "old");
  Output a(folder.path("a"));
  Output b(folder.path("b"));
  Output null("/dev/null");
  a.write("A");
  b.write("B");
  Output* const all[] = {&a, &b, &null};
  finish_all(all);
  CHECK(folder.read("a") == "A");
  CHECK(folder.read("b") == "B");
  CHECK(folder.entries() == 2);
}

TEST_CASE("finish_all: when a later file cannot take its place, the earlier ones give theirs back") {
  const TempFolder folder;
  folder.file("a", "old");
  {
    Output a(folder.path("a"));
    Output b(folder.path("b"));
    Output c(folder.path("c"));
    Output d(folder.path("d"));
    for (Output* out : {&a, &b, &c, &d}) out->write("new");
    fs::create_directory(folder.path("c"));  // since it was opened
    Output* const all[] = {&a, &b, &c, &d};
    CHECK(error_of<Error>([&] { finish_all(all); }) == folder.path("c") + ": Is a directory");
  }
  CHECK(folder.read("a") == "old");
  CHECK_FALSE(fs::exists(folder.path("b")));
  CHECK_FALSE(fs::exists(folder.path("d")));
  CHECK(folder.entries() == 2);  // a and the folder c
}

TEST_CASE("finish_all: when one cannot be written, none is moved") {
  const TempFolder folder;
  folder.file("a", "old");
  {
    Output a(folder.path("a"));
    Output full("/dev/full");
    a.write("new");
    full.write("x");
    Output* const all[] = {&a, &full};
    CHECK_THROWS_AS(finish_all(all), Error);
  }
  CHECK(folder.read("a") == "old");
  CHECK(folder.entries() == 1);
}

}  // namespace rec::output_test
