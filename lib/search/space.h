// A search space: a command line of a trainer in which some values are left open, and its points, the command
// lines that it stands for. Values without shared state.
//
//   als --dim {16,32,64} --reg {1e-4..1e-1 log}
//
// A word {A,B,C} is one of A, B and C; each may be several words or none. {A..B} is a number from A to B, both
// included: a whole one where both are written so, else one of three digits. With "log" its logarithm is uniform,
// else it is. --option={...} is --option {...}. Quotes and backslashes are as in a shell, and keep braces, too.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rec {

using Words = std::vector<std::string>;

// The words as one line that a shell reads back.
std::string shell_line(const Words& words);

class Space {
 public:
  // Throws UsageError "--space: ..." for anything else.
  static Space parse(std::string_view text);

  // The first word: the trainer.
  const std::string& model() const { return model_; }
  const std::string& text() const { return text_; }
  size_t dimensions() const { return open_.size(); }
  // How many points there are, at most 2^32; nothing where a value is a real number.
  std::optional<uint64_t> size() const;
  // How many values a dimension has, 0 for real numbers; and a u that gives value number `index` of them.
  uint64_t values(size_t dimension) const { return open_[dimension].size(); }
  double middle(size_t dimension, uint64_t index) const { return open_[dimension].middle(index); }
  // The words behind the model at u, a value in [0, 1) for each dimension.
  Words at(std::span<const double> u) const;
  // Both ends, or each choice, of each dimension beside the first of the others: what is wrong with a value is
  // wrong with one of these.
  std::vector<Words> corners() const;

 private:
  struct Open {
    std::vector<Words> choices;  // or else a range:
    double least = 0, most = 0;
    bool whole = false, log = false;

    uint64_t size() const;  // 0: real numbers
    double middle(uint64_t index) const;
    Words at(double u) const;
  };
  struct Part {
    std::string word;
    size_t open;  // kWord: `word` itself
  };
  static constexpr size_t kWord = SIZE_MAX;
  static Open parse_open(std::string_view text, std::string_view space);

  std::string model_, text_;
  std::vector<Part> parts_;
  std::vector<Open> open_;
};

struct Point {
  std::vector<double> u;  // empty: given by its words alone
  Words words;            // behind the model
};

// Points of a space, each once. A space of up to 4,096 points is gone through in a random order. Of a larger one
// they are spread evenly: point k has frac(s_i + k φ^-i) in dimension i = 1, 2, ..., with the root φ > 1 of φ^(d+1) = φ
// + 1 (Roberts 2018, "The unreasonable effectiveness of quasirandom sequences") and a random start s.
class PointSequence {
 public:
  // seed, stream: of the random numbers. `space` is held.
  PointSequence(const Space& space, uint64_t seed, uint64_t stream);

  // Nothing once there are no more. near: of a point; from the ninth on every other one is drawn around it.
  std::optional<Point> next(const std::vector<double>* near = nullptr);
  // A point that is known already.
  void leave_out(const Words& words) { seen_.insert(words); }

 private:
  std::vector<double> draw(const std::vector<double>* near);

  const Space& space_;
  uint64_t seed_, stream_;
  uint64_t drawn_ = 0;
  std::vector<uint64_t> order_;  // of a small space
  std::vector<double> start_, step_;
  std::set<Words> seen_;
};

}  // namespace rec
