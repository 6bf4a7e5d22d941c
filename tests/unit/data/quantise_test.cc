#include "data/quantise.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "base/error.h"
#include "data/row_table.h"
#include "io/output.h"
#include "small_data.h"
#include "temp_folder.h"

namespace rec::quantise_test {
namespace {

Artefact model_of(const Matrix& items, const Matrix& users) {
  Artefact model;
  for (size_t item = 0; item < items.rows(); ++item) model.items.intern(fmt::format("i{:05}", item));
  for (size_t user = 0; user < users.rows(); ++user) model.users.intern(fmt::format("u{:05}", user));
  model.meta["model"] = "als";
  model.add("items.factors", items);
  model.add("items.count", std::vector<float>(items.rows(), 2.0f));
  model.add("users.factors", users);
  return model;
}

Artefact random_model(size_t items, size_t users, size_t factors) {
  std::mt19937 random(7);
  Matrix X(users, factors), Y(items, factors);
  for (Matrix* matrix : {&X, &Y}) {
    for (size_t r = 0; r < matrix->rows(); ++r) {
      for (size_t c = 0; c < factors; ++c)
        (*matrix)(r, c) = uniform_value(random) * std::exp(10.0f * uniform_value(random));
    }
  }
  return model_of(Y, X);
}

std::string bytes_of(const Artefact& model, const TempFolder& folder) {
  Output out(folder.path("m.safetensors"));
  write_artefact(model, Encoding::kSafetensors, out, 1);
  out.finish();
  return folder.read("m.safetensors");
}

std::string failure(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("quantise: codes and scales by hand") {
  Matrix items(3, 4), users(1, 4);
  const float row[] = {254.0f, -127.0f, 1.0f, 3.0f};
  std::copy_n(row, 4, items.row(0));
  std::copy_n(row, 4, users.row(0));
  items(2, 1) = -1e-37f;  // too small for a scale that is a normal number
  const Artefact small = quantised(model_of(items, users), Dtype::kInt8, 1);
  CHECK(small.text(kQuantised) == "int8 items.factors users.factors");
  const Artefact::Tensor& codes = *small.find("items.factors");
  const std::vector<int> expected{127, -64, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0};  // -63.5 and 0.5, 1.5: to the even one
  const auto* code = codes.values<int8_t>();
  CHECK(std::vector<int>(code, code + 12) == expected);
  const float* scales = small.find("items.factors.scale")->floats();
  CHECK(std::vector<float>(scales, scales + 3) == std::vector<float>{2.0f, 0.0f, 0.0f});
  CHECK(codes.floats()[1] == -128.0f);
  CHECK(small.find("items.count")->floats()[0] == 2.0f);
}

TEST_CASE("quantise: each value within half a step, the greatest of a row kept") {
  const Artefact model = random_model(300, 40, 9);
  const Artefact small = quantised(model, Dtype::kInt8, 2);
  for (const char* name : {"items.factors", "users.factors"}) {
    const ConstMatrixView wanted = model.find(name)->view();
    const RowTable rows(*small.find(name));
    CHECK(rows.codes() != nullptr);
    std::vector<float> found;
    for (size_t r = 0; r < wanted.rows; ++r) {
      float greatest = 0.0f;
      for (size_t c = 0; c < wanted.cols; ++c) greatest = std::max(greatest, std::fabs(wanted(r, c)));
      rows.copy_row(r, found);
      for (size_t c = 0; c < wanted.cols; ++c) {
        CHECK(std::fabs(found[c] - wanted(r, c)) <= greatest / 127.0f * 0.50001f);
        if (std::fabs(wanted(r, c)) == greatest) CHECK(found[c] == doctest::Approx(wanted(r, c)).epsilon(1e-6));
        CHECK(found[c] == small.find(name)->view()(r, c));
      }
    }
  }
}

TEST_CASE("quantise: back to float32 gives the values that the small model has, and no traces") {
  const TempFolder folder;
  const Artefact model = random_model(50, 20, 6);
  for (const Dtype type : {Dtype::kInt8, Dtype::kBfloat16}) {
    const Artefact small = quantised(model, type, 1);
    const Artefact wide = dequantised(small);
    CHECK(!is_quantised(wide));
    CHECK(wide.meta == model.meta);
    CHECK(wide.tensors().size() == model.tensors().size());
    CHECK(std::equal(wide.find("items.factors")->floats(), wide.find("items.factors")->floats() + 300,
                     small.find("items.factors")->floats()));
    // What was rounded once is kept.
    CHECK(bytes_of(dequantised(quantised(wide, type, 1)), folder) == bytes_of(wide, folder));
  }
  CHECK(bytes_of(dequantised(model), folder) == bytes_of(model, folder));
}

TEST_CASE("quantise: the same bytes for any number of threads, read back by part and as a whole") {
  const TempFolder folder;
  const Artefact model = random_model(10000, 5000, 5);
  const std::string one = bytes_of(quantised(model, Dtype::kInt8, 1), folder);
  for (const int threads : {2, 3, 7}) CHECK(bytes_of(quantised(model, Dtype::kInt8, threads), folder) == one);
  const Artefact by_part = read_artefact(folder.path("m.safetensors"), 1, Reading::kByPart);
  by_part.verify_user(4999);
  CHECK(is_quantised(by_part));
  CHECK(bytes_of(dequantised(read_artefact(folder.path("m.safetensors"), 1)), folder) ==
        bytes_of(dequantised(quantised(model, Dtype::kInt8, 1)), folder));
}

TEST_CASE("quantise: what cannot be") {
  const Artefact model = random_model(5, 3, 4);
  const Artefact small = quantised(model, Dtype::kInt8, 1);
  CHECK(
      failure([&] { quantised(small, Dtype::kBfloat16, 1); }) ==
      "the model was quantised before (int8 items.factors users.factors); rec-model quantise --type float32 gives its "
      "values in float32");
  CHECK(failure([&] { quantised(random_model(5, 3, 3), Dtype::kInt8, 1); }) ==
        "nothing to quantise: the model has no vectors of items or users of 4 values or more");
  Matrix great(1, 4);
  great(0, 2) = std::numeric_limits<float>::max();
  for (const Dtype type : {Dtype::kInt8, Dtype::kBfloat16}) {
    CHECK(failure([&] { quantised(model_of(great, great), type, 1); }) ==
          "model: tensor \"items.factors\" holds 3.4028235e+38, expected values below 3.3e+38");
  }
  great(0, 2) = 3.29e38f;
  CHECK(quantised(model_of(great, great), Dtype::kInt8, 1).find("items.factors")->floats()[2] > 3.28e38f);
}

TEST_CASE("quantise: damaged scales are found") {
  const auto with_scales = [](const std::vector<float>& scales, std::vector<uint64_t> shape) {
    Artefact model;
    for (const char* id : {"a", "b"}) model.items.intern(id);
    std::fill_n(static_cast<int8_t*>(model.add_empty("items.factors", {2, 2}, Dtype::kInt8)), 4, int8_t{3});
    std::copy(scales.begin(), scales.end(), model.add_empty("items.factors.scale", std::move(shape)));
    model.check();
    link_quantised(model);
  };
  CHECK(failure([&] { with_scales({1, 2}, {2}); }) == "no error");
  CHECK(failure([&] { with_scales({1, 2, 3}, {3}); }) == "model: tensor \"items.factors.scale\" has 3 rows for 2 ids");
  CHECK(failure([&] {
          with_scales({1, 2, 3, 4}, {2, 2});
        }) ==
        "model: tensor \"items.factors.scale\" has 2 x 2 values, expected one for each of the 2 rows of "
        "\"items.factors\"");
  CHECK(failure([&] {
          with_scales({1, -2}, {2});
        }) ==
        "model: tensor \"items.factors.scale\": the scale of row 2 is -2, expected 0 or more and no infinite value");
  CHECK(failure([&] {
          with_scales({3e38f, 1}, {2});
        }) ==
        "model: tensor \"items.factors.scale\": the scale of row 1 is 3e+38, expected 0 or more and no infinite value");
  CHECK(failure([&] {
          with_scales({std::nanf(""), 1}, {2});
        }) == "model: tensor \"items.factors.scale\" holds a value that is not finite");
}

}  // namespace
}  // namespace rec::quantise_test
