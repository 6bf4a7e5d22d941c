#include "cli/help_layout.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace rec {
namespace {

constexpr size_t kTextColumn = 26;
constexpr size_t kWidth = 80;

// Appends `text`, wrapped, from kTextColumn on; `used` columns of the first line
// are taken. Where the text has line breaks, its lines are items of a list.
void append_wrapped(std::string_view text, size_t used, std::string& out) {
  const size_t hang = kTextColumn + (text.find('\n') == std::string_view::npos ? 0 : 2);
  if (used + 2 > kTextColumn) {
    out += '\n';
    used = 0;
  }
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    out.append(kTextColumn - used, ' ');
    used = 0;
    size_t column = kTextColumn;
    for (bool first = true; !line.empty(); first = false) {
      const std::string_view word = line.substr(0, line.find(' '));
      line.remove_prefix(std::min(line.size(), word.size() + 1));
      if (!first && column + 1 + word.size() > kWidth) {
        out += '\n';
        out.append(hang, ' ');
        column = hang;
      } else if (!first) {
        out += ' ';
        ++column;
      }
      out += word;
      column += word.size();
    }
    out += '\n';
  }
}

// "G:{dot,cosine}" is "dot|cosine", "N:INT in [0 - 9]" is "N": CLI11 adds what a
// check expects to the name of the value.
std::string value_name(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const size_t colon = type.find(':');
  if (colon == std::string::npos) return type;
  if (type.size() < colon + 3 || type[colon + 1] != '{' || type.back() != '}') return type.substr(0, colon);
  std::string choices = type.substr(colon + 2, type.size() - colon - 3);
  for (char& byte : choices) {
    if (byte == ',') byte = '|';
  }
  return choices;
}

class HelpLayout : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    std::string out = "  ";
    if (is_positional) {
      out += option->get_name(true);
    } else {
      const std::string names = option->get_name(false, true);  // "-k,--long"
      const size_t comma = names.find(',');
      if (comma != std::string::npos) {
        out += names.substr(0, comma) + ", " + names.substr(comma + 1);
      } else {
        out += (names.starts_with("--") ? "    " : "") + names;
      }
      if (option->get_type_size() != 0 && !option->get_type_name().empty()) out += " " + value_name(*option);
    }
    std::string text = option->get_description();
    if (!option->get_default_str().empty()) text += " (default " + option->get_default_str() + ")";
    if (option->get_required()) text += " (required)";
    append_wrapped(text, out.size(), out);
    return out;
  }
  std::string make_subcommand(const CLI::App* command) const override {
    std::string out = "  " + command->get_display_name(true);
    append_wrapped(command->get_description(), out.size(), out);
    return out;
  }
  std::string make_description(const CLI::App* app) const override { return app->get_description() + ".\n"; }
};

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_layout() { return std::make_shared<HelpLayout>(); }

}  // namespace rec
