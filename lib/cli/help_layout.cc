#include "cli/help_layout.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

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

// "  -d, --dim N", and the text.
void append_option(const Option& option, std::string& out) {
  std::string line = "  ";
  if (option.is_positional()) {
    line += option.position();
  } else {
    if (option.letter() != 0) line += std::string{'-', option.letter()};
    if (!option.long_name().empty()) line += (option.letter() != 0 ? ", --" : "    --") + option.long_name();
    const std::string value = option.value_name();
    if (!option.is_flag() && !value.empty()) line += " " + value;
  }
  std::string text = option.help();
  const std::string shown = option.default_shown();
  if (!shown.empty()) text += " (default " + shown + ")";
  if (option.is_required()) text += " (required)";
  const size_t used = line.size();
  out += line;
  append_wrapped(text, used, out);
}

void append_line(const std::string& name, const std::string& text, std::string& out) {
  out += "  " + name;
  append_wrapped(text, name.size() + 2, out);
}

// "rec-rank [OPTION...] [FILE...]"
std::string usage(const Command& command) {
  std::string line = "Usage: " + command.name();
  if (!command.commands().empty()) return line + " SUBCOMMAND [OPTION...]\n";
  line += " [OPTION...]";
  for (const Option& option : command.options().all()) {
    if (!option.position().empty() && option.is_positional()) {
      const std::string word = option.position() + (option.is_repeatable() ? "..." : "");
      line += option.is_required() ? " " + word : " [" + word + "]";
    }
  }
  for (const Option& option : command.options().all()) {
    if (!option.position().empty() && !option.is_positional()) line += " [" + option.position() + "]";
  }
  return line + "\n";
}

// The options under `heading`, in the order of their declaration.
void append_options(const Command& command, const std::string& heading, bool positional, std::string& out) {
  for (const Option& option : command.options().all()) {
    if (option.is_positional() == positional && option.heading() == heading) append_option(option, out);
  }
}

}  // namespace

std::string help_text(const Command& command, bool is_tool) {
  std::string out = command.description() + ".\n" + usage(command);
  std::string arguments;
  append_options(command, "", true, arguments);
  if (!arguments.empty()) out += "\nArguments:\n" + arguments;
  out += "\nOptions:\n";
  append_options(command, "", false, out);
  append_line("-h, --help", "Print this help and exit", out);
  if (is_tool) append_line("    --version", "Print the version and exit", out);
  std::vector<std::string> headings;
  for (const Option& option : command.options().all()) {
    if (!option.heading().empty() && std::find(headings.begin(), headings.end(), option.heading()) == headings.end())
      headings.push_back(option.heading());
  }
  for (const std::string& heading : headings) {
    out += "\n" + heading + ":\n";
    append_options(command, heading, false, out);
  }
  if (!command.commands().empty()) {
    out += "\nSubcommands:\n";
    for (const Command& sub : command.commands()) append_line(std::string(sub.word()), sub.description(), out);
    out += "\n" + command.name() + " SUBCOMMAND --help lists the options of one.\n";
  }
  return out;
}

}  // namespace rec
