#include "data/overlap.h"

#include <algorithm>
#include <unordered_map>

#include "base/error.h"
#include "base/number.h"
#include "data/id_hash.h"

namespace rec {
namespace {

// So many ids of each side are looked at for the reason.
constexpr uint32_t kLookedAt = 10000;

std::string without_spaces(std::string_view id) {
  const auto blank = [](char byte) { return byte == ' ' || byte == '\r'; };
  while (!id.empty() && blank(id.front())) id.remove_prefix(1);
  while (!id.empty() && blank(id.back())) id.remove_suffix(1);
  return std::string(id);
}

std::string without_quotes(std::string_view id) {
  if (id.size() > 2 && (id.front() == '"' || id.front() == '\'') && id.back() == id.front())
    id = id.substr(1, id.size() - 2);
  return std::string(id);
}

std::string without_zeros(std::string_view id) {
  while (id.size() > 1 && id.front() == '0') id.remove_prefix(1);
  return std::string(id);
}

std::string without_fraction(std::string_view id) {
  if (id.size() > 2 && id.ends_with(".0")) id.remove_suffix(2);
  return std::string(id);
}

std::string in_lower_case(std::string_view id) {
  std::string lower(id);
  for (char& byte : lower) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  }
  return lower;
}

std::string without_all(std::string_view id) {
  return in_lower_case(without_zeros(without_fraction(without_quotes(without_spaces(id)))));
}

// Spellings of ids that export and import change.
constexpr struct {
  const char* difference;
  std::string (*form)(std::string_view id);
} kSpellings[] = {{"leading zeros", without_zeros},        {"spaces around them", without_spaces},
                  {"quotes around them", without_quotes},  {"a \".0\" at the end", without_fraction},
                  {"upper and lower case", in_lower_case}, {"zeros, quotes, spaces and case", without_all}};

std::string quoted(std::string_view id) { return "\"" + printable(id) + "\""; }

bool any_in(const IdTable& ids, const IdTable& others) {
  for (uint32_t id = 0; id < ids.size(); ++id) {
    if (others.find(ids[id]) != kNoId) return true;
  }
  return false;
}

// "; they differ by ... alone", with a pair; "" if no spelling makes the two meet.
std::string other_spelling(const IdTable& a, const IdTable& b) {
  for (const auto& [difference, form] : kSpellings) {
    std::unordered_map<std::string, uint32_t, IdHash> forms;
    for (uint32_t id = 0; id < std::min<size_t>(b.size(), kLookedAt); ++id) forms.emplace(form(b[id]), id);
    for (uint32_t id = 0; id < std::min<size_t>(a.size(), kLookedAt); ++id) {
      const auto found = forms.find(form(a[id]));
      if (found == forms.end()) continue;
      return fmt::format("; {} and {} differ by {} alone", quoted(a[id]), quoted(b[found->second]), difference);
    }
  }
  return "";
}

std::string count(const IdColumn& column, const char* noun) {
  return (column.more ? "more than " : "") + counted(column.ids->size(), noun);
}

bool has_ids(const IdColumn& column) { return column.ids != nullptr && column.ids->size() > 0; }

}  // namespace

std::string unmet(IdKind kind, const MatchedTable& a, const MatchedTable& b) {
  const bool users = kind == IdKind::kUser;
  const IdColumn& of_a = users ? a.users : a.items;
  const IdColumn& of_b = users ? b.users : b.items;
  if (!has_ids(of_a) || !has_ids(of_b) || of_a.met || of_b.met) return "";
  const bool a_is_smaller = of_a.ids->size() < of_b.ids->size();
  if (any_in(a_is_smaller ? *of_a.ids : *of_b.ids, a_is_smaller ? *of_b.ids : *of_a.ids)) return "";

  const char* noun = users ? "user" : "item";
  std::string text = fmt::format("{} and {} have no {} in common: {} ({}{}) against {} ({}{})", a.name, b.name, noun,
                                 count(of_a, noun), quoted((*of_a.ids)[0]), of_a.ids->size() > 1 ? ", ..." : "",
                                 count(of_b, noun), quoted((*of_b.ids)[0]), of_b.ids->size() > 1 ? ", ..." : "");
  const IdColumn& others_of_a = users ? a.items : a.users;
  const IdColumn& others_of_b = users ? b.items : b.users;
  if (has_ids(others_of_b) && any_in(*of_a.ids, *others_of_b.ids)) {
    text +=
        fmt::format("; {}s of {} are {}s of {}: the columns user and item of one of them are swapped (see --columns)",
                    noun, a.name, users ? "item" : "user", b.name);
  } else if (has_ids(others_of_a) && any_in(*of_b.ids, *others_of_a.ids)) {
    text +=
        fmt::format("; {}s of {} are {}s of {}: the columns user and item of one of them are swapped (see --columns)",
                    noun, b.name, users ? "item" : "user", a.name);
  } else {
    text += other_spelling(*of_a.ids, *of_b.ids);
  }
  return text;
}

std::vector<std::string> unmet(const MatchedTable& a, const MatchedTable& b) {
  std::vector<std::string> texts;
  for (const IdKind kind : {IdKind::kUser, IdKind::kItem}) {
    std::string text = unmet(kind, a, b);
    if (!text.empty()) texts.push_back(std::move(text));
  }
  return texts;
}

void StreamIds::keep(std::string_view id, bool known) {
  met_ = known;
  if (known || ids_.find(id) != kNoId) return;
  if (ids_.size() == kMost) {
    more_ = true;
    return;
  }
  ids_.intern(id);
}

void StreamIds::add(const StreamIds& later) {
  if (met_) return;
  for (uint32_t id = 0; id < later.ids_.size(); ++id) keep(later.ids_[id], false);
  met_ = later.met_;
  more_ |= later.more_;
}

}  // namespace rec
