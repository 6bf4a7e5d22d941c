// rec-rank's blending: several tables of lists in, one ranking out. The first table
// streams; of the others memory holds 12 bytes a row and their ids, and up to three times
// that while it grows. The same bytes for every number of threads.
#pragma once

#include "data/groups.h"
#include "io/output.h"
#include "rank/rank.h"
#include "rerank/ranking_rows.h"
#include "rerank/side_tables.h"

namespace rec {

struct BlendOptions {
  enum class Method { kFusion, kRoundRobin, kTeamDraft };  // of rank/blend.h
  Method method = Method::kFusion;
  std::vector<std::string> paths;  // at least 2; 2 for kTeamDraft; "-" is stdin
  size_t k = 10;
  uint64_t seed = 1;  // kTeamDraft: of each user's coin, with the user's id
  ReadOptions read;   // of all of them
  Grouping grouping = Grouping::kAuto;
  RankingFormat format;
  const ItemTexts* titles = nullptr;  // a last column, if there are some
  int threads = 1;
};

struct BlendResult {
  RankCounts counts;
  Meeting meeting;                   // of all tables with `side`
  std::vector<Meeting::Line> apart;  // tables that have no user in common with the first
  uint64_t one_sided = 0;            // kTeamDraft: users without a list of one of the two, who get none
  std::vector<std::pair<uint64_t, std::string>> bad_lines;  // by file
};

// user item score [rank]
TableSpec blend_spec();

// Writes user item score rank, with kTeamDraft also team (A, B: the first, the second
// table); with titles a last column title. A list's order is that of its rank column, else the score descending; ties
// by item id; an item once. The filter comes before that. score is the sum of the fusion, else the item's score in the
// list that gave it. Users come in the order of the first table, then those that only the second has, and so on.
// with_header: from whether the first table has a header to whether one is written. Throws Error for a malformed line.
// side: the tables behind the filter, for BlendResult::meeting.
BlendResult blend_stream(const BlendOptions& options, const CandidateFilter& filter, const std::vector<SideTable>& side,
                         const std::function<bool(bool)>& with_header, Output& out);

}  // namespace rec
