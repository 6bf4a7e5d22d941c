#include "cli/command.h"

#include <CLI/CLI.hpp>

#include <algorithm>

#include "base/edit_distance.h"
#include "base/error.h"
#include "cli/help_layout.h"
#include "cli/run_files.h"

namespace rec {
namespace {

char lower_case(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; }

// What other programs call an option of ours.
constexpr std::pair<std::string_view, std::string_view> kOtherNames[] = {{"--factors", "--dim"},
                                                                         {"--latent-factors", "--dim"},
                                                                         {"--embedding-dim", "--dim"},
                                                                         {"--rank", "--dim"},
                                                                         {"--lr", "--learning-rate"},
                                                                         {"--iterations", "--epochs"},
                                                                         {"--iter", "--epochs"},
                                                                         {"--n-epochs", "--epochs"},
                                                                         {"--regularization", "--reg"},
                                                                         {"--lambda", "--reg"},
                                                                         {"--l2", "--reg"},
                                                                         {"--batch-size", "--batch"},
                                                                         {"--top-k", "--top"},
                                                                         {"--topk", "--top"},
                                                                         {"--ground-truth", "--truth"},
                                                                         {"--test", "--truth"},
                                                                         {"-n", "--top"},
                                                                         {"--sep", "--delimiter"},
                                                                         {"--separator", "--delimiter"}};

// The option of `command` that `flag` means elsewhere, or is most like: a prefix of it (of several, of the shortest),
// or a third of its letters wrong at most; nullptr: none.
const Option* neighbour(const Command& command, std::string_view flag) {
  for (const auto& [theirs, ours] : kOtherNames) {
    if (flag != theirs) continue;
    if (const Option* option = command.options().find(std::string(ours))) return option;
  }
  const Option* best = nullptr;
  size_t least = flag.size() / 3 + 1, rest = 0;
  for (const Option& option : command.options().all()) {
    if (option.long_name().empty()) continue;
    const std::string its = option.flag();
    const bool begins = its.starts_with(flag) && flag.size() > 3;
    const size_t distance = begins ? 0 : edit_distance(flag, its);
    const size_t more = begins ? its.size() - flag.size() : 0;
    if (distance < least || (distance == least && begins && more < rest)) {
      best = &option;
      least = distance;
      rest = more;
    }
  }
  return best;
}

// The argument of `command` that `flag` stands for in other programs, as --item or --input; nullptr: none.
const Option* argument_meant(const Command& command, std::string_view flag) {
  for (const Option& option : command.options().all()) {
    if (option.position().empty()) continue;
    std::string lower = "--";
    for (const char letter : option.position()) lower += lower_case(letter);
    if (flag == lower || flag == lower + "s") return &option;
    if (option.position() == "FILE" && (flag == "--input" || flag == "--data" || flag == "-i")) return &option;
  }
  return nullptr;
}

// The subcommand that `word` is most like, in small or capital letters: one of them begins with the other, or
// a third of its letters are wrong at most; the first of equal ones; "": none.
std::string subcommand_like(std::string word, const std::deque<Command>& commands) {
  for (char& letter : word) letter = lower_case(letter);
  std::string best;
  size_t least = word.size() / 3 + 1;
  for (const Command& command : commands) {
    const std::string_view its = command.word();
    const bool begins = word.size() > 2 && (its.starts_with(word) || word.starts_with(its));
    const size_t distance = begins ? 0 : edit_distance(word, its);
    if (distance >= least) continue;
    best = its;
    least = distance;
  }
  return best;
}

// What is wrong with an argument that nobody took.
[[noreturn]] void refuse(const std::string& argument, const Command& command, const Command& tool) {
  const std::string shown = printable(argument.substr(0, argument.find('=')));
  if (argument.size() < 2 || argument[0] != '-') {
    const bool reads_one = command.options().find("--columns") != nullptr && command.options().find("FILE") != nullptr;
    fail_usage("one argument too many: \"{}\"{}", printable(argument),
               reads_one ? "; one FILE is read: { cat A; tail -n +2 B; } | makes one table of two" : "");
  }
  const std::string flag = argument.substr(0, argument.find('='));
  if (const Option* option = neighbour(command, flag))
    fail_usage("unknown option {} (did you mean {}?)", shown, option->flag());
  if (const Option* meant = argument_meant(command, flag))
    fail_usage("unknown option {}; {} stands without an option before it", shown, meant->position());
  if (&command == &tool) {
    for (const Command& sub : tool.commands()) {
      if (sub.options().find(flag) != nullptr)
        fail_usage("{} is an option of a subcommand, as of {}, and stands behind its name", shown, sub.name());
    }
  }
  fail_usage("unknown option {}", shown);
}

std::string flags_for_parser(const Option& option) {
  std::string flags;
  if (option.letter() != 0) flags += std::string{'-', option.letter()};
  if (!option.long_name().empty()) flags += (flags.empty() ? "--" : ",--") + option.long_name();
  return flags;
}

// The options of `command` in `parser`, which hands them the texts.
void add_options(Command& command, CLI::App& parser) {
  parser.allow_extras();
  for (Option& option : command.options().all()) {
    if (option.is_positional()) continue;  // take_arguments()
    if (option.is_flag()) {
      parser.add_flag_function(
          flags_for_parser(option), [&option](int64_t) { option.parse("1"); }, "");
      continue;
    }
    CLI::Option* added = parser.add_option(
        flags_for_parser(option),
        [&option](const CLI::results_t& texts) {
          for (const std::string& text : texts) option.parse(text);
          return true;
        },
        "");
    added->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(false);
  }
}

// The arguments as the parser is to have them. It would take the value of a flag for something
// that is not said, and the next argument for the value of an option that has "=" and nothing.
std::vector<std::string> plain_values(std::vector<std::string> arguments, const Command& command) {
  std::vector<std::string> plain;
  for (std::string& argument : arguments) {
    const size_t equals = argument.starts_with('-') ? argument.find('=') : std::string::npos;
    const Option* option =
        equals == std::string::npos ? nullptr : command.options().find(std::string_view(argument).substr(0, equals));
    if (option != nullptr && option->is_flag())
      fail_usage("{}: takes no value, found \"{}\"", option->flag(), printable(argument.substr(equals + 1)));
    if (option != nullptr && equals + 1 == argument.size()) {
      plain.push_back(argument.substr(0, equals));
      plain.emplace_back();
    } else {
      plain.push_back(std::move(argument));
    }
  }
  return plain;
}

// Gives an argument that is no option to the first that is told by its position and
// still takes one.
void take_argument(const std::string& argument, Command& command, const Command& tool) {
  auto& options = command.options().all();
  const auto next = std::find_if(options.begin(), options.end(), [](const Option& option) {
    return !option.position().empty() && (option.is_repeatable() || !option.given());
  });
  if (next == options.end()) refuse(argument, command, tool);
  next->parse(argument);
}

}  // namespace

Command::Command(std::string name, std::string description)
    : name_(std::move(name)), description_(std::move(description)), read_(name_) {}

Command& Command::add_command(const std::string& name, std::string description) {
  return commands_.emplace_back(name_ + " " + name, std::move(description));
}

std::string_view Command::word() const { return std::string_view(name_).substr(name_.rfind(' ') + 1); }

std::function<int()> Command::parse(const std::vector<std::string>& arguments, const std::string& version) {
  CLI::App parser;
  parser.require_subcommand(0, 1);
  parser.set_help_flag("-h,--help", "");
  parser.set_version_flag("--version", version);
  add_options(*this, parser);
  std::vector<CLI::App*> subs;
  for (Command& command : commands_) {
    CLI::App* sub = parser.add_subcommand(std::string(command.word()), "");
    sub->set_help_flag("-h,--help", "");
    add_options(command, *sub);
    subs.push_back(sub);
  }
  // The word that names the command is known before anything can be wrong behind it.
  Command* chosen = this;
  CLI::App* its_parser = &parser;
  for (const std::string& argument : arguments) {
    const auto found = std::find_if(commands_.begin(), commands_.end(),
                                    [&](const Command& command) { return command.word() == argument; });
    if (found == commands_.end()) continue;
    chosen = &*found;
    its_parser = subs[static_cast<size_t>(found - commands_.begin())];
    break;
  }
  read_ = chosen->name_;
  // What stands behind "--" is no option.
  const auto mark = std::find(arguments.begin(), arguments.end(), "--");
  std::vector<std::string> reversed = plain_values({arguments.begin(), mark}, *chosen);
  std::reverse(reversed.begin(), reversed.end());
  try {
    parser.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    throw Printed{help_text(*chosen, chosen == this)};
  } catch (const CLI::CallForVersion&) {
    throw Printed{version + "\n"};
  } catch (const CLI::ArgumentMismatch& error) {  // the last option has no value
    const Option* last = arguments.empty() ? nullptr : chosen->options_.find(arguments.back());
    if (last != nullptr) fail_usage("{}: expected {}, found nothing", last->flag(), last->expected());
    fail_usage("{}", error.what());
  } catch (const CLI::ParseError& error) {
    fail_usage("{}", error.what());
  }
  // A wrong option says more than what stands behind it.
  const auto refuse_options = [&](const std::vector<std::string>& rest, const Command& command) {
    for (const std::string& argument : rest) {
      if (argument.size() > 1 && argument[0] == '-') refuse(argument, command, *this);
    }
  };
  refuse_options(parser.remaining(), *this);
  if (chosen != this) refuse_options(its_parser->remaining(), *chosen);
  std::string names;
  for (const Command& command : commands_) names += (names.empty() ? "" : " or ") + std::string(command.word());
  if (!commands_.empty() && chosen == this) {
    if (arguments.empty()) fail_usage("expected a subcommand: {}", names);
    const std::string meant = subcommand_like(arguments.front(), commands_);
    fail_usage("expected a subcommand ({}), found \"{}\"{}", names, printable(arguments.front()),
               meant.empty() ? "" : "; did you mean " + meant + "?");
  }
  for (const std::string& argument : its_parser->remaining()) take_argument(argument, *chosen, *this);
  if (mark != arguments.end()) {
    for (auto rest = mark + 1; rest != arguments.end(); ++rest) take_argument(*rest, *chosen, *this);
  }
  for (const Option& option : chosen->options_.all()) {
    if (option.is_required() && !option.given()) fail_usage("{} is missing ({})", option.flag(), option.help());
  }
  check_run_files(chosen->options_);
  if (chosen->complete_) chosen->complete_();
  chosen->options_.check_given();
  return chosen->run_;
}

}  // namespace rec
