// Fuzzes everything that reads tables: rows of each kind of table (interactions, rankings,
// truths, predictions, event logs, raw ones too, policy logs, interleaved lists, TREC files, scores, features)
// with some fields, lines and bytes that are not as they should be, as TSV or CSV, plain, gz or zst,
// rec-split's also in several files, through what rec-split,
// rec-rank and rec-eval do with them. Any outcome is good but a crash, an
// infinite value in an output, or an exception that is no rec::Error.
// An input is a recipe: its first byte is the kind, see kKinds.
#include <fmt/format.h>

#include <cmath>

#include "base/error.h"
#include "base/number.h"
#include "data/features.h"
#include "data/interactions_tsv.h"
#include "data/split_tsv.h"
#include "data/trec.h"
#include "data/user_items.h"
#include "eval/cleaning_report.h"
#include "eval/evaluate.h"
#include "eval/json_report.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/memory_file.h"
#include "io/compressor.h"
#include "io/output.h"
#include "rerank/blend_stream.h"
#include "rerank/rank_stream.h"

namespace rec::fuzz {
namespace {

// What a column holds, where nothing is wrong.
enum class Field {
  kUser,
  kItem,
  kValue,
  kShare,
  kCount,
  kBit,
  kVariant,
  kTime,
  kRank,
  kFeature,
  kWord,
  kTeam,
  kEvent,
  kRequest,
  kConstant
};

struct Column {
  const char* name;
  Field field;
  bool required = true;
};

const char* const kHostile[] = {"",
                                " ",
                                "nan",
                                "inf",
                                "-inf",
                                "-1",
                                "-0",
                                "0",
                                "1e308",
                                "-1e308",
                                "1e-320",
                                "1e38",
                                "3.5e38",
                                "1e999",
                                "0x10",
                                "+1",
                                " 1",
                                "1 ",
                                "1,5",
                                "18446744073709551615",
                                "18446744073709551616",
                                "9007199254740993",
                                "4294967296",
                                "-9223372036854775808",
                                "0.1",
                                "\x1b[31m",
                                "\xff\xfe",
                                "\"",
                                "\"a",
                                "a\"b",
                                "#",
                                "user",
                                "item",
                                "2024-02-30",
                                "2024-01-01T00:00:00Z",
                                "1e400",
                                "::",
                                ";",
                                "a|b||c",
                                "=",
                                "k=",
                                "=c",
                                "\xef\xbb\xbfuser",
                                ".",
                                "e",
                                "1_000",
                                "\xd9\xa1"};

std::string field_text(Field field, Choices& choices) {
  if (choices.one_in(40)) return choices.one_in(16) ? std::string(5000, 'x') : choices.pick(kHostile);
  const auto number = [&](uint64_t bound) { return choices.below(bound); };
  switch (field) {
    case Field::kUser:
      return fmt::format("u{}", number(4));
    case Field::kItem:
      return fmt::format("i{}", number(7));
    case Field::kValue:
      return fmt::format("{}", static_cast<double>(number(12)) / 2 - 1);
    case Field::kShare:
      return fmt::format("{}", static_cast<double>(number(9)) / 8);
    case Field::kCount:
      return fmt::format("{}", number(6));
    case Field::kBit:
      return fmt::format("{}", number(2));
    case Field::kVariant:
      return std::string(1, static_cast<char>('a' + number(3)));
    case Field::kTime:
      return fmt::format("{}", 1700000000 + 86400 * number(40));
    case Field::kRank:
      return fmt::format("{}", 1 + number(6));
    case Field::kFeature:
      return fmt::format("{}={}", number(2) ? "genre" : "maker", static_cast<char>('a' + number(4)));
    case Field::kWord:
      return fmt::format("w{}", number(3));
    case Field::kTeam:
      return number(2) ? "A" : "B";
    case Field::kEvent: {
      static const char* const kEvents[] = {"shown", "click", "bought", "scroll"};
      return choices.pick(kEvents);
    }
    case Field::kRequest:
      return number(3) ? fmt::format("r{}", number(5)) : std::string();
    case Field::kConstant:
      return "Q0";
  }
  return {};
}

// A field as CSV may have it: in quotes, which are doubled within; rarely with a line end or a TAB in them, or with
// quotes that are wrong.
std::string quoted(const std::string& field, Choices& choices) {
  if (!choices.one_in(6)) return field;
  std::string text = "\"";
  for (const char byte : field) text += byte == '"' ? std::string("\"\"") : std::string(1, byte);
  if (choices.one_in(40)) text += choices.one_in(2) ? "\n" : "\t";
  if (!choices.one_in(60)) text += '"';
  if (choices.one_in(60)) text += "x";
  return text;
}

// A table of these columns: mostly a header, the rows, and some things that are wrong.
std::string table(const std::vector<Column>& columns, const std::string& separator, bool headers, bool quotes,
                  Choices& choices) {
  const auto field = [&](const std::string& text) { return quotes ? quoted(text, choices) : text; };
  std::vector<Column> order;
  for (const Column& column : columns) {
    if (column.required || choices.one_in(2)) order.push_back(column);
  }
  const bool header = headers && !choices.one_in(4);
  if (header && choices.one_in(4)) std::swap(choices.pick(order), choices.pick(order));
  const char* end = choices.one_in(12) ? "\r\n" : "\n";
  std::string text;
  if (header) {
    for (size_t at = 0; at < order.size(); ++at) text += (at > 0 ? separator : "") + field(order[at].name);
    if (choices.one_in(16)) text += separator + "more";
    text += end;
  }
  for (uint64_t rows = 1 + choices.below(16); rows > 0; --rows) {
    if (choices.over()) break;
    size_t fields = order.size();
    if (choices.one_in(100)) fields = choices.below(fields + 2);
    for (size_t at = 0; at < fields; ++at)
      text +=
          (at > 0 ? separator : "") + field(field_text(at < order.size() ? order[at].field : Field::kWord, choices));
    text += end;
    if (choices.one_in(100)) text += end;
  }
  if (choices.one_in(16) && !text.empty()) text.pop_back();
  if (choices.one_in(20) && !text.empty()) {
    const size_t at = choices.below(4096) % text.size();
    switch (choices.below(4)) {
      case 0:
        text[at] = static_cast<char>(choices.below(256));
        break;
      case 1:
        text.resize(at);
        break;
      case 2:
        text.insert(at, choices.pick(kHostile));
        break;
      default:
        text.insert(at, 1, '\0');
    }
  }
  return text;
}

const std::vector<Column> kInteractions{{"user", Field::kUser},
                                        {"item", Field::kItem},
                                        {"value", Field::kValue, false},
                                        {"timestamp", Field::kTime, false}};
const std::vector<Column> kTruth{{"user", Field::kUser}, {"item", Field::kItem}, {"value", Field::kValue, false}};
const std::vector<Column> kRanking{
    {"user", Field::kUser}, {"item", Field::kItem}, {"score", Field::kValue, false}, {"rank", Field::kRank, false}};
const std::vector<Column> kScores{
    {"user", Field::kUser}, {"item", Field::kItem}, {"score", Field::kValue}, {"margin", Field::kValue, false}};
const std::vector<Column> kPredictions{{"label", Field::kBit},
                                       {"prediction", Field::kShare},
                                       {"weight", Field::kValue, false},
                                       {"user", Field::kUser, false}};
const std::vector<Column> kEvents{
    {"user", Field::kUser},          {"item", Field::kItem},    {"variant", Field::kVariant, false},
    {"impressions", Field::kCount},  {"clicks", Field::kCount}, {"conversions", Field::kCount, false},
    {"rating", Field::kValue, false}};
const std::vector<Column> kImpressions{{"user", Field::kUser},
                                       {"click", Field::kBit},
                                       {"conversion", Field::kBit, false},
                                       {"variant", Field::kVariant, false}};
const std::vector<Column> kRaw{{"user", Field::kUser},
                               {"item", Field::kItem},
                               {"event", Field::kEvent},
                               {"timestamp", Field::kTime, false},
                               {"request", Field::kRequest, false},
                               {"variant", Field::kVariant, false}};
const std::vector<Column> kPolicy{
    {"user", Field::kUser},       {"reward", Field::kValue},           {"propensity", Field::kShare},
    {"target", Field::kShare},    {"predicted", Field::kValue, false}, {"expected", Field::kValue, false},
    {"rank", Field::kRank, false}};
const std::vector<Column> kPolicyLog{{"user", Field::kUser},
                                     {"item", Field::kItem},
                                     {"reward", Field::kValue},
                                     {"propensity", Field::kShare},
                                     {"rank", Field::kRank, false}};
const std::vector<Column> kInterleaved{{"user", Field::kUser},
                                       {"item", Field::kItem},
                                       {"score", Field::kValue},
                                       {"rank", Field::kRank},
                                       {"team", Field::kTeam}};
const std::vector<Column> kRun{{"user", Field::kUser}, {"q0", Field::kConstant}, {"item", Field::kItem},
                               {"rank", Field::kRank}, {"score", Field::kValue}, {"tag", Field::kWord}};
const std::vector<Column> kQrels{
    {"user", Field::kUser}, {"q0", Field::kConstant}, {"item", Field::kItem}, {"rel", Field::kCount}};
const std::vector<Column> kLongFeatures{
    {"item", Field::kItem}, {"feature", Field::kFeature}, {"value", Field::kValue, false}};
const std::vector<Column> kWideFeatures{
    {"item", Field::kItem}, {"genre", Field::kWord}, {"maker", Field::kWord, false}};
const std::vector<Column> kBoosts{{"item", Field::kItem}, {"boost", Field::kValue}};
const std::vector<Column> kPins{{"item", Field::kItem}, {"rank", Field::kRank}, {"user", Field::kUser, false}};
const std::vector<Column> kCounts{{"item", Field::kItem}, {"impressions", Field::kCount}, {"clicks", Field::kCount}};
const std::vector<Column> kItems{{"item", Field::kItem}};

// The same bytes, or what gzip or zstd makes of them, which may be in two members, cut off or damaged.
std::string packed(const std::string& text, Choices& choices) {
  if (!choices.one_in(6)) return text;
  const char* const name = choices.one_in(2) ? "x.zst" : "x.gz";
  const size_t cut = choices.one_in(4) ? choices.below(65536) % (text.size() + 1) : text.size();
  std::string bytes;
  for (const std::string_view part : {std::string_view(text).substr(0, cut), std::string_view(text).substr(cut)}) {
    if (cut == text.size() && part.empty() && !bytes.empty()) break;
    const auto compressor = make_compressor(name);
    compressor->compress(part, bytes);
    compressor->finish(bytes);
  }
  if (choices.one_in(16)) bytes.resize(choices.below(65536) % (bytes.size() + 1));
  if (choices.one_in(16) && !bytes.empty())
    bytes[choices.below(65536) % bytes.size()] = static_cast<char>(choices.below(256));
  return bytes;
}

// What the tables of a run are, TSV or CSV, and how they are read.
class Form {
 public:
  explicit Form(Choices& choices) : choices_(choices) {
    static const char* const kDelimiters[] = {",", ";", "::", "|"};
    if (choices.one_in(4)) options_ = {.all = true, .delimiter = choices.pick(kDelimiters)};
  }
  std::string operator()(const std::vector<Column>& columns) const {
    return packed(table(columns, options_.all ? options_.delimiter : "\t", true, options_.all, choices_), choices_);
  }
  ReadOptions reading() const {
    ReadOptions options;
    if (choices_.one_in(4)) options.bad_lines = BadLines::kSkip;
    options.csv = options_;
    return options;
  }

 private:
  Choices& choices_;
  CsvOptions options_;
};

// What a person reads is finite, or "nan" for what is not defined.
void check_value(const std::string& name, double value) {
  if (std::isinf(value)) finding(fmt::format("{} is {}", name, value));
}

// `ids`: how many fields of a line, from the first, are no numbers.
void check_output(const MemoryFile& file, size_t ids, const char* what) {
  const std::string text = file.text();
  size_t from = 0;
  size_t field = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\t' && text[at] != '\n') continue;
    const std::string_view value = std::string_view(text).substr(from, at - from);
    if (field >= ids && (value == "inf" || value == "-inf" || value == "nan" || value == "-nan"))
      finding(fmt::format("{}: {}", what, value));
    from = at + 1;
    field = text[at] == '\n' ? 0 : field + 1;
  }
}

void split(Choices& choices) {
  const Form form(choices);
  const MemoryFile input(form(kInteractions));
  const MemoryFile second(form(kInteractions)), third(form(kInteractions));
  const MemoryFile train, valid, test;
  SplitOptions options;
  options.read = form.reading();
  options.input = input.path();
  options.read.more_files.emplace();
  if (choices.one_in(3)) options.read.more_files->push_back(second.path());
  if (choices.one_in(6)) options.read.more_files->push_back(third.path());
  const SplitMethod methods[] = {SplitMethod::kTime,      SplitMethod::kUserTime, SplitMethod::kLeaveOneOut,
                                 SplitMethod::kLeaveKOut, SplitMethod::kHashUser, SplitMethod::kHashRow,
                                 SplitMethod::kNone,      SplitMethod::kHashItem};
  options.method = methods[choices.below(std::size(methods))];
  options.files[0] = train.path();
  if (options.method != SplitMethod::kNone) {
    options.files[2] = test.path();
    if (choices.one_in(2)) options.files[1] = valid.path();
  }
  if (options.method == SplitMethod::kLeaveKOut) options.leave = 1 + choices.below(3);
  if (choices.one_in(4)) options.min_value = static_cast<double>(choices.below(5));
  if (choices.one_in(4)) options.k_core = 1 + choices.below(3);
  if (choices.one_in(6)) options.dedup_window = Duration(static_cast<double>(choices.below(9)), choices.one_in(2));
  if (choices.one_in(6)) options.drop_bursts = 1 + choices.below(3);
  if (choices.one_in(6)) options.propensity = 0.5;
  if (choices.one_in(6)) options.max_per_day = 1 + choices.below(3);
  options.duplicates = static_cast<DuplicateRows>(choices.below(5));
  options.drop_cold = choices.one_in(4) && options.method != SplitMethod::kNone;
  options.allow_empty = choices.one_in(2);
  options.threads = choices.one_in(16) ? 2 : 1;
  check_split_options(options);
  run_split(options);
  count_reached();
}

const char* const kRankingMetrics[] = {"ndcg",
                                       "ndcg_exp@3",
                                       "precision@2",
                                       "recall@3",
                                       "recall_min",
                                       "f1@2",
                                       "hit@2",
                                       "mrr",
                                       "map",
                                       "map_min@3",
                                       "rprec",
                                       "err@3",
                                       "rbp",
                                       "rbp_resid",
                                       "bpref",
                                       "infAP",
                                       "gm_map",
                                       "gm_bpref",
                                       "iprec_at_recall",
                                       "11pt_avg",
                                       "Rprec_mult",
                                       "set_P",
                                       "set_recall",
                                       "set_F",
                                       "set_relative_P",
                                       "set_map",
                                       "utility",
                                       "binG",
                                       "G",
                                       "ndcg_rel",
                                       "Rndcg",
                                       "unj@2",
                                       "judged@2",
                                       "num_ret",
                                       "num_rel",
                                       "num_rel_ret",
                                       "num_nonrel_judged_ret"};
const char* const kTrainMetrics[] = {"novelty@2",     "arp",      "pop_lift", "repeat", "explore@2",
                                     "serendipity@2", "coverage", "gini",     "entropy"};

void check_evaluation(const EvaluationOptions& options) {
  const Evaluation evaluation = evaluate(options);
  count_reached();
  MemoryFile text;
  {
    Output out(text.path());
    ReportTable table(out, {});
    if (options.per_user)
      write_per_user(table, evaluation.per_user);
    else
      write_report(table, evaluation.rows);
    table.finish();
    write_json(out, {.rows = evaluation.rows,
                     .per_user = options.per_user ? &evaluation.per_user : nullptr,
                     .comparisons = evaluation.comparisons,
                     .segments = evaluation.segments});
    out.finish();
  }
  if (evaluation.table) {
    Output out(text.path());
    write_experiment_table(out, *evaluation.table, true);
    out.finish();
  }
  for (const ReportRow& row : evaluation.rows) {
    check_value(row.name, row.value);
    check_value(row.name, row.low.value_or(0.0));
    check_value(row.name, row.high.value_or(0.0));
  }
}

void ranking(Choices& choices) {
  const Form form(choices);
  const MemoryFile truth(form(kTruth)), lists(form(kRanking)), other(form(kRanking)), train(form(kInteractions)),
      features(form(kLongFeatures));
  EvaluationOptions options;
  options.path = lists.path();
  options.truth = truth.path();
  options.read = options.side_read = form.reading();
  for (uint64_t times = 1 + choices.below(5); times > 0; --times)
    options.metrics.push_back(choices.pick(kRankingMetrics));
  if (choices.one_in(3)) {
    options.train = train.path();
    options.metrics.push_back(choices.pick(kTrainMetrics));
  }
  if (choices.one_in(4)) {
    options.features = features.path();
    options.metrics.push_back(choices.one_in(2) ? "diversity" : "diversity_cosine@3");
  }
  if (choices.one_in(4))
    options.compare.paths = {other.path()};
  else if (choices.one_in(4))
    options.bootstrap.resamples = 20;
  else
    options.per_user = choices.one_in(4);
  options.compare.permutations = 50;
  options.binary = choices.one_in(4);
  options.ranking.ties = static_cast<Ties>(choices.below(3));
  // The first look at other input takes 64 MiB, which is slow under sanitizers.
  options.ranking.grouping = choices.one_in(4) ? Grouping::kAuto : Grouping::kGrouped;
  options.ranking.missing = static_cast<Missing>(choices.below(2));
  for (const Metric& metric : metrics_of(options)) {  // what the tool refuses
    if (metric.info->aggregate != Aggregate::kMean || metric.info->exposure != nullptr) options.compare.paths.clear();
    if (metric.info->exposure != nullptr) options.per_user = false;
    if (metric.info->expected == nullptr && options.ranking.ties == Ties::kExpected) options.ranking.ties = Ties::kById;
  }
  check_evaluation(options);
}

void trec(Choices& choices) {
  const char* blank = choices.one_in(2) ? " " : "\t ";
  const auto text = [&](const std::vector<Column>& columns) {
    return packed(table(columns, blank, false, false, choices), choices);
  };
  const MemoryFile run(text(kRun)), qrels(text(kQrels));
  EvaluationOptions options;
  options.path = run.path();
  options.truth = qrels.path();
  if (choices.one_in(4)) options.read.bad_lines = BadLines::kSkip;
  options.read.format = trec_run_format();
  options.truth_format = trec_qrels_format();
  options.ranking.ties = Ties::kTrec;
  for (uint64_t times = 1 + choices.below(5); times > 0; --times)
    options.metrics.push_back(choices.pick(kRankingMetrics));
  check_evaluation(options);
}

void predictions(Choices& choices) {
  const Form form(choices);
  static const char* const kMetrics[] = {"auc", "gauc", "group_auc", "fcp",   "logloss",    "rmse",
                                         "mse", "mae",  "r2",        "ece@4", "calibration"};
  const MemoryFile rows(form(kPredictions));
  EvaluationOptions options;
  options.path = rows.path();
  options.read = form.reading();
  for (uint64_t times = 1 + choices.below(4); times > 0; --times) options.metrics.push_back(choices.pick(kMetrics));
  if (choices.one_in(4)) options.bootstrap.resamples = 20;
  options.curves = choices.one_in(4);
  check_evaluation(options);
}

void events(Choices& choices) {
  const Form form(choices);
  static const char* const kMetrics[] = {"ctr", "cr", "cvr", "satisfaction"};
  const MemoryFile log(form(choices.one_in(2) ? kEvents : kImpressions));
  EvaluationOptions options;
  options.path = log.path();
  options.read = form.reading();
  for (uint64_t times = 1 + choices.below(3); times > 0; --times) options.metrics.push_back(choices.pick(kMetrics));
  options.experiment.ab = choices.one_in(3);
  if (choices.one_in(4)) options.bootstrap.resamples = 20;
  check_evaluation(options);
}

void raw_events(Choices& choices) {
  static const char* const kMetrics[] = {"ctr", "cr", "cvr"};
  const Form form(choices);
  const MemoryFile log(form(kRaw));
  EvaluationOptions options;
  options.path = log.path();
  options.read = form.reading();
  options.raw_events = true;
  options.raw.table = choices.one_in(2);
  for (uint64_t times = choices.below(3); times > 0; --times) options.metrics.push_back(choices.pick(kMetrics));
  CleaningOptions& cleaning = options.raw.cleaning;
  cleaning.drop_mixed_users = choices.one_in(2);
  cleaning.drop_bots = choices.one_in(4);
  if (choices.one_in(3)) cleaning.bot_events = 1 + choices.below(6);
  if (choices.one_in(3)) cleaning.bot_rate = 1 + choices.below(4);
  if (choices.one_in(3)) cleaning.max_per_user = 1 + choices.below(6);
  if (choices.one_in(4)) options.raw.kinds = EventKinds::parse("click=scroll,impression=click");
  options.experiment.ab = choices.one_in(3);
  if (choices.one_in(4)) options.bootstrap.resamples = 20;
  options.threads = choices.one_in(16) ? 2 : 1;
  check_evaluation(options);
}

void policy(Choices& choices) {
  const Form form(choices);
  static const char* const kMetrics[] = {"logged", "ips", "snips", "dm", "dr", "sndr", "switch_dr", "dros"};
  const MemoryFile log(form(kPolicy));
  EvaluationOptions options;
  options.path = log.path();
  options.read = form.reading();
  for (uint64_t times = 1 + choices.below(3); times > 0; --times) options.metrics.push_back(choices.pick(kMetrics));
  if (choices.one_in(4)) options.policy.limits.clip = 2.0;
  if (choices.one_in(2)) options.policy.limits.switch_weight = 1.5;
  if (choices.one_in(2)) options.policy.limits.shrinkage = 0.5;
  options.policy.by_rank = choices.one_in(4);
  if (choices.one_in(4)) options.bootstrap.resamples = 20;
  check_evaluation(options);
}

void interleaved(Choices& choices) {
  const Form form(choices);
  const MemoryFile lists(form(kInterleaved)), clicks(form(kTruth));
  EvaluationOptions options;
  options.path = lists.path();
  options.read = options.side_read = form.reading();
  options.metrics = {"delta_ab"};
  options.interleaving.clicks = clicks.path();
  if (choices.one_in(4)) options.bootstrap.resamples = 20;
  check_evaluation(options);
}

void rank(Choices& choices) {
  const Form form(choices);
  const MemoryFile scores(form(kScores));
  const MemoryFile features(form(choices.one_in(2) ? kLongFeatures : kWideFeatures));
  const MemoryFile boosts(form(kBoosts)), pins(form(kPins)), history(form(kInteractions)), counts(form(kCounts)),
      items(form(kItems)), log(form(kPolicyLog));
  RankRequest request;
  request.rank.k = 1 + choices.below(5);
  if (choices.one_in(4)) request.boost = boosts.path();
  if (choices.one_in(4)) request.exclude = {history.path()};
  if (choices.one_in(8)) request.allow = {items.path()};
  if (choices.one_in(8)) request.block = {items.path()};
  if (choices.one_in(8)) request.add_weights("score=1,margin=0.5");
  if (choices.one_in(6)) {
    request.popularity = history.path();
    if (choices.one_in(3)) request.popularity_scores = PopularityScores::kPlain;
  }
  switch (choices.below(8)) {
    case 0:
      request.pin = pins.path();
      break;
    case 1:
      request.add_cap("genre=1");
      break;
    case 2:
      request.add_dedup("jaccard:genre>=0.5");
      break;
    case 3:
      request.method = RankRequest::Method::kMmr;
      request.set_similarity("cosine:genre");
      break;
    case 4:
      request.method = RankRequest::Method::kDpp;
      request.set_similarity("jaccard:genre");
      break;
    case 5:
      request.method = RankRequest::Method::kCalibration;
      request.calibrate = "genre";
      request.history = history.path();
      break;
    case 6:
      request.set_exploration("thompson");
      request.counts = counts.path();
      request.draws = 20;
      break;
    default:
      if (choices.one_in(2)) {
        request.set_exploration(choices.one_in(2) ? "epsilon=0.3" : "softmax=0.5,epsilon=0.1");
      } else {
        request.exposure = "genre";
      }
  }
  if (request.exploration != RankRequest::Exploration::kNone && choices.one_in(2)) {
    request.tabulates = true;
    if (choices.one_in(2)) request.log = log.path();
    if (!request.log.empty() && choices.one_in(2)) request.predicted = choices.one_in(2) ? "score" : "margin";
  }
  if (request.needs_features()) request.features = features.path();
  request.check();
  const ReadOptions read = form.reading();
  const RankPlan plan(request, read, 1);
  GroupReader reader(scores.path(), scores_spec(request.weights, request.predicted), read,
                     choices.one_in(4) ? static_cast<Grouping>(choices.below(3)) : Grouping::kGrouped);
  const MemoryFile text;
  Output out(text.path());
  RankStreamOptions stream;
  stream.header = true;
  stream.keep = !request.tabulates && choices.one_in(4);
  const RankStreamResult result = rank_stream(reader, plan, stream, out);
  if (result.exposure) write_exposure(*result.exposure, out);
  out.finish();
  count_reached();
  if (!stream.keep) check_output(text, 2, "rec-rank");
}

void blend(Choices& choices) {
  const Form form(choices);
  const MemoryFile first(form(kRanking)), second(form(kRanking));
  BlendOptions options;
  options.method = static_cast<BlendOptions::Method>(choices.below(3));
  options.paths = {first.path(), second.path()};
  options.k = 1 + choices.below(4);
  options.read = form.reading();
  const RankPlan plan(RankRequest(), ReadOptions(), 1);
  const MemoryFile text;
  Output out(text.path());
  blend_stream(
      options, plan.filter(), {}, [](bool) { return true; }, out);
  out.finish();
  count_reached();
  check_output(text, 2, "rec-rank --blend");
}

void side_tables(Choices& choices) {
  const Form form(choices);
  const MemoryFile interactions(form(kInteractions)), features(form(choices.one_in(2) ? kLongFeatures : kWideFeatures));
  const MemoryFile more(form(kInteractions));
  const ReadOptions read = form.reading();
  OptionalColumns wanted;
  wanted.value = wanted.timestamp = true;
  const int threads = choices.one_in(16) ? 2 : 1;
  const UserItems lists = read_user_items(interactions.path(), read, wanted, threads);
  wanted.weight = threads == 2;
  for (const uint32_t item : lists.item) {
    if (item >= lists.items.size()) finding("an item number without an id");
  }
  for (const double time : lists.timestamp) check_value("timestamp", time);
  ReadOptions several = read;
  several.more_files.emplace();
  if (choices.one_in(2)) several.more_files->push_back(more.path());
  const LoadedInteractions loaded = read_interactions(interactions.path(), several, wanted, threads, choices.one_in(4));
  for (const uint32_t item : loaded.data.item) {
    if (item >= loaded.data.items.size()) finding("an item number without an id");
  }
  for (const float value : loaded.data.value) check_value("value", static_cast<double>(value));
  for (const float weight : loaded.data.weight) {
    check_value("weight", static_cast<double>(weight));
    if (!(weight > 0.0f)) finding("a weight that is not above 0");
  }
  const FeatureTable read_features = read_item_features(features.path(), read);
  for (const FeatureKind& kind : read_features.kinds) {
    for (const float value : kind.rows.weight) check_value("feature", static_cast<double>(value));
  }
  count_reached();
}

void (*const kKinds[])(Choices&) = {split,  ranking,     ranking, trec, predictions, events,     raw_events,
                                    policy, interleaved, rank,    rank, blend,       side_tables};

}  // namespace
}  // namespace rec::fuzz

extern "C" int rec_fuzz_recipes() { return 1; }

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rec::fuzz;
  Choices choices(data, size);
  try {
    choices.pick(kKinds)(choices);
  } catch (const rec::Error&) {
  } catch (const rec::UsageError&) {
  }
  return 0;
}
