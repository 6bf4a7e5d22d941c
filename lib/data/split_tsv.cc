#include "data/split_tsv.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "base/number.h"
#include "data/artefact.h"
#include "data/interactions_notes_tsv.h"
#include "data/interactions_safetensors.h"
#include "data/interactions_tsv.h"
#include "data/time_unit.h"
#include "io/file_identity.h"
#include "io/output.h"

namespace rec {
namespace {

constexpr const char* kFlags[] = {"--train", "--valid", "--test"};
constexpr std::string_view kNumber = "%d";  // stands for the number of a split
constexpr const char* kPartNames[] = {"train", "validation", "test"};

bool by_hash(SplitMethod method) {
  return method == SplitMethod::kHashUser || method == SplitMethod::kHashItem || method == SplitMethod::kHashRow;
}

bool has_fractions(SplitMethod method) {
  return method == SplitMethod::kTime || method == SplitMethod::kUserTime || method == SplitMethod::kUserRandom ||
         by_hash(method);
}

bool is_random(SplitMethod method) {
  return by_hash(method) || method == SplitMethod::kUserRandom || method == SplitMethod::kFolds;
}

// Are there several splits of the same rows?
bool is_several(SplitMethod method) { return method == SplitMethod::kFolds || method == SplitMethod::kWindows; }

bool has_sessions(const SplitOptions& options) { return options.session_gap || options.baskets; }

// The first filter that looks at times; nullptr: none.
const char* time_filter(const SplitOptions& options) {
  return options.dedup_window  ? "--dedup-window"
         : options.drop_bursts ? "--drop-bursts"
         : options.max_per_day ? "--max-per-day"
                               : nullptr;
}

bool is_method_by_time(SplitMethod method) {
  return method == SplitMethod::kTime || method == SplitMethod::kWindows || cuts_each_user(method);
}

bool needs_order(const SplitOptions& options) {
  return is_method_by_time(*options.method) || has_sessions(options) || time_filter(options) != nullptr ||
         options.duplicates == DuplicateRows::kFirst || options.duplicates == DuplicateRows::kLast;
}

void check_fraction(const char* flag, const std::optional<double>& fraction) {
  if (fraction && !(*fraction > 0 && *fraction < 1))
    fail_usage("{} {}: expected a share between 0 and 1, both excluded", flag, *fraction);
}

void check_finite(const char* flag, const std::optional<double>& number) {
  if (number && !std::isfinite(*number)) fail_usage("{} {}: expected a finite number", flag, *number);
}

// The file of split number `number`, from 1.
std::string numbered(const std::string& file, size_t number) {
  std::string name = file;
  return name.replace(name.find(kNumber), kNumber.size(), std::to_string(number));
}

void check_names(const SplitOptions& options) {
  for (size_t part = 0; part < 3; ++part) {
    const std::string& file = options.files[part];
    if (file.empty()) continue;
    const size_t at = file.find(kNumber);
    if (at == std::string::npos || file.find(kNumber, at + 1) != std::string::npos) {
      fail_usage(
          "{}: --method {} writes several files; say where their number goes by one %d, as in part-%d.tsv, found {}",
          kFlags[part], name_in(kSplitMethods, *options.method), file);
    }
  }
}

void check_files(const SplitOptions& options) {
  const bool only_train = *options.method == SplitMethod::kNone;
  if (options.files[0].empty()) fail_usage("--train FILE is required, such as --train train.tsv");
  if (!only_train && options.files[2].empty()) fail_usage("--test FILE is required, such as --test test.tsv");
  if (is_several(*options.method)) check_names(options);
  for (size_t part = 1; part < 3; ++part) {
    if (only_train && !options.files[part].empty()) fail_usage("{} does not apply to --method none", kFlags[part]);
  }
}

SplitPlan plan_of(const SplitOptions& options) {
  SplitPlan plan;
  const bool valid = !options.files[1].empty();
  plan.method = *options.method;
  plan.test_fraction = options.test_fraction.value_or(0.2);
  plan.valid_fraction = valid ? options.valid_fraction.value_or(0.1) : 0.0;
  plan.test_rows = options.leave.value_or(1);
  plan.valid_rows = valid ? plan.test_rows : 0;
  plan.seed = options.seed.value_or(1);
  return plan;
}

PropensityWeights weights_of(const SplitOptions& options) {
  PropensityWeights how;
  how.power = options.propensity.value_or(how.power);
  how.clip = options.clip.value_or(how.clip);
  return how;
}

using Outputs = std::array<std::unique_ptr<Output>, 3>;

// The lines of each part that has an output, in the input's order; with a field for the session, and one for the weight
// of the item where there are weights.
void write_lines(const LoadedInteractions& loaded, const Parts& parts, const Sessions* sessions,
                 const std::vector<double>& weights, const std::array<Output*, 3>& outputs) {
  size_t row = 0;
  std::string with_fields;
  const bool adds_fields = sessions != nullptr || !weights.empty();
  for (const std::string& text : loaded.lines) {
    const char* end = text.data() + text.size();
    for (const char* begin = text.data(); begin < end;) {
      const Part part = parts[row];
      const char* line = begin;
      while (line < end && parts[row] == part) {  // neighbours go out together
        line = static_cast<const char*>(std::memchr(line, '\n', static_cast<size_t>(end - line))) + 1;
        ++row;
        if (adds_fields) break;
      }
      const std::string_view lines(begin, static_cast<size_t>(line - begin));
      begin = line;
      if (part == Part::kRemoved || outputs[static_cast<size_t>(part)] == nullptr) continue;
      Output& output = *outputs[static_cast<size_t>(part)];
      if (!adds_fields) {
        output.write(lines);
        continue;
      }
      with_fields.assign(lines.substr(0, lines.size() - 1));
      if (sessions != nullptr) {
        with_fields.append(1, '\t').append(loaded.data.users[loaded.data.user[row - 1]]).append(1, ':');
        append_integer(with_fields, sessions->place[sessions->of[row - 1]]);
      }
      if (!weights.empty()) append_number(with_fields.append(1, '\t'), weights[loaded.data.item[row - 1]]);
      output.write(with_fields.append(1, '\n'));
    }
  }
}

bool is_binary(const std::string& file) { return encoding_for(file) == Encoding::kSafetensors; }

// The parts that are written as text, or in binary.
bool writes(const SplitOptions& options, bool binary) {
  return std::any_of(options.files.begin(), options.files.end(),
                     [&](const std::string& file) { return !file.empty() && is_binary(file) == binary; });
}

// Columns that binary files get, which the split must not see: without timestamps the order of the rows counts.
struct HiddenColumns {
  DataColumn<float> value;
  DataColumn<double> timestamp;
  DataColumn<double> timestamp_rest;
  bool dates = false;

  void swap_value(Interactions& data) { std::swap(value, data.value); }
  void swap_time(Interactions& data) {
    std::swap(timestamp, data.timestamp);
    std::swap(timestamp_rest, data.timestamp_rest);
    std::swap(dates, data.dates);
  }
};

// The weight of each row, of those of the items.
DataColumn<float> weights_of_rows(const Interactions& data, const std::vector<double>& of_items) {
  std::vector<float> weights;
  for (const uint32_t item : data.item) weights.push_back(static_cast<float>(of_items[item]));
  return weights;
}

void write_binary(const Interactions& data, const Parts& parts, Part part, bool header, Output& output) {
  std::vector<bool> keep(data.size());
  for (size_t row = 0; row < parts.size(); ++row) keep[row] = parts[row] == part;
  encode_interactions(selected(data, keep), header, output);
}

void check_only_text(const SplitOptions& options, const char* flag) {
  if (writes(options, true))
    fail_usage("{} needs tables of text: interactions in binary (.safetensors) have no such column", flag);
}

void check_sessions(const SplitOptions& options) {
  const SplitMethod method = *options.method;
  const char* const flag = options.baskets ? "--baskets" : "--session-gap";
  if (options.session_gap && options.baskets) fail_usage("--session-gap excludes --baskets");
  if (options.session_column && !has_sessions(options)) fail_usage("--session-column needs --session-gap or --baskets");
  if (options.session_column) check_only_text(options, "--session-column");
  if (!has_sessions(options)) return;
  if (options.session_gap && !(options.session_gap->amount >= 0 && std::isfinite(options.session_gap->amount)))
    fail_usage("--session-gap {}: expected at least 0", duration_text(*options.session_gap));
  if (options.order == RowOrder::kInput) fail_usage("--order input has no times, which {} needs", flag);
  if (!is_method_by_time(method) && !options.session_column)
    fail_usage("{} does not apply to --method {} without --session-column", flag, name_in(kSplitMethods, method));
}

void check_time_filters(const SplitOptions& options) {
  if (options.dedup_window && !(options.dedup_window->amount >= 0 && std::isfinite(options.dedup_window->amount)))
    fail_usage("--dedup-window {}: expected at least 0", duration_text(*options.dedup_window));
  if (time_filter(options) != nullptr && options.order == RowOrder::kInput)
    fail_usage("--order input has no times, which {} needs", time_filter(options));
}

void check_several(const SplitOptions& options) {
  const auto check_count = [](const char* flag, const std::optional<uint64_t>& count, uint64_t least) {
    if (count && (*count < least || *count > kMostSplits))
      fail_usage("{} {}: expected a whole number from {} to {}", flag, *count, least, kMostSplits);
  };
  check_count("--folds", options.folds, 2);
  check_count("--windows", options.windows, 1);
  if (options.method == SplitMethod::kFolds) {
    if (!options.folds) fail_usage("--method folds needs --folds K");
    if (*options.folds == 2 && !options.files[1].empty()) fail_usage("--valid needs --folds 3 or more");
  }
  if (options.method == SplitMethod::kWindows) {
    if (!options.window) fail_usage("--method windows needs --window T");
    if (!(options.window->amount > 0 && std::isfinite(options.window->amount)))
      fail_usage("--window {}: expected more than 0", duration_text(*options.window));
  }
}

// What the methods need beside the rows.
struct Plans {
  SplitPlan split;
  std::vector<uint32_t> fold;   // kFolds
  std::vector<Window> windows;  // kWindows
  size_t splits = 1;
};

// The times that were given, in the unit of the timestamps.
class GivenTimes {
 public:
  GivenTimes(const Interactions& data, SplitReport& report) : data_(data), report_(report) {}
  std::optional<Time> time(const std::optional<TimeField>& given) {
    if (!given) return std::nullopt;
    return given->date ? in_timestamps(*given, scale()) : given->time;
  }
  double duration(const Duration& given) { return given.seconds ? in_timestamps(given, scale()).amount : given.amount; }

 private:
  // Looked for, and said, once something is to be converted.
  const TimeScale& scale() {
    if (!scale_) {
      scale_ = time_scale(data_);
      if (!scale_->note.empty()) report_.notes.push_back(report_.input + ": " + scale_->note);
    }
    return *scale_;
  }
  const Interactions& data_;
  SplitReport& report_;
  std::optional<TimeScale> scale_;
};

// Splits the rows that the filters left, for the split at `index`.
SplitDone split_once(const LoadedInteractions& loaded, const SplitOptions& options, const Plans& plans, size_t index,
                     Parts& parts) {
  const Interactions& data = loaded.data;
  const SplitPlan& plan = plans.split;
  SplitDone done;
  done.files = options.files;
  if (is_several(plan.method)) {
    for (std::string& file : done.files) file = file.empty() ? file : numbered(file, index + 1);
  }
  if (plan.method == SplitMethod::kFolds) {
    take_fold(plans.fold, static_cast<uint32_t>(index), static_cast<uint32_t>(plans.splits), !options.files[1].empty(),
              parts);
  } else if (plan.method == SplitMethod::kWindows) {
    done.window = plans.windows[index];
    take_window(data, plan.sessions, *done.window, parts);
  } else {
    done.notes = split_rows(data, plan, parts);
  }
  done.repeated = repeated_rows(data, parts, options.drop_repeated);
  if (options.drop_cold) done.cold = remove_cold(data, parts);
  check_no_leak(data, plan.method, parts, plan.sessions);
  if (cuts_each_user(plan.method)) done.after_test = rows_after_test(data, parts);
  if (options.propensity) {
    const PropensityWeights how = weights_of(options);
    done.weights = propensity_weights(data, parts, how);
    done.clipped = 0;
    for (size_t row = 0; row < data.size(); ++row)
      *done.clipped += parts[row] == Part::kTrain && done.weights[data.item[row]] == how.clip ? 1 : 0;
  }
  for (size_t part = 0; part < 3; ++part) done.parts[part] = count_part(data, parts, static_cast<Part>(part));
  return done;
}

std::vector<std::string> inputs_of(const SplitOptions& options) {
  std::vector<std::string> inputs = options.read.more_files.value_or(std::vector<std::string>());
  inputs.insert(inputs.begin(), options.input);
  return inputs;
}

// A numbered file over an input: the command line does not show its name, so nobody has looked before.
void check_numbered(const SplitOptions& options, const char* flag, const std::string& file) {
  const std::string identity = file_identity(file, true);
  for (const std::string& input : inputs_of(options)) {
    if (options.replace_inputs || identity.empty() || identity != file_identity(input, false)) continue;
    fail_usage("{} would replace FILE, which is the same file: {}; write to another file, or say --force", flag,
               printable(file));
  }
}

Outputs open_outputs(const SplitOptions& options, size_t index) {
  Outputs outputs;
  for (size_t part = 0; part < 3; ++part) {
    std::string file = options.files[part];
    if (file.empty()) continue;
    if (is_several(*options.method)) {
      file = numbered(file, index + 1);
      check_numbered(options, kFlags[part], file);
    }
    outputs[part] = std::make_unique<Output>(file, options.sync);
  }
  return outputs;
}

// Binary files have a place for weights.
bool reads_weights(const SplitOptions& options) { return writes(options, true) && !options.events; }

TableSpec spec_of(const SplitOptions& options) {
  return options.events ? event_spec() : reads_weights(options) ? weighted_interactions_spec() : interactions_spec();
}

std::string header_of(const SplitOptions& options, const Layout& layout) {
  std::string header = header_line(options.events ? interactions_spec() : spec_of(options), layout);
  if (options.session_column) header.insert(header.size() - 1, "\tsession");
  if (options.propensity) header.insert(header.size() - 1, "\tweight");
  return header;
}

// A column that is there under a name which the output gives to another.
void check_header(const SplitOptions& options, const Layout& layout, const std::string& input) {
  for (size_t field = 0; field < layout.names.size(); ++field) {
    if (options.events && layout.names[field] == "value" && layout.position[2] != static_cast<int>(field)) {
      fail("{}: a column value beside the events, which become the value; leave out one of them, or rename it", input);
    }
    if (options.session_column && layout.names[field] == "session")
      fail("{}: a column session is there already; leave out --session-column, or rename it", input);
    if (options.propensity && layout.names[field] == "weight")
      fail("{}: a column weight is there already; leave out --propensity, or rename it", input);
  }
  if (options.propensity && reads_weights(options) && layout.has(4))
    fail("{}: a column weight, field {}, is there already; leave out --propensity", input, layout.position[4] + 1);
}

}  // namespace

void check_split_options(const SplitOptions& options) {
  if (!options.method) fail_usage("--method is required, such as --method time --train train.tsv --test test.tsv");
  const SplitMethod method = *options.method;
  auto applies = [&](bool given, bool ok, const char* flag) {
    if (given && !ok) fail_usage("{} does not apply to --method {}", flag, name_in(kSplitMethods, method));
  };
  const bool fractions = has_fractions(method);
  applies(options.test_fraction.has_value(), fractions, "--test-fraction");
  applies(options.valid_fraction.has_value(), fractions, "--valid-fraction");
  applies(options.test_from.has_value(), method == SplitMethod::kTime || method == SplitMethod::kWindows,
          "--test-from");
  applies(options.valid_from.has_value(), method == SplitMethod::kTime, "--valid-from");
  applies(options.leave.has_value(), method == SplitMethod::kLeaveKOut, "--leave");
  applies(options.seed.has_value(), is_random(method), "--seed");
  applies(options.folds.has_value(), method == SplitMethod::kFolds, "--folds");
  applies(options.folds_of.has_value(), method == SplitMethod::kFolds, "--folds-of");
  applies(options.window.has_value(), method == SplitMethod::kWindows, "--window");
  applies(options.windows.has_value(), method == SplitMethod::kWindows, "--windows");
  applies(options.drop_repeated, method != SplitMethod::kNone, "--drop-repeated");
  applies(options.drop_cold, method != SplitMethod::kNone, "--drop-cold");
  check_files(options);

  const bool valid = !options.files[1].empty();
  check_fraction("--test-fraction", options.test_fraction);
  check_fraction("--valid-fraction", options.valid_fraction);
  check_finite("--min-value", options.min_value);
  if (!valid && options.valid_fraction) fail_usage("--valid-fraction needs --valid FILE");
  if (!valid && options.valid_from) fail_usage("--valid-from needs --valid FILE");
  const bool cuts = options.test_from || options.valid_from;
  if (cuts && (options.test_fraction || options.valid_fraction))
    fail_usage("give either cut times or fractions, not both");
  if (cuts && !options.test_from) fail_usage("--valid-from needs --test-from");
  if (cuts && valid && !options.valid_from && method == SplitMethod::kTime)
    fail_usage("--valid with --test-from needs --valid-from");
  if (options.valid_from && options.valid_from->date == options.test_from->date &&
      options.valid_from->time >= options.test_from->time) {
    const auto text = [](const TimeField& time) {
      std::string out;
      append_time(out, time.time, time.date);
      return out;
    };
    fail_usage("--valid-from {} is not before --test-from {}", text(*options.valid_from), text(*options.test_from));
  }
  check_several(options);
  check_sessions(options);
  check_time_filters(options);
  if (options.clip && !options.propensity) fail_usage("--clip needs --propensity");
  if (options.clip && !(*options.clip >= 1 && std::isfinite(*options.clip)))
    fail_usage("--clip {}: expected a number, at least 1", *options.clip);
  const SplitPlan plan = plan_of(options);
  if (fractions && !cuts && plan.test_fraction + plan.valid_fraction >= 1) {
    fail_usage("the shares of validation and test, {} and {}, leave nothing to train", plan.valid_fraction,
               plan.test_fraction);
  }
  if (method == SplitMethod::kLeaveKOut && !options.leave) fail_usage("--method leave-k-out needs --leave K");
  if (options.leave && (*options.leave < 1 || *options.leave > UINT32_MAX))
    fail_usage("--leave {}: expected a whole number from 1 to {}", *options.leave, UINT32_MAX);
  if (options.order && !needs_order(options)) {
    fail_usage("--order does not apply to --method {}{}", name_in(kSplitMethods, method),
               is_random(method) || method == SplitMethod::kNone ? " without --duplicates first or last" : "");
  }
  if (options.order == RowOrder::kInput && cuts) fail_usage("--order input has no times that --test-from could cut");
  if (options.k_core && (options.min_per_user || options.min_per_item)) {
    fail_usage("--k-core N is --min-per-user N --min-per-item N: give one or the other");
  }
  (void)ColumnMap::parse(options.read.columns, spec_of(options));
}

SplitReport run_split(const SplitOptions& options) {
  SplitReport report;
  report.input = input_names(inputs_of(options));
  const SplitMethod method = *options.method;
  const bool by_input = options.order == RowOrder::kInput;
  const bool want_value = options.min_value || options.duplicates == DuplicateRows::kMax || options.events;
  const bool want_time = needs_order(options) && !by_input;
  Plans plans;
  plans.split = plan_of(options);
  plans.splits = options.folds.value_or(options.windows.value_or(1));

  // A place that cannot be written is known before the input is read.
  std::vector<Outputs> outputs;
  const bool late = method == SplitMethod::kWindows && !options.windows;  // how many is not known yet
  for (size_t index = 0; index < plans.splits && !late; ++index) outputs.push_back(open_outputs(options, index));

  const bool binary = writes(options, true);
  LoadedInteractions loaded = read_interactions(
      options.input, options.read, {.value = want_value || binary, .timestamp = want_time || binary, .weight = binary},
      options.threads, writes(options, false), options.events ? &*options.events : nullptr);
  HiddenColumns hidden;
  if (!want_value) hidden.swap_value(loaded.data);
  if (!want_time) hidden.swap_time(loaded.data);
  const Interactions& data = loaded.data;
  const Layout& layout = loaded.layout;
  report.bad_lines = loaded.bad_lines;
  report.dates = data.dates;
  if (data.rounded_times > 0) report.notes.push_back(rounded_times_note(report.input, data.rounded_times));
  check_header(options, layout, report.input);
  if (binary) require_binary_columns(layout, spec_of(options), report.input, options.read.columns);
  Parts parts(data.size(), Part::kTrain);
  report.all = count_part(data, parts, Part::kTrain);
  report.input_notes = interactions_notes(loaded, {.value = true, .timestamp = true, .weight = reads_weights(options)});
  if (data.size() == 0 && !options.allow_empty) fail("{}: no rows", report.input);
  if (data.size() > 0 && want_value && !layout.has(2)) {
    fail("{}: no value column, which {} needs", report.input, options.min_value ? "--min-value" : "--duplicates max");
  }
  if (data.size() > 0 && want_time && !layout.has(3)) {
    const bool for_method = is_method_by_time(method);
    const std::string what = for_method              ? std::string("--method ") + name_in(kSplitMethods, method)
                             : has_sessions(options) ? std::string(options.baskets ? "--baskets" : "--session-gap")
                             : time_filter(options) != nullptr ? std::string(time_filter(options))
                                                               : std::string("--duplicates first or last");
    const bool needs_times =
        has_sessions(options) || time_filter(options) != nullptr || method == SplitMethod::kWindows;
    fail("{}: no timestamp column, which {} needs{}", report.input, what,
         needs_times ? "" : "; if the rows stand in time order, say --order input");
  }

  GivenTimes given(data, report);
  Sessions sessions;
  if (has_sessions(options) && data.size() > 0) {
    sessions = find_sessions(data, options.baskets ? 0.0 : given.duration(*options.session_gap));
    report.sessions = sessions.size();
    plans.split.sessions = &sessions;
  }
  auto filtered = [&](const char* by) {
    for (const Part part : parts) {
      if (part != Part::kRemoved) return;
    }
    if (!options.allow_empty) fail("{}: no row of {} is left after {}", report.input, data.size(), by);
  };
  if (options.events && data.size() > 0) {
    report.without_value = 0;
    for (size_t row = 0; row < data.size(); ++row) {
      if (data.value[row] != 0) continue;
      parts[row] = Part::kRemoved;
      ++*report.without_value;
    }
    filtered("--event-values");
  }
  if (options.min_value && data.size() > 0) {
    report.below_min_value = remove_below(data, *options.min_value, parts);
    filtered("--min-value");
  }
  if (time_filter(options) != nullptr && data.size() > 0) {
    const Sequences order = by_time(data);
    constexpr double kMinute = 60, kDay = 86400;
    const auto seconds = [&](double amount) { return given.duration(Duration(amount, true)); };
    if (options.dedup_window)
      report.repeats = remove_repeats_within(data, order, given.duration(*options.dedup_window), parts);
    if (options.drop_bursts) {
      report.bursts = remove_bursts(data, order, *options.drop_bursts, seconds(kMinute), parts);
      filtered("--drop-bursts");
    }
    if (options.max_per_day) report.days = remove_beyond_day(data, order, *options.max_per_day, seconds(kDay), parts);
  }
  if (options.duplicates != DuplicateRows::kKeep) {
    try {
      report.duplicates = remove_duplicates(data, options.duplicates, parts);
    } catch (const Error& error) {
      fail("{}: {}", report.input, error.what());
    }
  }
  if (options.k_core || options.min_per_user || options.min_per_item) {
    report.core = keep_core(data, options.k_core.value_or(options.min_per_user.value_or(0)),
                            options.k_core.value_or(options.min_per_item.value_or(0)), parts);
    filtered(options.k_core ? "--k-core" : options.min_per_user ? "--min-per-user" : "--min-per-item");
  }

  plans.split.test_from = given.time(options.test_from);
  plans.split.valid_from = given.time(options.valid_from);
  if (plans.split.valid_from && *plans.split.valid_from >= *plans.split.test_from)
    fail("{}: --valid-from is not before --test-from, in the unit of the timestamps", report.input);
  if (method == SplitMethod::kFolds) {
    plans.fold = deal_folds(data, options.folds_of.value_or(FoldUnit::kPairs), static_cast<uint32_t>(plans.splits),
                            plans.split.seed, parts);
  }
  if (method == SplitMethod::kWindows) {
    WindowPlan plan;
    plan.length = given.duration(*options.window);
    plan.first = plans.split.test_from;
    if (options.windows) plan.count = static_cast<size_t>(*options.windows);
    plan.valid = !options.files[1].empty();
    if (data.timestamp.empty()) plan.first = plan.first.value_or(Time());  // no rows
    try {
      plans.windows = find_windows(data, plan, parts);
    } catch (const Error& error) {
      fail("{}: {}", report.input, error.what());
    }
    plans.splits = plans.windows.size();
  }
  for (size_t index = 0; index < plans.splits && late; ++index) outputs.push_back(open_outputs(options, index));

  std::vector<Output*> all;
  for (size_t index = 0; index < plans.splits; ++index) {
    Parts its = parts;
    std::array<Output*, 3> of_text{};
    const SplitDone& done = report.splits.emplace_back(split_once(loaded, options, plans, index, its));
    for (size_t part = 0; part < 3; ++part) {
      Output* const output = outputs[index][part].get();
      if (output == nullptr) continue;
      if (done.parts[part].rows == 0 && !options.allow_empty) {
        const std::string which = is_several(method) ? fmt::format(" of split {}", index + 1) : std::string();
        fail("{}: the {} part{} would be empty; if that is right, say --allow-empty", report.input, kPartNames[part],
             which);
      }
      all.push_back(output);
      if (is_binary(done.files[part])) continue;
      of_text[part] = output;
      if (options.with_header(layout.header)) output->write(header_of(options, layout));
    }
    write_lines(loaded, its, options.session_column && data.size() > 0 ? &sessions : nullptr, done.weights, of_text);
    if (!binary) continue;
    if (!want_value) hidden.swap_value(loaded.data);
    if (!want_time) hidden.swap_time(loaded.data);
    if (options.propensity) loaded.data.weight = weights_of_rows(data, done.weights);
    for (size_t part = 0; part < 3; ++part) {
      if (outputs[index][part] != nullptr && is_binary(done.files[part]))
        write_binary(data, its, static_cast<Part>(part), options.with_header(layout.header), *outputs[index][part]);
    }
    if (!want_value) hidden.swap_value(loaded.data);
    if (!want_time) hidden.swap_time(loaded.data);
  }
  finish_all(all);
  return report;
}

}  // namespace rec
