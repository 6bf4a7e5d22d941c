#include "rank/options.h"

#include <algorithm>

#include "base/error.h"
#include "cli/model_options.h"

namespace rec {
namespace {

using Method = RankRequest::Method;
using Exploration = RankRequest::Exploration;

void refuse_group(const OptionTable& table, const std::string& group, const char* mode) {
  for (const Option& option : table.all()) {
    if (option.given() && option.heading() == group) fail_usage("{} does not apply to {}", option.flag(), mode);
  }
}

void check_blending(const OptionTable& table, const RankToolOptions& options) {
  const bool interleaves = *options.blend == BlendOptions::Method::kTeamDraft;
  const char* mode = interleaves ? "--interleave" : "--blend";
  refuse_group(table, kRerankGroup, mode);
  refuse_group(table, kExploreGroup, mode);
  for (const char* name : {"--keep", "--min-score"}) {
    if (table.given(name)) fail_usage("{} does not apply to {}", name, mode);
  }
  if (interleaves && options.inputs.size() != 2)
    fail_usage("--interleave needs two FILEs, A and B, found {}", options.inputs.size());
  if (options.inputs.size() < 2) fail_usage("--blend needs two FILEs or more, found {}", options.inputs.size());
}

void check_ranking(const OptionTable& table, const RankToolOptions& options) {
  const RankRequest& request = options.request;
  if (options.inputs.size() > 1)
    fail_usage("one FILE of scores, found {}; --blend and --interleave take several", options.inputs.size());
  const bool diversifies = request.method == Method::kMmr || request.method == Method::kDpp;
  option_needs(table, "--lambda", "--diversify mmr or --calibrate",
               request.method == Method::kMmr || request.method == Method::kCalibration);
  option_needs(table, "--theta", "--diversify dpp", request.method == Method::kDpp);
  option_needs(table, "--similarity", "--diversify", diversifies);
  option_needs(table, "--history", "--calibrate", request.method == Method::kCalibration);
  option_needs(table, "--pool", "--diversify, --calibrate, --explore or --policy",
               request.method != Method::kOrder || request.exploration != Exploration::kNone);
  option_needs(table, "--gamma", "--popularity", !request.popularity.empty());
  option_needs(table, "--popularity-scores", "--popularity", !request.popularity.empty());
  option_needs(table, "--counts", "--explore thompson or --policy thompson",
               request.exploration == Exploration::kThompson);
  option_needs(table, "--draws", "--explore thompson or --policy thompson",
               request.exploration == Exploration::kThompson);
  option_needs(table, "--report", "--exposure", !request.exposure.empty());
  if (request.tabulates) {
    for (const char* name : {"--keep", "--titles", "--exposure"}) {
      if (table.given(name)) fail_usage("{} does not apply to --policy, which writes no lists", name);
    }
  }
  if (request.predicted == "user" || request.predicted == "item")
    fail_usage("--predicted: {} is no column of numbers", request.predicted);
  request.check();
}

}  // namespace

void check_rank_options(const OptionTable& table, RankToolOptions& options) {
  if (options.blend) {
    check_blending(table, options);
  } else {
    check_ranking(table, options);
  }
  const bool draws = options.request.tabulates ? options.request.exploration == Exploration::kThompson
                                               : options.request.exploration != Exploration::kNone;
  option_needs(table, "--seed", "--explore, --policy thompson or --interleave",
               draws || options.blend == BlendOptions::Method::kTeamDraft);
  option_needs(table, "--tag", "--format trec", options.format.kind == RankingFormat::Kind::kTrec);
  if (options.format.kind == RankingFormat::Kind::kTrec) {
    if (options.keep) fail_usage("--keep does not apply to --format trec");
    if (!options.request.titles.empty())
      fail_usage("--titles does not apply to --format trec, which has no column of titles");
    if (options.common.header == HeaderRule::kAlways)
      fail_usage("--header always does not apply to --format trec: a run file has none");
    if (options.request.exploration != Exploration::kNone) {
      fail_usage("{} does not apply to --format trec, which has no room for the {}",
                 options.request.tabulates ? "--policy" : "--explore",
                 options.request.tabulates ? "probabilities" : "propensity");
    }
    const std::string& tag = options.format.tag;
    if (tag.empty() ||
        std::any_of(tag.begin(), tag.end(), [](unsigned char byte) { return byte <= ' ' || byte == 0x7f; })) {
      fail_usage("--tag: expected a word without spaces, found \"{}\"", printable(tag));
    }
    options.common.header = HeaderRule::kNever;
  }
  if (options.inputs.empty()) options.inputs.push_back("-");
  std::vector<std::string> paths = options.request.files();
  paths.insert(paths.end(), options.inputs.begin(), options.inputs.end());
  if (std::count(paths.begin(), paths.end(), "-") > 1) fail_usage("stdin (-) is used for more than one input");
}

}  // namespace rec
