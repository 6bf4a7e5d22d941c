#include "score/rank_stream.h"

#include "io/number.h"
#include "io/other_columns.h"

namespace rec {
namespace {

enum Column : size_t { kUser, kItem, kScore };

struct Piece {
  std::string text;
  RankCounts counts;
  std::vector<Candidate> candidates;
};

void rank_group(const Group& group, const CandidateFilter& filter, const RankOptions& options, const OtherColumns& others, Piece& piece) {
  std::vector<Candidate>& candidates = piece.candidates;
  candidates.clear();
  if (filter.empty()) {
    for (uint32_t row = 0; row < group.rows; ++row) {
      const double score = group.number(row, kScore);
      if (score >= options.min_score) candidates.push_back({score, group.field(row, kItem), row});
    }
  } else {
    const CandidateFilter::User user(filter, group.user);
    for (uint32_t row = 0; row < group.rows; ++row) {
      const double score = group.number(row, kScore);
      const std::string_view item = group.field(row, kItem);
      if (score >= options.min_score && user.admits(item)) candidates.push_back({score, item, row});
    }
  }
  RankCounts& counts = piece.counts;
  counts.rows_in += group.rows;
  counts.filtered += group.rows - candidates.size();
  keep_best(candidates, options.k, counts.duplicates);
  counts.rows_out += candidates.size();
  ++counts.users;
  counts.short_lists += candidates.size() < options.k;
  std::string& text = piece.text;
  for (size_t rank = 0; rank < candidates.size(); ++rank) {
    const uint32_t row = candidates[rank].row;
    text += group.user;
    text += '\t';
    text += candidates[rank].item;
    text += '\t';
    text += group.field(row, kScore);
    text += '\t';
    append_integer(text, rank + 1);
    if (others.any()) others.append(group.lines[row], text);
    text += '\n';
  }
}

}  // namespace

TableSpec scores_spec() { return {"scores", {{"user"}, {"item"}, {"score", true, TableSpec::Kind::kNumber}}}; }

RankCounts rank_stream(GroupReader& scores, const CandidateFilter& filter, const RankOptions& options, bool header, bool keep,
                       int threads, Output& out) {
  const OtherColumns others(scores.layout(), keep, {"rank"});
  if (header) {
    out.write("user\titem\tscore\trank" + others.header() + "\n");
    out.flush();  // a reader that has gone is noticed before the work starts
  }
  RankCounts counts;
  std::vector<Piece> pieces;
  while (scores.next(threads)) {
    if (pieces.size() < scores.pieces()) pieces.resize(scores.pieces());
    scores.for_each_group(threads, [&](size_t piece, const Group& group) { rank_group(group, filter, options, others, pieces[piece]); });
    for (Piece& piece : pieces) {
      out.write(piece.text);
      counts += piece.counts;
      piece.text.clear();
      piece.counts = {};
    }
  }
  return counts;
}

}  // namespace rec
