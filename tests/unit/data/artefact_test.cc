#include "data/artefact.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "base/error.h"
#include "data/artefact_codec.h"
#include "io/input.h"
#include "io/output.h"
#include "temp_folder.h"

namespace rec::artefact_test {
namespace {

Artefact small() {
  Artefact artefact;
  artefact.meta = {{"model", "test"}, {"note", "a b"}};
  for (const char* id : {"007", "a", "b"}) artefact.items.intern(id);
  for (const char* id : {"u1", "u2"}) artefact.users.intern(id);
  artefact.add("items.bias", std::vector<float>{0.1f, -0.0f, 3e-40f});
  Matrix factors(3, 2);
  factors(0, 0) = 1.5f;
  factors(2, 1) = -1e30f;
  artefact.add("items.factors", factors);
  artefact.add("users.bias", std::vector<float>{1, 2});
  artefact.add("offset", std::vector<float>{4.25f});
  return artefact;
}

std::string write(const Artefact& artefact, const TempFolder& folder, const std::string& name) {
  Output out(folder.path(name));
  write_artefact(artefact, encoding_for(name), out, 1);
  out.finish();
  return folder.read(name);
}

TEST_CASE("text encoding: the lines are as rec-formats(5) says") {
  const TempFolder folder;
  const std::string text = write(small(), folder, "m.tsv");
  CHECK(text.substr(0, text.find("end\t")) ==
        "rec-model\t1\n"
        "meta\tmodel\ttest\n"
        "meta\tnote\ta b\n"
        "tensor\titems.bias\t3\n"
        "tensor\titems.factors\t3\t2\n"
        "tensor\tusers.bias\t2\n"
        "tensor\toffset\t1\n"
        "item\t007\t0.1\t1.5\t0\n"
        "item\ta\t-0\t0\t0\n"
        "item\tb\t3e-40\t0\t-1e+30\n"
        "user\tu1\t1\n"
        "user\tu2\t2\n"
        "value\toffset\t4.25\n");
  CHECK(text.ends_with("\n"));
}

TEST_CASE("both encodings give back every bit, by file and by text and back") {
  const TempFolder folder;
  const std::string binary = write(small(), folder, "m.safetensors");
  const std::string text = write(small(), folder, "m.tsv");
  CHECK(write(read_artefact(folder.path("m.tsv"), 1), folder, "n.safetensors") == binary);
  CHECK(write(read_artefact(folder.path("m.safetensors"), 1), folder, "n.tsv") == text);
  uint64_t header = 0;
  std::memcpy(&header, binary.data(), 8);
  CHECK((header + 8) % 64 == 0);
}

Artefact with_sparse() {
  Artefact artefact = small();
  Csr neighbours;
  neighbours.begin = {0, 2, 2, 3};
  neighbours.index = {1, 2, 0};
  neighbours.weight = {0.5f, -1e-30f, 3.0f};
  artefact.add_sparse("items.neighbours", neighbours);
  Csr history;
  history.begin = {0, 0, 3};
  history.index = {0, 1, 2};
  artefact.add_sparse("users.history", history);
  return artefact;
}

TEST_CASE("sparse matrices: the lines are as rec-formats(5) says, and both encodings give back every bit") {
  const TempFolder folder;
  const std::string text = write(with_sparse(), folder, "m.tsv");
  CHECK(text.find("tensor\toffset\t1\nsparse\titems.neighbours\t3\t1\nsparse\tusers.history\t3\t0\nitem\t007") !=
        std::string::npos);
  CHECK(text.substr(0, text.find("end\t"))
            .ends_with("value\toffset\t4.25\n"
                       "entry\titems.neighbours\t007\ta\t0.5\n"
                       "entry\titems.neighbours\t007\tb\t-1e-30\n"
                       "entry\titems.neighbours\tb\t007\t3\n"
                       "entry\tusers.history\tu2\t007\n"
                       "entry\tusers.history\tu2\ta\n"
                       "entry\tusers.history\tu2\tb\n"));
  const std::string binary = write(with_sparse(), folder, "m.safetensors");
  CHECK(write(read_artefact(folder.path("m.tsv"), 2), folder, "n.safetensors") == binary);
  CHECK(write(read_artefact(folder.path("m.safetensors"), 1), folder, "n.tsv") == text);
}

TEST_CASE("sparse matrices: text in any order of rows; what is wrong is said") {
  const TempFolder folder;
  const std::string head = "rec-model\t1\nsparse\titems.s\t2\t1\nitem\tb\nitem\ta\n";
  const std::string path = folder.file("m.tsv", head + "entry\titems.s\tb\ta\t2\nentry\titems.s\ta\tb\t1\nend\t-\n");
  const Artefact artefact = read_artefact(path, 3);
  const SparseView matrix = artefact.find_sparse("items.s")->view;
  CHECK(matrix.row(0)[0] == 1);  // a -> b
  CHECK(matrix.weight[0] == 1.0f);
  CHECK(matrix.weight[1] == 2.0f);
  auto message = [&](const std::string& body) {
    const std::string file = folder.file("m", body + "end\t-\n");
    const std::string text = error_of<Error>([&] { read_artefact(file, 1); });
    return text.substr(text.rfind('/') + 1);
  };
  CHECK(message(head + "entry\titems.s\tb\ta\t2\n") == "m: truncated: matrix \"items.s\" has 2 entries, found 1");
  CHECK(message(head + "entry\titems.s\tb\tc\t2\n") == "m:5: field 4: not an id of the model: \"c\"");
  CHECK(message(head + "entry\titems.s\tb\ta\n") ==
        "m:5: expected entry, a matrix, two ids and a weight, found 4 fields");
  CHECK(message(head + "entry\titems.t\tb\ta\t1\n") == "m:5: field 2: expected the name of a sparse matrix");
  CHECK(message(head + "entry\titems.s\tb\ta\t1\nentry\titems.s\tb\ta\t1\n") ==
        "m: model: matrix \"items.s\": row 1 does not hold ascending item numbers");
  CHECK(message("rec-model\t1\nsparse\titems.s\t2\n") == "m:2: expected sparse, name, entries and 0 or 1");
}

Artefact with_table() {
  Artefact artefact = small();
  for (const char* id : {"genre=a", "genre=b"}) artefact.tables["item-features"].intern(id);
  artefact.add("item-features.factors", std::vector<float>{2.5f, -1.0f});
  artefact.tables["empty"];
  return artefact;
}

TEST_CASE("other tables of ids: the lines are as rec-formats(5) says, and both encodings give back every bit") {
  const TempFolder folder;
  const std::string text = write(with_table(), folder, "m.tsv");
  CHECK(text.find("meta\tnote\ta b\ntable\tempty\t0\ntable\titem-features\t2\ntensor\titems.bias\t3\n") !=
        std::string::npos);
  CHECK(text.find("user\tu2\t2\nrow\titem-features\tgenre=a\t2.5\nrow\titem-features\tgenre=b\t-1\nvalue") !=
        std::string::npos);
  Artefact without_empty = with_table();
  without_empty.tables.erase("empty");
  const std::string binary = write(without_empty, folder, "m.safetensors");
  CHECK(write(read_artefact(folder.path("m.tsv"), 2), folder, "n.safetensors") == binary);
  CHECK(write(read_artefact(folder.path("m.safetensors"), 1), folder, "n.tsv") ==
        write(without_empty, folder, "o.tsv"));
}

TEST_CASE("other tables of ids: text in any order of rows; what is wrong is said") {
  const TempFolder folder;
  const std::string head = "rec-model\t1\ntable\tt\t2\ntensor\tt.x\t2\nrow\tt\tb\t1\n";
  const Artefact artefact = read_artefact(folder.file("m.tsv", head + "row\tt\ta\t2\nend\t-\n"), 3);
  CHECK(artefact.tables.at("t")[0] == "a");
  CHECK(artefact.find("t.x")->floats()[0] == 2.0f);
  auto message = [&](const std::string& body) {
    const std::string file = folder.file("m", body + "end\t-\n");
    const std::string text = error_of<Error>([&] { read_artefact(file, 1); });
    return text.substr(text.rfind('/') + 1);
  };
  CHECK(message(head) == "m: truncated: table \"t\" has 2 rows, found 1");
  CHECK(message(head + "row\tt\tb\t1\n") == "m: an id is there twice: \"b\"");
  CHECK(message(head + "row\tt\ta\n") == "m:5: expected 2 rows of an id and 1 values for table \"t\"");
  CHECK(message(head + "row\tt\ta\t2\nrow\tt\tc\t3\n") == "m:6: expected 2 rows of an id and 1 values for table \"t\"");
  CHECK(message(head + "row\ts\ta\t2\n") == "m:5: expected row, the name of a table, an id and values");
  CHECK(message("rec-model\t1\ntable\tt\tmany\n") == "m:2: expected table, name and rows");
  CHECK(message("rec-model\t1\ntable\tt\t0\ntable\tt\t0\n") == "m:3: table \"t\" is there twice");
  CHECK(message("rec-model\t1\ntable\titems\t0\n") == "m: model: a table of ids cannot be named \"items\"");
  CHECK(message("rec-model\t1\ntable\tt\t1\nrow\tt\t\n") == "m: model: an id is empty");
  std::string many = "rec-model\t1\n";
  for (int at = 0; at < 257; ++at) many += "table\tt" + std::to_string(at) + "\t0\n";
  CHECK(message(many) == "m:258: more than 256 tables of ids");
}

TEST_CASE("text: an edited model with an unchecked end is read, rows in any order") {
  const TempFolder folder;
  const std::string path = folder.file("m.tsv",
                                       "rec-model\t1\nmeta\tmodel\tx\ntensor\titems.factors\t2\t1\n"
                                       "item\tz\t1\nitem\ta\t2\nend\t-\n");
  const Artefact artefact = read_artefact(path, 2);
  CHECK(artefact.items[0] == "a");
  CHECK(artefact.find("items.factors")->floats()[0] == 2.0f);
  CHECK(artefact.find("items.factors")->floats()[1] == 1.0f);
}

TEST_CASE("text: what is wrong is said with the line") {
  const TempFolder folder;
  auto message = [&](const std::string& body, const std::string& end = "end\t-\n") {
    const std::string path = folder.file("m", body + end);
    const std::string text = error_of<Error>([&] { read_artefact(path, 1); });
    return text.substr(text.rfind('/') + 1);
  };
  const std::string head = "rec-model\t1\ntensor\titems.f\t1\t2\n";
  CHECK(message("rec-model\t9\n") == "m: model format version 9, this program reads up to version 1");
  CHECK(message("rec-model\tx\n") == "m:1: expected \"rec-model\" and a version");
  CHECK(message(head + "item\ta\t1\n") == "m:3: expected item, an id and 2 values, found 3 fields");
  CHECK(message(head + "item\ta\t1\tnan\n") == "m:3: field 4: not a number: \"nan\"");
  CHECK(message(head + "item\t\t1\t2\n") == "m:3: field 2: empty item id");
  CHECK(message(head + "item\ta\t1\t2\nitem\tb\t1\t2\n") == "m: truncated: tensor \"items.f\" has 1 rows, found 2");
  CHECK(message("rec-model\t1\ntensor\titems.f\t2\nitem\ta\t1\nitem\ta\t1\n") == "m: an id is there twice: \"a\"");
  CHECK(message(head + "item\ta\t1\t2\nother\ta\n") ==
        "m:4: field 1: expected item, user, row, value or entry, found \"other\"");
  CHECK(message(head, "") == "m: truncated: no line \"end\" with a checksum");
  CHECK(message(head + "item\ta\t1\t2\n", "end\txxh3-64:0123456789abcdef\n") ==
        "m: damaged: the checksum does not match (an edited model ends in \"end\\t-\")");
  CHECK(message("rec-model\t1\ntensor\titems.f\t4000000000\t4000000000\n") ==
        "m: truncated: too few values for tensor \"items.f\"");
  CHECK(message("hello\n") ==
        "m: not a model (expected a first line \"rec-model\" or a safetensors file); rec-embed writes one");
}

TEST_CASE("names that no table can hold are refused in both encodings") {
  const TempFolder folder;
  for (const std::string bad : {"a\tb", "a\nb"}) {
    for (const int place : {0, 1, 2, 3}) {
      Artefact artefact;
      artefact.items.intern(place == 0 ? bad : "a");
      artefact.add(place == 1 ? "items." + bad : "items.f", std::vector<float>{1});
      artefact.meta[place == 2 ? bad : "key"] = place == 3 ? bad : "value";
      for (const char* file : {"m.tsv", "m.safetensors"}) {
        CAPTURE(file);
        CHECK(error_of<Error>([&] { write(artefact, folder, file); }).find("holds a TAB or a line end") !=
              std::string::npos);
      }
    }
  }
}

TEST_CASE("an id that ends in a CR is kept in safetensors alone") {
  const TempFolder folder;
  Artefact artefact;
  artefact.items.intern("a\r");
  artefact.add("items.f", std::vector<float>{1});
  CHECK(error_of<Error>([&] { write(artefact, folder, "m.tsv"); }).find("ends in a CR") != std::string::npos);
  write(artefact, folder, "m.safetensors");
  CHECK(read_artefact(folder.path("m.safetensors"), 1).items[0] == "a\r");
}

TEST_CASE("declared sizes are believed where the text has room for all of them") {
  const auto message = [](const std::string& text) {
    const std::string padded = text + "end\t-\n" + std::string(kTextPadding, '\0');
    return error_of<Error>(
        [&] { decode_text(std::string_view(padded).substr(0, padded.size() - kTextPadding), "m", 1); });
  };
  const std::string row = "item\ta" + std::string(40, '\t') + "\n";
  CHECK(message("rec-model\t1\ntensor\tx\t20\t1\ntensor\ty\t20\t1\n" + row) ==
        "m: truncated: too few values for tensor \"y\"");
  std::string many = "rec-model\t1\n";
  for (size_t at = 0; at <= Artefact::kMaxMatrices; ++at) many += "sparse\titems." + std::to_string(at) + "\t0\t0\n";
  CHECK(message(many) == "m:18: more than 16 matrices");
}

TEST_CASE("a safetensors header: depth, repeats, and time linear in the number of tensors") {
  const auto message = [](const std::string& header) {
    const uint64_t length = header.size();
    std::string bytes(reinterpret_cast<const char*>(&length), 8);
    bytes += header;
    Reading whole = Reading::kWhole;
    return error_of<Error>([&] { decode_safetensors(bytes, nullptr, "m", 1, whole); });
  };
  const std::string meta = R"("__metadata__":{"format":"rec-model","version":"1","checksum":"-"})";
  const std::string empty = R"({"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
  CHECK(message("{" + meta + R"(,"a":[[[[[[)") == "m: tensor \"a\": expected dtype, shape and data_offsets");
  CHECK(message("{" + meta + R"(,"a":{"shape":[[)") == "m: tensor \"a\": a shape that is not made of numbers");
  CHECK(message("{" + meta + R"(,"a":)" + empty + R"(,"a":)" + empty + "}") == "m: tensor \"a\" is there twice");
  CHECK(message("{" + meta + R"(,"a":{"dtype":"F32","data_offsets":[0,0]}})") ==
        "m: tensor \"a\" has 0 dimensions, expected 1 or 2");
  CHECK(message("[]") == "m: the safetensors header is not a JSON object");
  std::string many = "{" + meta;
  for (size_t at = 0; at <= Artefact::kMaxParts; ++at) many += ",\"" + std::to_string(at) + "\":" + empty;
  CHECK(message(many + "}") == "m: more than 65536 tensors");
}

TEST_CASE("a model whose parts do not fit together is refused") {
  Artefact artefact = small();
  artefact.add("items.extra", std::vector<float>{1, 2});
  CHECK_THROWS_AS(artefact.check(), Error);
  Artefact twice = small();
  CHECK_THROWS_AS(twice.add("offset", std::vector<float>{1}), Error);
  Artefact infinite = small();
  infinite.add("x", std::vector<float>{INFINITY});
  CHECK_THROWS_AS(infinite.check(), Error);
  Csr wrong;
  wrong.begin = {0, 1, 1, 1};
  wrong.index = {3};  // no such item
  Artefact beyond = small();
  beyond.add_sparse("items.s", wrong);
  CHECK_THROWS_AS(beyond.check(), Error);
  Artefact elsewhere = small();
  elsewhere.add_sparse("s", wrong);
  CHECK_THROWS_AS(elsewhere.check(), Error);
  CHECK_THROWS_AS(small().text("no such key"), Error);
  CHECK_THROWS_AS(small().number("note"), Error);
}

TEST_CASE("an empty file and a folder are no models") {
  const TempFolder folder;
  CHECK_THROWS_AS(read_artefact(folder.file("empty", ""), 1), Error);
  CHECK_THROWS_AS(read_artefact(folder.path("absent"), 1), Error);
  CHECK_THROWS_AS(read_artefact(folder.path("."), 1), Error);
}

TEST_CASE("artefact: a matrix is taken over where its rows need no padding") {
  for (const size_t cols : {16u, 5u}) {
    Matrix values(3, cols);
    values(2, cols - 1) = 7.0f;
    const float* data = values.data();
    Artefact artefact;
    artefact.take("w", std::move(values));
    const Artefact::Tensor* tensor = artefact.find("w");
    CHECK((tensor->data == data) == (cols == 16));
    CHECK(tensor->shape == std::vector<uint64_t>{3, cols});
    CHECK(tensor->view()(2, cols - 1) == 7.0f);
  }
}

// A tensor of each dtype, in an order that safetensors cannot lay out without gaps.
Artefact of_dtypes() {
  Artefact artefact;
  for (const char* id : {"a", "b", "c"}) artefact.items.intern(id);
  const auto fill = [&](const char* name, std::vector<uint64_t> shape, const auto& values) {
    using T = typename std::decay_t<decltype(values)>::value_type;
    std::copy(values.begin(), values.end(), static_cast<T*>(artefact.add_empty(name, std::move(shape), dtype_of<T>())));
  };
  fill("items.code", {3, 1}, std::vector<int8_t>{-128, 0, 127});
  fill("items.half", {3}, std::vector<Bfloat16>{{0x3f80}, {0x8001}, {0x7f7f}});
  fill("items.scale", {3}, std::vector<float>{0.1f, 2, -3});
  fill("lists", {2, 2}, std::vector<uint32_t>{0, 1, 16777217, UINT32_MAX});
  fill("thirds", {1, 3}, std::vector<Bfloat16>{{0x3eab}, {0xbeab}, {0}});
  return artefact;
}

template <class T>
std::vector<T> values_of(const Artefact& artefact, const char* name) {
  const Artefact::Tensor* tensor = artefact.find(name);
  return {tensor->values<T>(), tensor->values<T>() + tensor->rows() * tensor->cols()};
}

TEST_CASE("dtypes: the lines of text are as rec-formats(5) says") {
  const TempFolder folder;
  const std::string text = write(of_dtypes(), folder, "m.tsv");
  CHECK(text.substr(0, text.find("end\t")) ==
        "rec-model\t1\n"
        "tensor\titems.code\t3\t1\tint8\n"
        "tensor\titems.half\t3\tbfloat16\n"
        "tensor\titems.scale\t3\n"
        "tensor\tlists\t2\t2\tuint32\n"
        "tensor\tthirds\t1\t3\tbfloat16\n"
        "item\ta\t-128\t1\t0.1\n"
        "item\tb\t0\t-9.1835e-41\t2\n"
        "item\tc\t127\t3.3895314e+38\t-3\n"
        "value\tlists\t0\t1\n"
        "value\tlists\t16777217\t4294967295\n"
        "value\tthirds\t0.33398438\t-0.33398438\t0\n");
}

TEST_CASE("dtypes: both encodings give back every bit, and every element lies aligned") {
  const TempFolder folder;
  const std::string binary = write(of_dtypes(), folder, "m.safetensors");
  const std::string text = write(of_dtypes(), folder, "m.tsv");
  for (const char* name : {"m.tsv", "m.safetensors"}) {
    const Artefact read = read_artefact(folder.path(name), 2);
    CHECK(write(read, folder, "n.safetensors") == binary);
    CHECK(write(read, folder, "n.tsv") == text);
    CHECK(values_of<int8_t>(read, "items.code") == std::vector<int8_t>{-128, 0, 127});
    CHECK(values_of<Bfloat16>(read, "items.half") == std::vector<Bfloat16>{{0x3f80}, {0x8001}, {0x7f7f}});
    CHECK(values_of<float>(read, "items.scale") == std::vector<float>{0.1f, 2, -3});
    CHECK(values_of<uint32_t>(read, "lists") == std::vector<uint32_t>{0, 1, 16777217, UINT32_MAX});
    for (const auto& tensor : read.tensors())
      CHECK(reinterpret_cast<uintptr_t>(tensor.data) % size_of(tensor.dtype) == 0);
  }
  // The header has the tensors in the model's order; the bytes come by falling size of an element.
  CHECK(binary.find("items.code") < binary.find("items.half"));
  CHECK(binary.find("\"items.code\":{\"dtype\":\"I8\",\"shape\":[3,1],\"data_offsets\":[72,75]}") != std::string::npos);
  CHECK(binary.find("\"items.scale\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[32,44]}") != std::string::npos);
}

TEST_CASE("dtypes: rows in any order") {
  const TempFolder folder;
  const Artefact read =
      read_artefact(folder.file("m",
                                "rec-model\t1\ntensor\titems.q\t2\t2\tint8\ntensor\titems.u\t2\tuint32\n"
                                "item\tb\t1\t2\t3\nitem\ta\t-1\t-2\t4\nend\t-\n"),
                    1);
  CHECK(values_of<int8_t>(read, "items.q") == std::vector<int8_t>{-1, -2, 1, 2});
  CHECK(values_of<uint32_t>(read, "items.u") == std::vector<uint32_t>{4, 3});
}

TEST_CASE("dtypes: who asks for another dtype is told what is there") {
  const Artefact artefact = of_dtypes();
  const auto message = [&](const char* name) { return error_of<Error>([&] { artefact.find(name)->view(); }); };
  CHECK(message("items.code") == "model: tensor \"items.code\" is int8, expected float32");
  CHECK(message("items.half") == "model: tensor \"items.half\" is bfloat16, expected float32");
  CHECK(message("lists") == "model: tensor \"lists\" is uint32, expected float32");
  CHECK(error_of<Error>([&] { artefact.find("items.scale")->values<int8_t>(); }) ==
        "model: tensor \"items.scale\" is float32, expected int8");
}

TEST_CASE("dtypes: what is wrong in a file is said") {
  const TempFolder folder;
  const auto text = [&](const std::string& tensor, const std::string& value) {
    const std::string path =
        folder.file("m", "rec-model\t1\ntensor\tq\t" + tensor + "\nvalue\tq\t" + value + "\nend\t-\n");
    const std::string message = error_of<Error>([&] { read_artefact(path, 1); });
    return message.substr(message.rfind('/') + 1);
  };
  CHECK(text("1\tint8", "128") == "m:3: field 3: not of int8: \"128\"");
  CHECK(text("1\tint8", "1.5") == "m:3: field 3: not of int8: \"1.5\"");
  CHECK(text("1\tuint32", "-1") == "m:3: field 3: not of uint32: \"-1\"");
  CHECK(text("1\tuint32", "4294967296") == "m:3: field 3: not of uint32: \"4294967296\"");
  CHECK(text("1\tbfloat16", "3.4e38") == "m:3: field 3: not of bfloat16: \"3.4e38\"");
  CHECK(text("1\tfloat64", "1") == "m:2: not a tensor extent or dtype: \"float64\"");
  CHECK(text("1\t1\tfloat64", "1") ==
        "m:2: expected tensor, name, 1 or 2 extents and, unless it is float32, int8, bfloat16, uint32 or int64");
  CHECK(text("int8", "1") == "m:2: not a tensor extent: \"int8\"");

  std::string binary = write(of_dtypes(), folder, "m.safetensors");
  binary.replace(binary.find("\"I8\","), 5, "\"F8\",");
  const std::string message = error_of<Error>([&] { read_artefact(folder.file("m.safetensors", binary), 1); });
  CHECK(message.ends_with("m.safetensors: tensor \"items.code\" is F8, expected F32, I8, BF16, U32 or I64"));

  Artefact infinite;
  *static_cast<Bfloat16*>(infinite.add_empty("x", {1}, Dtype::kBfloat16)) = {0x7f80};
  CHECK(error_of<Error>([&] { infinite.check(); }) == "model: tensor \"x\" holds a value that is not finite");
  Artefact index;
  index.add_empty("x.index", {1}, Dtype::kUint32);
  CHECK(error_of<Error>([&] { index.check(); }) == "model: tensor \"x.index\": the name is kept for a sparse matrix");
}

}  // namespace
}  // namespace rec::artefact_test
