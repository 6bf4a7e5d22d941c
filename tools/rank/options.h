// rec-rank's command line, declared in parts: what filters and re-ranks one table of
// scores, and what blends several.
#pragma once

#include "cli/options.h"
#include "rerank/blend_stream.h"
#include "rerank/rank_request.h"

namespace rec {

struct RankToolOptions {
  CommonOptions common;
  std::vector<std::string> inputs;
  RankRequest request;
  bool keep = false;
  bool grouped = false;
  bool ungrouped = false;
  RankingFormat format;
  std::string report = "/dev/stderr";  // of exposure
  std::optional<BlendOptions::Method> blend;

  Grouping grouping() const {
    return grouped || common.line_buffered ? Grouping::kGrouped : ungrouped ? Grouping::kUngrouped : Grouping::kAuto;
  }
};

// Groups of --help.
inline constexpr const char* kRerankGroup = "Re-ranking";
inline constexpr const char* kExploreGroup = "Exploration and exposure";
inline constexpr const char* kBlendGroup = "Blending";

void declare_rerank_options(OptionTable& table, RankToolOptions& options);
void declare_explore_options(OptionTable& table, RankToolOptions& options);
void declare_blend_options(OptionTable& table, RankToolOptions& options);

// Completes the options and checks how they combine; nothing has been read. Throws
// UsageError.
void check_rank_options(const OptionTable& table, RankToolOptions& options);

}  // namespace rec
