// Writes a model of als with random vectors, for measurements of large catalogues: request_model ITEMS USERS FACTORS
// FILE. The lengths of the vectors fall with the item's popularity rank, as those that als learns do.
#include <fmt/format.h>

#include <cmath>

#include "base/number.h"
#include "base/rng.h"
#include "data/artefact.h"
#include "io/output.h"

namespace rec {
namespace {

Matrix vectors(size_t rows, size_t cols, double fall, uint64_t seed) {
  Rng rng(seed, 0);
  Matrix made(rows, cols);
  for (size_t row = 0; row < rows; ++row) {
    const double length = 1.0 / std::pow(static_cast<double>(row % 997 + 1), fall);
    for (size_t f = 0; f < cols; ++f) made(row, f) = static_cast<float>(length * (2.0 * rng.uniform() - 1.0));
  }
  return made;
}

IdTable ids(char letter, size_t count) {
  IdTable table;
  for (size_t id = 0; id < count; ++id) table.intern(fmt::format("{}{:07d}", letter, id));
  return table;
}

void write(size_t items, size_t users, size_t factors, const std::string& path) {
  Artefact model;
  model.meta = {{"attention", "dot"},
                {"block", "0"},
                {"confidence", "none"},
                {"confidence-scale", "1"},
                {"encoder", "als"},
                {"epochs", "1"},
                {"init-std", "0.1"},
                {"model", "als"},
                {"predictor", "dot"},
                {"reg", "0.025"},
                {"reg-exponent", "1"},
                {"seed", "1"},
                {"dim", fmt::format("{}", factors)},
                {"unobserved-weight", "0.1"}};
  model.items = ids('i', items);
  model.users = ids('u', users);
  model.take("items.factors", vectors(items, factors, 0.2, 1));
  model.add("items.count", std::vector<float>(items, 1.0f));
  model.take("users.factors", vectors(users, factors, 0.0, 2));
  Output out(path, Sync::kNo);
  write_artefact(model, encoding_for(path), out, 1);
  out.finish();
}

}  // namespace
}  // namespace rec

int main(int argc, char** argv) {
  if (argc != 5) {
    fmt::print(stderr, "usage: request_model ITEMS USERS FACTORS FILE\n");
    return 2;
  }
  const auto number = [argv](int at) { return rec::parse_integer<size_t>(argv[at]).value_or(1); };
  rec::write(number(1), number(2), number(3), argv[4]);
  return 0;
}
