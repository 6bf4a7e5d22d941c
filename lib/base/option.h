// Options, each told once: its flags, the variable it sets, its range, its default and
// its help. The command line, the check of the ranges, the model file and --help all
// read the same entry.
// Thread rule: for one thread; an entry refers to the variable of whoever added it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace rec {

// A value of an enumeration and its name on the command line and in model files.
template <class E>
struct Named {
  const char* name;
  E value;
};

template <class E, size_t N>
const char* name_in(const Named<E> (&names)[N], E value) {
  for (const auto& [name, its] : names) {
    if (its == value) return name;
  }
  return "";
}

template <class E, size_t N>
std::optional<E> value_in(const Named<E> (&names)[N], std::string_view name) {
  for (const auto& [its, value] : names) {
    if (its == name) return value;
  }
  return std::nullopt;
}

// "a|b|c"
template <class E, size_t N>
std::string names_of(const Named<E> (&names)[N]) {
  std::string all;
  for (const auto& [name, value] : names) all += (all.empty() ? "" : "|") + std::string(name);
  return all;
}

// The variable that an option sets. It must outlive the option.
class OptionValue {
 public:
  OptionValue(int& target);
  OptionValue(uint32_t& target);
  OptionValue(uint64_t& target);
  OptionValue(double& target);
  OptionValue(std::string& target);
  OptionValue(std::optional<int>& target);
  OptionValue(std::optional<uint32_t>& target);
  OptionValue(std::optional<uint64_t>& target);
  OptionValue(std::optional<float>& target);
  OptionValue(std::optional<double>& target);
  OptionValue(Duration& target);  // its range is that of the amount
  OptionValue(std::optional<Duration>& target);
  OptionValue(std::optional<TimeField>& target);
  OptionValue(std::vector<std::string>& target);  // repeatable, each adds one

  // A flag: given, it sets `target` to `value`.
  static OptionValue flag(bool& target, bool value);
  static OptionValue flag(std::function<void()> act);
  // Each text goes to `parse`, which throws UsageError for one it does not take; `text`
  // says the value now, if it can be said.
  static OptionValue parsed(std::function<void(const std::string& text)> parse,
                            std::function<std::string()> text = nullptr);
  // One of `names`; get: the name of the value now, "" for none; set: by index.
  static OptionValue choice(std::vector<std::string> names, std::function<std::string()> get,
                            std::function<void(size_t)> set);
  static OptionValue word(std::string& target, std::vector<std::string> words);
  template <class T, class E>
  static OptionValue choice(T& target, std::vector<Named<E>> names) {
    std::vector<std::string> texts;
    for (const auto& [name, value] : names) texts.push_back(name);
    return choice(
        std::move(texts),
        [&target, names] {
          for (const auto& [name, value] : names) {
            if (target == value) return std::string(name);
          }
          return std::string();
        },
        [&target, names](size_t index) { target = names[index].value; });
  }

 private:
  friend class Option;
  enum class Kind { kFlag, kWhole, kReal, kText, kList, kChoice, kParsed };

  OptionValue() = default;
  template <class T>
  static OptionValue number(T& target);
  template <class T>
  static OptionValue duration(T& target);

  Kind kind_ = Kind::kText;
  std::function<bool(const std::string&)> set_;  // false: the text is no such value
  std::function<std::string()> text_;            // the value now; "": none
  std::function<std::optional<double>()> number_;
  std::vector<std::string> names_;  // of a choice
  bool natural_ = false;            // whole numbers from 0 on
  std::string what_;                // what is expected, in place of "a number"
};

class Option {
 public:
  // flags: "-d,--dim", "--reg", "-k"; a word without dashes is a positional argument.
  Option(std::string_view flags, OptionValue value, std::string value_name, std::string help);

  // Ranges of numbers; a value outside is a UsageError that says the range.
  Option& range(double least, double most);
  Option& at_least(double least);
  Option& above(double bound);
  Option& below(double bound);  // beside at_least or above
  Option& required();
  Option& repeatable();  // of a value that is no list
  // The value that stands for "not given", outside the range or not: --help and model
  // files do not mention it.
  Option& none(double value);
  // What --help says of the default in place of the value, as "by size"; "": nothing.
  Option& default_text(std::string text);
  // May not be given together with that option.
  Option& excludes(std::string_view other);
  // Given where `holds` is false, it is the UsageError "A needs B". May be called again.
  Option& needs(std::string what, std::function<bool()> holds);
  // Its value is the path of a file of the run: one that is read, or one that is written. until: the
  // path ends before the last of these (FILE:COLUMN).
  enum class File { kNone, kRead, kWritten };
  Option& reads(char until = 0);  // a table
  Option& reads_model();
  Option& reads_vectors();  // [NAME=]FILE[:PART], base/vectors_name.h
  Option& writes();
  // Its key in model files, in place of its name; keys of earlier versions.
  Option& key(std::string name);
  Option& formerly(std::string name);
  Option& not_in_model();
  Option& in_model_if(std::function<bool()> holds);
  // What a model keeps, in place of the value's text.
  Option& in_model_as(std::function<std::string()> text);

  // Sets the value. Throws UsageError "--dim: expected a whole number from 1 to 1024, found "0"".
  void parse(const std::string& text);
  // Throws UsageError where the value now is outside its range.
  void check() const;

  bool given() const { return times_ > 0; }
  bool is_flag() const { return value_.kind_ == OptionValue::Kind::kFlag; }
  bool is_repeatable() const { return value_.kind_ == OptionValue::Kind::kList || repeatable_; }
  bool is_positional() const { return letter_ == 0 && long_.empty(); }
  bool is_required() const { return required_; }
  char letter() const { return letter_; }                    // 0: none
  const std::string& long_name() const { return long_; }     // without dashes; "": none
  const std::string& position() const { return position_; }  // name as a positional argument; "": none
  std::string flag() const;                                  // "--dim", "-k", "FILE"
  std::string value_name() const;                            // "N", "a|b|c"; "": none
  const std::string& help() const { return help_; }
  std::string default_shown() const;  // "": nothing
  const std::string& heading() const { return heading_; }
  const std::vector<std::string>& excluded() const { return excludes_; }
  std::string expected() const;               // "a number above 0"
  bool matches(std::string_view flag) const;  // "--dim", "-d", "FILE"

  File file() const { return file_; }
  bool is_table_read() const { return file_ == File::kRead && !is_model_; }
  // The paths it names now, its default included; stdin where several FILEs may be given and none is.
  std::vector<std::string> paths() const;

  // The value now; "": none.
  std::string text() const { return value_.text_ ? value_.text_() : std::string(); }

 private:
  friend class OptionTable;
  bool set(const std::string& text);  // false: no value of this option
  bool in_range(double value) const;
  bool is_none() const;

  char letter_ = 0;
  std::string long_, position_;
  OptionValue value_;
  std::string value_name_, help_, heading_;
  std::optional<std::string> default_text_;
  std::vector<std::string> excludes_;
  std::optional<double> least_, most_, none_;
  bool least_open_ = false, most_open_ = false;
  bool required_ = false, repeatable_ = false, stored_ = true;
  struct Need {
    std::string what;
    std::function<bool()> holds;
  };
  std::vector<Need> needs_;
  std::function<bool()> stored_if_;
  std::function<std::string()> stored_as_;
  std::string key_;
  std::vector<std::string> former_keys_;
  File file_ = File::kNone;
  bool is_model_ = false;
  char path_until_ = 0;
  bool is_vectors_ = false;
  std::vector<std::string> given_paths_;
  int times_ = 0;
};

class OptionTable {
 public:
  OptionTable() = default;
  OptionTable(const OptionTable&) = delete;
  OptionTable& operator=(const OptionTable&) = delete;

  // References stay valid.
  Option& add(std::string_view flags, OptionValue value, std::string value_name, std::string help);
  Option& flag(std::string_view flags, bool& target, std::string help, bool value = true);
  // A flag that calls `act`.
  Option& flag_call(std::string_view flags, std::function<void()> act, std::string help);
  Option& parsed(std::string_view flags, std::function<void(const std::string&)> parse, std::string value_name,
                 std::string help);
  // One of named values; choice() where the names are a list of their own.
  template <class T, class E>
  Option& one_of(std::string_view flags, T& target, std::vector<Named<E>> names, std::string help) {
    return add(flags, OptionValue::choice(target, std::move(names)), "", std::move(help));
  }
  template <class T, class E, size_t N>
  Option& choice(std::string_view flags, T& target, const Named<E> (&names)[N], std::string help) {
    return one_of(flags, target, std::vector<Named<E>>(names, names + N), std::move(help));
  }
  // One of `words`.
  Option& word(std::string_view flags, std::string& target, std::vector<std::string> words, std::string help) {
    return add(flags, OptionValue::word(target, std::move(words)), "", std::move(help));
  }
  // The part of --help under which the options added from now on stand; "": the first.
  void heading(std::string name) { heading_ = std::move(name); }
  // The same for the options added while it lives; the heading before comes back.
  class Section {
   public:
    Section(OptionTable& table, std::string name)
        : table_(table), before_(std::exchange(table.heading_, std::move(name))) {}
    ~Section() { table_.heading_ = std::move(before_); }
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;

   private:
    OptionTable& table_;
    std::string before_;
  };

  // By "--dim", "-d" or "FILE"; REQUIRES: it is there.
  const Option& operator[](std::string_view flag) const;
  const Option* find(std::string_view flag) const;
  bool given(std::string_view flag) const { return (*this)[flag].given(); }
  // Takes the option back.
  void remove(std::string_view flag);
  std::deque<Option>& all() { return options_; }
  const std::deque<Option>& all() const { return options_; }

  // Throws UsageError for two that exclude each other, and one given without what it needs.
  void check_given() const;
  // Throws UsageError for a value outside its range, whoever set it.
  void check_ranges() const;

  // Each stored option as key and text; and back, where the key is there and `wanted`
  // says so. Throws Error "model: meta KEY: ..." for a text that is no value of the option.
  void write(std::map<std::string, std::string>& meta) const;
  void read(const std::map<std::string, std::string>& meta, const std::function<bool(const Option&)>& wanted = nullptr);

 private:
  std::deque<Option> options_;
  std::string heading_;
};

// For a struct with `void describe(OptionTable&)`: its ranges checked, and both ways
// between it and the meta of a model file.
template <class Options>
void check_ranges(Options options) {
  OptionTable table;
  options.describe(table);
  table.check_ranges();
}
template <class Options>
void write_options(Options options, std::map<std::string, std::string>& meta) {
  OptionTable table;
  options.describe(table);
  table.write(meta);
}
template <class Options>
void read_options(const std::map<std::string, std::string>& meta, Options& options,
                  const std::function<bool(const Option&)>& wanted = nullptr) {
  OptionTable table;
  options.describe(table);
  table.read(meta, wanted);
}

}  // namespace rec
