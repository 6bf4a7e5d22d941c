#include "data/split_tsv.h"

#include <cmath>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "data/interactions_tsv.h"
#include "io/output.h"

namespace rec {
namespace {

constexpr const char* kFlags[] = {"--train", "--valid", "--test"};
constexpr const char* kPartNames[] = {"train", "validation", "test"};

const char* method_name(const SplitOptions& options) {
  switch (*options.method) {
    case SplitMethod::kNone:
      return "none";
    case SplitMethod::kTime:
      return "time";
    case SplitMethod::kUserTime:
      return "user-time";
    case SplitMethod::kLeaveOneOut:
      return "leave-one-out";
    case SplitMethod::kLeaveKOut:
      return "leave-k-out";
    case SplitMethod::kHashUser:
      return "hash-user";
    case SplitMethod::kHashRow:
      return "hash-row";
  }
  return "";
}

bool by_hash(SplitMethod method) { return method == SplitMethod::kHashUser || method == SplitMethod::kHashRow; }

bool needs_order(const SplitOptions& options) {
  const SplitMethod method = *options.method;
  return method == SplitMethod::kTime || cuts_each_user(method) || options.duplicates == DuplicateRows::kFirst ||
         options.duplicates == DuplicateRows::kLast;
}

void check_fraction(const char* flag, const std::optional<double>& fraction) {
  if (fraction && !(*fraction > 0 && *fraction < 1))
    fail_usage("{} {}: expected a share between 0 and 1, both excluded", flag, *fraction);
}

void check_finite(const char* flag, const std::optional<double>& number) {
  if (number && !std::isfinite(*number)) fail_usage("{} {}: expected a finite number", flag, *number);
}

void check_files(const SplitOptions& options) {
  const bool only_train = *options.method == SplitMethod::kNone;
  if (options.files[0].empty()) fail_usage("--train FILE is required");
  if (!only_train && options.files[2].empty()) fail_usage("--test FILE is required");
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
  plan.test_from = options.test_from;
  plan.valid_from = options.valid_from;
  plan.test_rows = options.leave.value_or(1);
  plan.valid_rows = valid ? plan.test_rows : 0;
  plan.seed = options.seed.value_or(1);
  return plan;
}

// The lines of each part, in the input's order.
void write_lines(const std::vector<std::string>& texts, const Parts& parts,
                 const std::array<std::unique_ptr<Output>, 3>& outputs) {
  size_t row = 0;
  for (const std::string& text : texts) {
    const char* end = text.data() + text.size();
    for (const char* begin = text.data(); begin < end;) {
      const Part part = parts[row];
      const char* line = begin;
      while (line < end && parts[row] == part) {  // neighbours go out together
        line = static_cast<const char*>(std::memchr(line, '\n', static_cast<size_t>(end - line))) + 1;
        ++row;
      }
      if (part != Part::kRemoved && outputs[static_cast<size_t>(part)]) {
        outputs[static_cast<size_t>(part)]->write({begin, static_cast<size_t>(line - begin)});
      }
      begin = line;
    }
  }
}

}  // namespace

void check_split_options(const SplitOptions& options) {
  if (!options.method) fail_usage("--method is required");
  const SplitMethod method = *options.method;
  auto applies = [&](bool given, bool ok, const char* flag) {
    if (given && !ok) fail_usage("{} does not apply to --method {}", flag, method_name(options));
  };
  const bool fractions = method == SplitMethod::kTime || method == SplitMethod::kUserTime || by_hash(method);
  applies(options.test_fraction.has_value(), fractions, "--test-fraction");
  applies(options.valid_fraction.has_value(), fractions, "--valid-fraction");
  applies(options.test_from.has_value(), method == SplitMethod::kTime, "--test-from");
  applies(options.valid_from.has_value(), method == SplitMethod::kTime, "--valid-from");
  applies(options.leave.has_value(), method == SplitMethod::kLeaveKOut, "--leave");
  applies(options.seed.has_value(), by_hash(method), "--seed");
  applies(options.drop_cold, method != SplitMethod::kNone, "--drop-cold");
  check_files(options);

  const bool valid = !options.files[1].empty();
  check_fraction("--test-fraction", options.test_fraction);
  check_fraction("--valid-fraction", options.valid_fraction);
  check_finite("--test-from", options.test_from);
  check_finite("--valid-from", options.valid_from);
  check_finite("--min-value", options.min_value);
  if (!valid && options.valid_fraction) fail_usage("--valid-fraction needs --valid FILE");
  if (!valid && options.valid_from) fail_usage("--valid-from needs --valid FILE");
  const bool cuts = options.test_from || options.valid_from;
  if (cuts && (options.test_fraction || options.valid_fraction))
    fail_usage("give either cut times or fractions, not both");
  if (cuts && !options.test_from) fail_usage("--valid-from needs --test-from");
  if (cuts && valid && !options.valid_from) fail_usage("--valid with --test-from needs --valid-from");
  if (options.valid_from && *options.valid_from >= *options.test_from) {
    fail_usage("--valid-from {} is not before --test-from {}", *options.valid_from, *options.test_from);
  }
  const SplitPlan plan = plan_of(options);
  if (fractions && !cuts && plan.test_fraction + plan.valid_fraction >= 1) {
    fail_usage("the shares of validation and test, {} and {}, leave nothing to train", plan.valid_fraction,
               plan.test_fraction);
  }
  if (method == SplitMethod::kLeaveKOut && !options.leave) fail_usage("--method leave-k-out needs --leave K");
  if (options.leave && (*options.leave < 1 || *options.leave > UINT32_MAX))
    fail_usage("--leave {}: expected at least 1", *options.leave);
  if (options.order && !needs_order(options)) {
    fail_usage("--order does not apply to --method {}{}", method_name(options),
               by_hash(method) || method == SplitMethod::kNone ? " without --duplicates first or last" : "");
  }
  if (options.order == RowOrder::kInput && cuts) fail_usage("--order input has no times that --test-from could cut");
  if (options.k_core && (options.min_per_user || options.min_per_item)) {
    fail_usage("--k-core N is --min-per-user N --min-per-item N: give one or the other");
  }
  (void)ColumnMap::parse(options.read.columns, interactions_spec());
}

SplitReport run_split(const SplitOptions& options) {
  SplitReport report;
  std::vector<std::string> inputs = options.read.more_files.value_or(std::vector<std::string>());
  inputs.insert(inputs.begin(), options.input);
  report.input = input_names(inputs);
  const bool by_input = options.order == RowOrder::kInput;
  const bool want_value = options.min_value || options.duplicates == DuplicateRows::kMax;
  const bool want_time = needs_order(options) && !by_input;

  // A place that cannot be written is known before the input is read.
  std::array<std::unique_ptr<Output>, 3> outputs;
  std::vector<Output*> all;
  for (size_t part = 0; part < 3; ++part) {
    if (options.files[part].empty()) continue;
    outputs[part] = std::make_unique<Output>(options.files[part], options.sync);
    all.push_back(outputs[part].get());
  }

  const LoadedInteractions loaded = read_interactions(
      options.input, options.read, {.value = want_value, .timestamp = want_time}, options.threads, true);
  const Interactions& data = loaded.data;
  const Layout& layout = loaded.layout;
  report.bad_lines = loaded.bad_lines;
  Parts parts(data.size(), Part::kTrain);
  report.all = count_part(data, parts, Part::kTrain);
  if (data.size() == 0 && !options.allow_empty) fail("{}: no rows", report.input);
  if (data.size() > 0 && want_value && !layout.has(2)) {
    fail("{}: no value column, which {} needs", report.input, options.min_value ? "--min-value" : "--duplicates max");
  }
  if (data.size() > 0 && want_time && !layout.has(3)) {
    const bool for_duplicates = by_hash(*options.method) || *options.method == SplitMethod::kNone;
    fail("{}: no timestamp column, which {} needs; if the rows stand in time order, say --order input", report.input,
         for_duplicates ? "--duplicates first or last" : std::string("--method ") + method_name(options));
  }

  auto filtered = [&](const char* by) {
    for (const Part part : parts) {
      if (part != Part::kRemoved) return;
    }
    if (!options.allow_empty) fail("{}: no row of {} is left after {}", report.input, data.size(), by);
  };
  if (options.min_value && data.size() > 0) {
    report.below_min_value = remove_below(data, *options.min_value, parts);
    filtered("--min-value");
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

  const SplitPlan plan = plan_of(options);
  report.notes = split_rows(data, plan, parts);
  if (options.drop_cold) report.cold = remove_cold(data, parts);
  check_no_leak(data, plan.method, parts);
  if (cuts_each_user(plan.method)) report.after_test = rows_after_test(data, parts);
  for (size_t part = 0; part < 3; ++part) {
    report.parts[part] = count_part(data, parts, static_cast<Part>(part));
    if (outputs[part] && report.parts[part].rows == 0 && !options.allow_empty) {
      fail("{}: the {} part would be empty; if that is right, say --allow-empty", report.input, kPartNames[part]);
    }
  }

  if (options.with_header(layout.header)) {
    const std::string header = header_line(interactions_spec(), layout);
    for (Output* output : all) output->write(header);
  }
  write_lines(loaded.lines, parts, outputs);
  finish_all(all);
  return report;
}

}  // namespace rec
