#include "base/vectors_name.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "temp_folder.h"

namespace rec::vectors_name_test {
namespace {

std::string dump(const std::string& text) {
  const VectorsName name = parse_vectors_name(text, "--item-vectors");
  return name.name + " " + name.path + " " + name.part;
}

TEST_CASE("parse_vectors_name: the kind's name, the path, the part") {
  CHECK(dump("image.npy:ids.txt") == "image image.npy ids.txt");
  CHECK(dump("a/b.c/clip.v1.tsv.gz") == "clip a/b.c/clip.v1.tsv.gz ");
  CHECK(dump("look=d/x.npy:d/ids") == "look d/x.npy d/ids");
  CHECK(dump("m.model:items.factors") == "m m.model items.factors");
  CHECK(dump("n=./a=b:c:") == "n ./a=b:c ");
  CHECK(dump(".hidden") == ".hidden .hidden ");
  CHECK(dump("-") == "stdin - ");
  CHECK(dump("x=-") == "x - ");
}

TEST_CASE("parse_vectors_name: what names nothing") {
  const auto message = [](const std::string& text) { return error_of<UsageError>([&] { dump(text); }); };
  CHECK(message("") == "--item-vectors: expected [NAME=]FILE[:PART], found \"\"");
  CHECK(message("a=") == "--item-vectors: expected [NAME=]FILE[:PART], found \"a=\"");
  CHECK(message("=x") == "--item-vectors: vectors cannot be named \"\": say NAME=x");
  CHECK(message("./a=b") == "--item-vectors: vectors cannot be named \"a=b\": say NAME=./a=b");
}

TEST_CASE("count_stdin") { CHECK(count_stdin({"-", "a=-", "x.npy:-", "-x", "b"}) == 3); }

}  // namespace
}  // namespace rec::vectors_name_test
