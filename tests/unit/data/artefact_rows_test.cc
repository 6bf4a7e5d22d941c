#include "data/artefact_rows.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "io/output.h"
#include "temp_folder.h"

namespace rec::artefact_rows_test {
namespace {

Artefact small() {
  Artefact model;
  model.meta["model"] = "als";
  for (const char* id : {"a", "b", "c"}) model.items.intern(id);
  for (const char* id : {"u", "v"}) model.users.intern(id);
  const std::vector<float> items{1, 2, 3, 4, 5, 6}, counts{7, 8, 9}, users{0.5f, -1, 2, 0};
  model.add("items.factors", ConstMatrixView{items.data(), 3, 2, 2});
  model.add("items.count", counts);
  model.add("users.factors", ConstMatrixView{users.data(), 2, 2, 2});
  return model;
}

std::string rows_of(const Artefact& model, RowKind kind, const TempFolder& folder) {
  Output out(folder.path("rows"));
  write_rows(model, kind, out, 2);
  out.finish();
  return folder.read("rows");
}

TEST_CASE("rows: as the text encoding writes them") {
  const TempFolder folder;
  CHECK(rows_of(small(), RowKind::kUser, folder) == "user\tu\t0.5\t-1\nuser\tv\t2\t0\n");
  CHECK(rows_of(small(), RowKind::kItem, folder) == "item\ta\t1\t2\t7\nitem\tb\t3\t4\t8\nitem\tc\t5\t6\t9\n");
}

TEST_CASE("rows: joined in any order, other users than before") {
  const TempFolder folder;
  const Artefact joined =
      join_rows(small(), RowKind::kUser, folder.file("u", "user\tz\t3\t4\nuser\tw\t1\t2\nuser\tu\t9\t9\n"), 1);
  CHECK(rows_of(joined, RowKind::kUser, folder) == "user\tu\t9\t9\nuser\tw\t1\t2\nuser\tz\t3\t4\n");
  CHECK(rows_of(joined, RowKind::kItem, folder) == rows_of(small(), RowKind::kItem, folder));
  CHECK(joined.meta == small().meta);
  const Artefact items = join_rows(joined, RowKind::kItem, folder.file("i", "item\tq\t1\t2\t3\n"), 1);
  CHECK(items.items.size() == 1);
  CHECK(items.users.size() == 3);
  CHECK(items.tensors().size() == 3);
}

TEST_CASE("rows: what cannot be joined") {
  const TempFolder folder;
  const auto message = [&](RowKind kind, const std::string& text) {
    const std::string path = folder.file("in", text);
    try {
      join_rows(small(), kind, path, 1);
    } catch (const Error& error) {
      return std::string(error.what()).substr(path.size());
    }
    return std::string("no error");
  };
  CHECK(message(RowKind::kUser, "user\tu\t1\t2\nitem\ta\t1\t2\n") == ":2: field 1: expected user");
  CHECK(message(RowKind::kUser, "user\tu\t1\t2\nuser\tv\t1\n") ==
        ":2: expected user, an id and 2 values, found 3 fields");
  CHECK(message(RowKind::kUser, "user\tu\t1\t2\nuser\tv\t1\tx\n") == ":2: field 4: not a number: \"x\"");
  CHECK(message(RowKind::kUser, "user\tu\t1\t2\nuser\tu\t1\t2\n") == ": an id is there twice: \"u\"");
  CHECK(message(RowKind::kUser, "user\tu\t1\t2\nuser\tv\t1\t2") == ": truncated: the last line has no end");
  CHECK(message(RowKind::kItem, "item\ta\t1\t2\n") == ":1: expected item, an id and 3 values, found 4 fields");
  CHECK(message(RowKind::kItem, "iguana\n") == ":1: field 1: expected item");
}

}  // namespace
}  // namespace rec::artefact_rows_test
