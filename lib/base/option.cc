#include "base/option.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "base/error.h"
#include "base/number.h"
#include "base/vectors_name.h"

namespace rec {
namespace {

template <class T>
std::optional<T> parsed_number(const std::string& text) {
  if constexpr (std::is_integral_v<T>) {
    return parse_integer<T>(text);
  } else {
    return parse_number<T>(text);
  }
}

template <class T>
struct Inner {
  using Type = T;
};
template <class T>
struct Inner<std::optional<T>> {
  using Type = T;
};

bool is_digits(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

std::string shortest(double value) {
  std::string text;
  append_number(text, value);
  return text;
}

}  // namespace

template <class T>
OptionValue OptionValue::number(T& target) {
  using Value = typename Inner<T>::Type;
  constexpr bool kOptional = !std::is_same_v<T, Value>;
  OptionValue value;
  value.kind_ = std::is_integral_v<Value> ? Kind::kWhole : Kind::kReal;
  value.natural_ = std::is_unsigned_v<Value>;
  value.set_ = [&target](const std::string& text) {
    const std::optional<Value> parsed = parsed_number<Value>(text);
    if (parsed) target = *parsed;
    return parsed.has_value();
  };
  value.text_ = [&target]() -> std::string {
    if constexpr (kOptional) {
      return target ? fmt::format("{}", *target) : std::string();
    } else {
      return fmt::format("{}", target);
    }
  };
  value.number_ = [&target]() -> std::optional<double> {
    if constexpr (kOptional) {
      return target ? std::optional<double>(static_cast<double>(*target)) : std::nullopt;
    } else {
      return static_cast<double>(target);
    }
  };
  return value;
}

template <class T>
OptionValue OptionValue::duration(T& target) {
  constexpr bool kOptional = !std::is_same_v<T, Duration>;
  OptionValue value;
  value.kind_ = Kind::kReal;
  value.what_ = "a number in the unit of the timestamps or with s, m, h, d or w, as 30d,";
  value.set_ = [&target](const std::string& text) {
    const std::optional<Duration> parsed = parse_duration(text);
    if (parsed) target = *parsed;
    return parsed.has_value();
  };
  value.text_ = [&target]() -> std::string {
    if constexpr (kOptional) {
      return target ? duration_text(*target) : std::string();
    } else {
      return duration_text(target);
    }
  };
  value.number_ = [&target]() -> std::optional<double> {
    if constexpr (kOptional) {
      return target ? std::optional<double>(target->amount) : std::nullopt;
    } else {
      return target.amount;
    }
  };
  return value;
}

OptionValue::OptionValue(Duration& target) : OptionValue(duration(target)) {}
OptionValue::OptionValue(std::optional<Duration>& target) : OptionValue(duration(target)) {}
OptionValue::OptionValue(std::optional<TimeField>& target) {
  kind_ = Kind::kReal;
  what_ = kTimeExpected;
  set_ = [&target](const std::string& text) {
    const std::optional<TimeField> parsed = parse_time(text);
    if (parsed) target = *parsed;
    return parsed.has_value();
  };
  text_ = [&target] {
    std::string text;
    if (target) append_time(text, target->time, target->date);
    return text;
  };
  number_ = [&target] { return target ? std::optional<double>(target->time.value) : std::nullopt; };
}
OptionValue::OptionValue(int& target) : OptionValue(number(target)) {}
OptionValue::OptionValue(uint32_t& target) : OptionValue(number(target)) {}
OptionValue::OptionValue(uint64_t& target) : OptionValue(number(target)) {}
OptionValue::OptionValue(double& target) : OptionValue(number(target)) {}
OptionValue::OptionValue(std::optional<int>& target) : OptionValue(number(target)) {}
OptionValue::OptionValue(std::optional<uint32_t>& target) : OptionValue(number(target)) {}
OptionValue::OptionValue(std::optional<uint64_t>& target) : OptionValue(number(target)) {}
OptionValue::OptionValue(std::optional<float>& target) : OptionValue(number(target)) {}
OptionValue::OptionValue(std::optional<double>& target) : OptionValue(number(target)) {}

OptionValue::OptionValue(std::string& target)
    : kind_(Kind::kText),
      set_([&target](const std::string& text) {
        target = text;
        return true;
      }),
      text_([&target] { return target; }) {}

OptionValue::OptionValue(std::vector<std::string>& target)
    : kind_(Kind::kList), set_([&target](const std::string& text) {
        target.push_back(text);
        return true;
      }) {}

OptionValue OptionValue::flag(bool& target, bool value) {
  OptionValue made;
  made.kind_ = Kind::kFlag;
  made.set_ = [&target, value](const std::string& text) {
    if (text != "1" && text != "0") return false;
    target = (text == "1") == value;
    return true;
  };
  made.text_ = [&target, value]() -> std::string { return target == value ? "1" : "0"; };
  return made;
}

OptionValue OptionValue::flag(std::function<void()> act) {
  OptionValue made = parsed([act = std::move(act)](const std::string&) { act(); });
  made.kind_ = Kind::kFlag;
  return made;
}

OptionValue OptionValue::parsed(std::function<void(const std::string& text)> parse, std::function<std::string()> text) {
  OptionValue made;
  made.kind_ = Kind::kParsed;
  made.set_ = [parse = std::move(parse)](const std::string& given) {
    parse(given);
    return true;
  };
  made.text_ = std::move(text);
  return made;
}

OptionValue OptionValue::choice(std::vector<std::string> names, std::function<std::string()> get,
                                std::function<void(size_t)> set) {
  OptionValue made;
  made.kind_ = Kind::kChoice;
  made.names_ = std::move(names);
  made.set_ = [set = std::move(set), names = made.names_](const std::string& text) {
    const auto found = std::find(names.begin(), names.end(), text);
    if (found == names.end()) return false;
    set(static_cast<size_t>(found - names.begin()));
    return true;
  };
  made.text_ = std::move(get);
  return made;
}

OptionValue OptionValue::word(std::string& target, std::vector<std::string> words) {
  const std::vector<std::string> names = words;
  return choice(
      std::move(words), [&target] { return target; }, [&target, names](size_t index) { target = names[index]; });
}

Option::Option(std::string_view flags, OptionValue value, std::string value_name, std::string help)
    : value_(std::move(value)), value_name_(std::move(value_name)), help_(std::move(help)) {
  while (!flags.empty()) {
    const std::string_view one = flags.substr(0, flags.find(','));
    flags.remove_prefix(std::min(flags.size(), one.size() + 1));
    if (one.starts_with("--")) {
      long_ = one.substr(2);
    } else if (one.starts_with("-")) {
      assert(one.size() == 2);
      letter_ = one[1];
    } else {
      position_ = one;
    }
  }
  key_ = long_.empty() ? std::string(1, letter_) : long_;
  stored_ = value_.text_ != nullptr && !is_positional();
}

Option& Option::range(double least, double most) {
  least_ = least;
  most_ = most;
  return *this;
}

Option& Option::at_least(double least) {
  least_ = least;
  return *this;
}

Option& Option::above(double bound) {
  least_ = bound;
  least_open_ = true;
  return *this;
}

Option& Option::below(double bound) {
  most_ = bound;
  most_open_ = true;
  return *this;
}

Option& Option::required() {
  required_ = true;
  return *this;
}

Option& Option::none(double value) {
  none_ = value;
  return *this;
}

Option& Option::repeatable() {
  repeatable_ = true;
  return *this;
}

Option& Option::default_text(std::string text) {
  default_text_ = std::move(text);
  return *this;
}

Option& Option::excludes(std::string_view other) {
  excludes_.emplace_back(other);
  return *this;
}

Option& Option::needs(std::string what, std::function<bool()> holds) {
  needs_.push_back({std::move(what), std::move(holds)});
  return *this;
}

Option& Option::reads(char until) {
  file_ = File::kRead;
  path_until_ = until;
  return *this;
}

Option& Option::reads_model() {
  is_model_ = true;
  return reads();
}

Option& Option::reads_vectors() {
  is_vectors_ = true;
  return reads();
}

Option& Option::writes() {
  file_ = File::kWritten;
  return *this;
}

Option& Option::key(std::string name) {
  key_ = std::move(name);
  return *this;
}

Option& Option::formerly(std::string name) {
  former_keys_.push_back(std::move(name));
  return *this;
}

Option& Option::not_in_model() {
  stored_ = false;
  return *this;
}

Option& Option::in_model_if(std::function<bool()> holds) {
  stored_if_ = std::move(holds);
  return *this;
}

Option& Option::in_model_as(std::function<std::string()> text) {
  stored_as_ = std::move(text);
  return *this;
}

bool Option::is_none() const { return none_ && value_.number_ && value_.number_() == none_; }

bool Option::in_range(double value) const {
  if (!std::isfinite(value)) return false;
  if (least_ && (least_open_ ? !(value > *least_) : !(value >= *least_))) return false;
  return !most_ || (most_open_ ? value < *most_ : value <= *most_);
}

std::string Option::expected() const {
  using Kind = OptionValue::Kind;
  if (value_.kind_ == Kind::kChoice) return value_name();
  if (value_.kind_ == Kind::kFlag) return "0 or 1";
  if (value_.kind_ != Kind::kWhole && value_.kind_ != Kind::kReal) return value_name_;
  const bool whole = value_.kind_ == Kind::kWhole;
  const std::string what = !value_.what_.empty() ? value_.what_ : whole ? "a whole number" : "a number";
  const std::optional<double> least = !least_ && value_.natural_ ? std::optional<double>(0.0) : least_;
  if (least && most_ && !least_open_ && !most_open_)
    return fmt::format("{} from {} to {}", what, shortest(*least), shortest(*most_));
  if (least && most_) {
    return fmt::format("{}{} {} and {} {}", what, least_open_ ? " above" : ", at least", shortest(*least),
                       most_open_ ? "below" : "at most", shortest(*most_));
  }
  if (least) return fmt::format("{}{} {}", what, least_open_ ? " above" : ", at least", shortest(*least));
  if (most_) return fmt::format("{} {} {}", what, most_open_ ? "below" : "up to", shortest(*most_));
  return what.substr(0, what.size() - (what.ends_with(',') ? 1 : 0));  // which parts it from a range
}

bool Option::set(const std::string& text) {
  if (!value_.set_(text)) return false;
  const std::optional<double> number = value_.number_ ? value_.number_() : std::nullopt;
  return !number || in_range(*number);
}

void Option::parse(const std::string& text) {
  if (times_ > 0 && !is_flag() && !is_repeatable()) fail_usage("{}: given more than once", flag());
  ++times_;
  if (!set(text)) {
    // A whole number that only its type cannot hold: what the type holds at most.
    std::string most;
    if (value_.kind_ == OptionValue::Kind::kWhole && !most_ && is_digits(text) && !value_.set_(text)) {
      for (const uint64_t limit : {uint64_t{INT32_MAX}, uint64_t{UINT32_MAX}, uint64_t{INT64_MAX}, UINT64_MAX}) {
        if (value_.set_(std::to_string(limit))) most = fmt::format(" and at most {}", limit);
      }
    }
    fail_usage("{}: expected {}{}, found \"{}\"", flag(), expected(), most, printable(text));
  }
  if (file_ != File::kNone) given_paths_.push_back(text);
}

std::vector<std::string> Option::paths() const {
  std::vector<std::string> paths = given_paths_;
  if (paths.empty()) paths.push_back(is_repeatable() ? (is_positional() ? "-" : "") : text());
  if (is_vectors_) {
    std::vector<std::string> named;
    for (const std::string& text : given_paths_) {
      VectorsName name = parse_vectors_name(text, flag());
      named.push_back(std::move(name.path));
      named.push_back(std::move(name.part));  // a tensor's name is no file
    }
    paths = std::move(named);
  }
  if (path_until_ != 0) {
    for (std::string& path : paths) path.resize(std::min(path.size(), path.rfind(path_until_)));
  }
  std::erase(paths, "");
  return paths;
}

void Option::check() const {
  if (!value_.number_ || is_none()) return;
  const std::optional<double> number = value_.number_();
  if (number && !in_range(*number)) fail_usage("{}: expected {}, found {}", flag(), expected(), value_.text_());
}

std::string Option::flag() const {
  if (!long_.empty()) return "--" + long_;
  return letter_ != 0 ? std::string{'-', letter_} : position_;
}

std::string Option::value_name() const {
  if (value_.kind_ != OptionValue::Kind::kChoice) return value_name_;
  if (!value_name_.empty()) return value_name_;
  std::string all;
  for (const std::string& name : value_.names_) all += (all.empty() ? "" : "|") + name;
  return all;
}

std::string Option::default_shown() const {
  if (default_text_) return *default_text_;
  if (is_none()) return "";
  return is_flag() || is_positional() || !value_.text_ ? std::string() : value_.text_();
}

bool Option::matches(std::string_view flag) const {
  if (flag.starts_with("--")) return !long_.empty() && flag.substr(2) == long_;
  if (flag.starts_with("-")) return flag.size() == 2 && flag[1] == letter_;
  return !position_.empty() && flag == position_;
}

Option& OptionTable::add(std::string_view flags, OptionValue value, std::string value_name, std::string help) {
  Option& option = options_.emplace_back(flags, std::move(value), std::move(value_name), std::move(help));
  option.heading_ = heading_;
  return option;
}

Option& OptionTable::flag(std::string_view flags, bool& target, std::string help, bool value) {
  return add(flags, OptionValue::flag(target, value), "", std::move(help));
}

Option& OptionTable::flag_call(std::string_view flags, std::function<void()> act, std::string help) {
  return add(flags, OptionValue::flag(std::move(act)), "", std::move(help));
}

Option& OptionTable::parsed(std::string_view flags, std::function<void(const std::string&)> parse,
                            std::string value_name, std::string help) {
  return add(flags, OptionValue::parsed(std::move(parse)), std::move(value_name), std::move(help));
}

const Option* OptionTable::find(std::string_view flag) const {
  const auto found =
      std::find_if(options_.begin(), options_.end(), [&](const Option& option) { return option.matches(flag); });
  return found == options_.end() ? nullptr : &*found;
}

const Option& OptionTable::operator[](std::string_view flag) const {
  const Option* option = find(flag);
  assert(option != nullptr);
  return *option;
}

void OptionTable::remove(std::string_view flag) {
  std::erase_if(options_, [&](const Option& option) { return option.matches(flag); });
}

void OptionTable::check_given() const {
  for (const Option& option : options_) {
    if (!option.given()) continue;
    for (const std::string& other : option.excluded()) {
      if (given(other)) fail_usage("{} excludes {}", option.flag(), other);
    }
    for (const auto& [what, holds] : option.needs_) {
      if (!holds()) fail_usage("{} needs {}", option.flag(), what);
    }
  }
}

void OptionTable::check_ranges() const {
  for (const Option& option : options_) option.check();
}

void OptionTable::write(std::map<std::string, std::string>& meta) const {
  for (const Option& option : options_) {
    if (!option.stored_ || (option.stored_if_ && !option.stored_if_())) continue;
    const std::string text = option.stored_as_ ? option.stored_as_() : option.is_none() ? "" : option.text();
    if (!text.empty()) meta[option.key_] = text;
  }
}

void OptionTable::read(const std::map<std::string, std::string>& meta,
                       const std::function<bool(const Option&)>& wanted) {
  for (Option& option : options_) {
    if (!option.stored_ || (wanted && !wanted(option))) continue;
    auto found = meta.find(option.key_);
    for (size_t former = 0; found == meta.end() && former < option.former_keys_.size(); ++former) {
      found = meta.find(option.former_keys_[former]);
    }
    if (found == meta.end()) continue;
    if (!option.set(found->second)) {
      fail("model: meta \"{}\": expected {}, found \"{}\"", found->first, option.expected(), printable(found->second));
    }
  }
}

}  // namespace rec
