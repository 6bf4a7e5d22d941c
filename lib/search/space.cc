#include "search/space.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/number.h"
#include "base/rng.h"
#include "io/foreign_header.h"

namespace rec {
namespace {

constexpr double kMostWhole = 0x1p53;  // a double has each whole number up to it
constexpr uint64_t kMostListed = 4096;
constexpr uint64_t kMostPoints = uint64_t{1} << 32;

bool is_control(char c) { return static_cast<unsigned char>(c) < 32; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// A piece of the text: a word, or what stands between two braces.
struct Token {
  std::string text;
  bool open = false;
  bool joined = false;  // behind "--option=", without a blank
};

// Reads a quote or a backslash at `at`, appends what it keeps, and moves behind it. false: there is none.
bool read_quoted(std::string_view text, size_t& at, std::string& out) {
  const char c = text[at];
  if (c == '\\' && at + 1 < text.size()) {
    if (is_control(text[at + 1])) fail_usage("--space: a control character in a value: {}", printable(text));
    out += text[at + 1];
    at += 2;
    return true;
  }
  if (c != '\'' && c != '"') return false;
  const size_t end = text.find(c, at + 1);
  if (end == std::string_view::npos) fail_usage("--space: a quote is not closed: {}", printable(text));
  const std::string_view inner = text.substr(at + 1, end - at - 1);
  if (std::any_of(inner.begin(), inner.end(), is_control))
    fail_usage("--space: a control character in a value: {}", printable(text));
  out += inner;
  at = end + 1;
  return true;
}

// The end of a brace that opens at `at`: the place of its "}".
size_t end_of_brace(std::string_view text, size_t at) {
  std::string ignored;
  for (size_t next = at + 1; next < text.size();) {
    if (read_quoted(text, next, ignored)) continue;
    if (text[next] == '{') fail_usage("--space: a brace within braces: {}", printable(text));
    if (text[next] == '}') return next;
    ++next;
  }
  fail_usage("--space: a brace is not closed: {}", printable(text));
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  size_t at = 0;
  while (true) {
    while (at < text.size() && is_blank(text[at])) ++at;
    if (at == text.size()) return tokens;
    Token token;
    bool any = false;
    while (at < text.size() && !is_blank(text[at])) {
      any = true;
      if (read_quoted(text, at, token.text)) continue;
      const char c = text[at];
      if (c == '}') fail_usage("--space: a brace that nothing opened: {}", printable(text));
      if (c == '{') {
        const bool behind_option =
            token.text.starts_with("--") && token.text.find('=') == token.text.size() - 1 && token.text.size() > 3;
        if (!token.text.empty() && !behind_option)
          fail_usage("--space: braces are a word of their own, or stand behind --option=: {}", printable(text));
        if (behind_option) {
          token.text.pop_back();
          tokens.push_back(std::exchange(token, {}));
        }
        const size_t end = end_of_brace(text, at);
        tokens.push_back({std::string(text.substr(at + 1, end - at - 1)), true, behind_option});
        at = end + 1;
        if (at < text.size() && !is_blank(text[at]))
          fail_usage("--space: braces are a word of their own, or stand behind --option=: {}", printable(text));
        any = false;
        break;
      }
      if (is_control(c)) fail_usage("--space: a control character in a value: {}", printable(text));
      token.text += c;
      ++at;
    }
    if (any) tokens.push_back(std::move(token));
  }
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// The parts between the commas that are not quoted.
std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  std::string ignored;
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    if (read_quoted(text, at, ignored)) continue;
    if (text[at] == ',') {
      parts.push_back(text.substr(begin, at - begin));
      begin = at + 1;
    }
    ++at;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::string shortest(double value) {
  std::string text;
  append_number(text, value);
  return text;
}

}  // namespace

std::string shell_line(const Words& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + shell_word(word);
  return line;
}

Space::Open Space::parse_open(std::string_view text, std::string_view space) {
  Open open;
  const std::string_view inner = trimmed(text);
  if (inner.empty()) fail_usage("--space: nothing between braces: {}", printable(space));
  const std::vector<std::string_view> parts = parts_of(inner);
  const size_t dots = inner.find("..");
  if (parts.size() == 1 && dots != std::string_view::npos && inner.find_first_of("'\"\\") == std::string_view::npos) {
    std::string_view rest = inner.substr(dots + 2);
    open.log = rest.size() > 4 && rest.ends_with("log") && is_blank(rest[rest.size() - 4]);
    if (open.log) rest.remove_suffix(3);
    const std::string_view first = trimmed(inner.substr(0, dots)), last = trimmed(rest);
    const auto least = parse_number<double>(first), most = parse_number<double>(last);
    if (!least || !most)
      fail_usage("--space: expected a range such as {{1e-4..0.1 log}}, found \"{{{}}}\"", printable(inner));
    open.least = *least;
    open.most = *most;
    open.whole = parse_integer<int64_t>(first) && parse_integer<int64_t>(last);
    if (!(*least < *most)) fail_usage("--space: expected a range that rises, found \"{{{}}}\"", printable(inner));
    if (open.whole ? std::max(std::abs(*least), std::abs(*most)) >= kMostWhole : !std::isfinite(*most - *least))
      fail_usage("--space: a range of numbers that are too large: \"{{{}}}\"", printable(inner));
    if (open.log && *least <= 0)
      fail_usage("--space: expected a range above 0 for its logarithm, found \"{{{}}}\"", printable(inner));
    return open;
  }
  for (const std::string_view part : parts) {
    Words words;
    for (Token& token : tokens_of(part)) words.push_back(std::move(token.text));
    const bool quoted = part.find_first_of("'\"\\") != std::string_view::npos;
    for (const std::string& word : words) {
      if (parts.size() > 1 && !quoted && word.find("..") != std::string::npos &&
          parse_number<double>(word.substr(0, word.find(".."))))
        fail_usage("--space: a range stands alone in its braces, found \"{{{}}}\"", printable(inner));
    }
    if (std::find(open.choices.begin(), open.choices.end(), words) != open.choices.end())
      fail_usage("--space: a choice that is there twice, found \"{{{}}}\"", printable(inner));
    open.choices.push_back(std::move(words));
  }
  return open;
}

Space Space::parse(std::string_view text) {
  Space space;
  std::vector<Token> tokens = tokens_of(text);
  if (tokens.empty() || tokens.front().open || tokens.front().text.starts_with('-'))
    fail_usage("--space: expected a trainer first, as in \"als --dim {{16,32,64}}\", found \"{}\"", printable(text));
  space.model_ = tokens.front().text;
  space.text_ = trimmed(text);
  for (auto token = tokens.begin() + 1; token != tokens.end(); ++token) {
    if (token->open) {
      space.parts_.push_back({"", space.open_.size()});
      space.open_.push_back(parse_open(token->text, text));
    } else {
      space.parts_.push_back({std::move(token->text), kWord});
    }
  }
  return space;
}

uint64_t Space::Open::size() const {
  if (!choices.empty()) return choices.size();
  return whole ? static_cast<uint64_t>(std::min(most - least + 1, static_cast<double>(kMostPoints))) : 0;
}

Words Space::Open::at(double u) const {
  if (!choices.empty()) {
    return choices[std::min(choices.size() - 1, static_cast<size_t>(u * static_cast<double>(choices.size())))];
  }
  if (whole) {
    const double value =
        log ? std::exp(std::log(least) + u * (std::log(most + 1) - std::log(least))) : least + u * (most - least + 1);
    return {fmt::format("{}", static_cast<int64_t>(std::clamp(std::floor(value), least, most)))};
  }
  const double value = log ? least * std::pow(most / least, u) : least + u * (most - least);
  std::string rounded = fmt::format("{:.3g}", value);
  const double its = *parse_number<double>(rounded);
  return {its < least ? shortest(least) : its > most ? shortest(most) : shortest(its)};
}

double Space::Open::middle(uint64_t index) const {
  const double place = static_cast<double>(index) + 0.5;
  if (choices.empty() && log)
    return (std::log(least + place) - std::log(least)) / (std::log(most + 1) - std::log(least));
  return place / static_cast<double>(size());
}

std::optional<uint64_t> Space::size() const {
  uint64_t size = 1;
  for (const Open& open : open_) {
    if (open.size() == 0) return std::nullopt;
    size = open.size() > kMostPoints / size ? kMostPoints : size * open.size();
  }
  return size;
}

Words Space::at(std::span<const double> u) const {
  Words words;
  for (const Part& part : parts_) {
    if (part.open == kWord) {
      words.push_back(part.word);
    } else {
      const Words its = open_[part.open].at(u[part.open]);
      words.insert(words.end(), its.begin(), its.end());
    }
  }
  return words;
}

std::vector<Words> Space::corners() const {
  std::vector<double> u(open_.size(), 0.0);
  std::vector<Words> corners{at(u)};
  for (size_t dimension = 0; dimension < open_.size(); ++dimension) {
    const Open& open = open_[dimension];
    const size_t values = open.choices.empty() ? 2 : open.choices.size();
    for (size_t value = 1; value < values; ++value) {
      u[dimension] = open.choices.empty() ? std::nextafter(1.0, 0.0)
                                          : (static_cast<double>(value) + 0.5) / static_cast<double>(values);
      corners.push_back(at(u));
    }
    u[dimension] = 0.0;
  }
  return corners;
}

PointSequence::PointSequence(const Space& space, uint64_t seed, uint64_t stream)
    : space_(space), seed_(seed), stream_(stream) {
  const std::optional<uint64_t> size = space.size();
  Rng random(seed, stream);
  if (size && *size <= kMostListed) {
    for (uint64_t point = 0; point < *size; ++point) order_.push_back(point);
    for (uint64_t left = *size; left > 1; --left) std::swap(order_[left - 1], order_[random.below(left)]);
    return;
  }
  const auto d = static_cast<double>(space.dimensions());
  double root = 2.0;
  for (int pass = 0; pass < 64; ++pass) root = std::pow(1.0 + root, 1.0 / (d + 1.0));
  for (size_t dimension = 1; dimension <= space.dimensions(); ++dimension) {
    start_.push_back(random.uniform());
    step_.push_back(std::pow(root, -static_cast<double>(dimension)));
  }
}

std::vector<double> PointSequence::draw(const std::vector<double>* near) {
  constexpr uint64_t kFirstNear = 8;
  constexpr double kDeviation = 0.12, kMove = 0.5;
  const uint64_t number = drawn_++;
  std::vector<double> u(space_.dimensions());
  if (near != nullptr && !near->empty() && number >= kFirstNear && number % 2 == 1) {
    // Some of the values move, and stay within bounds by reflection.
    Rng random(seed_, stream_, number);
    for (size_t dimension = 0; dimension < u.size(); ++dimension) {
      const bool moves = random.uniform() < kMove;
      const double moved = std::abs((*near)[dimension] + random.normal(kDeviation));
      const double value = moves ? moved : (*near)[dimension];
      u[dimension] = std::clamp(value < 1.0 ? value : 2.0 - value, 0.0, std::nextafter(1.0, 0.0));
    }
    return u;
  }
  for (size_t dimension = 0; dimension < u.size(); ++dimension) {
    const double value = start_[dimension] + static_cast<double>(number) * step_[dimension];
    u[dimension] = value - std::floor(value);
  }
  return u;
}

std::optional<Point> PointSequence::next(const std::vector<double>* near) {
  constexpr int kTries = 100;
  for (int tries = 0; order_.empty() ? tries < kTries : drawn_ < order_.size(); ++tries) {
    Point point;
    if (order_.empty()) {
      point.u = draw(near);
    } else {
      uint64_t number = order_[drawn_++];
      for (size_t dimension = 0; dimension < space_.dimensions(); ++dimension) {
        const uint64_t size = space_.values(dimension);
        point.u.push_back(space_.middle(dimension, number % size));
        number /= size;
      }
    }
    point.words = space_.at(point.u);
    if (seen_.insert(point.words).second) return point;
  }
  return std::nullopt;
}

}  // namespace rec
