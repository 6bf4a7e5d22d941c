// How rows of a ranking are written: TSV with columns behind the rank, or a run file
// of TREC. Immutable; threads share it.
#pragma once

#include <string>
#include <string_view>

#include "base/number.h"
#include "data/titles.h"

namespace rec {

struct RankingFormat {
  enum class Kind { kTsv, kTrec };
  Kind kind = Kind::kTsv;
  std::string tag = "rec";  // last field of a run file
};

// Of one user's rows, in order.
class RankingRows {
 public:
  // format must outlive this.
  RankingRows(const RankingFormat& format, std::string_view user, std::string& out);

  // Appends the row of the next rank. score_text: the score as it is to stand in TSV;
  // score: the same as a number. A run file has the same scores in float32, each lowered
  // to the next float below the one before where it is not lower already: trec_eval
  // sorts by score, and reads floats. Throws Error for ids that hold a space, in a run
  // file. REQUIRES: end_row() before the next.
  void begin_row(std::string_view item, std::string_view score_text, double score) {
    ++rank_;
    if (format_.kind == RankingFormat::Kind::kTrec) return begin_run_row(item, score);
    out_ += user_;
    out_ += '\t';
    out_ += item;
    out_ += '\t';
    out_ += score_text;
    out_ += '\t';
    append_integer(out_, rank_);
  }
  void end_row() { out_ += '\n'; }

 private:
  void begin_run_row(std::string_view item, double score);

  const RankingFormat& format_;
  std::string_view user_;
  std::string& out_;
  size_t rank_ = 0;
  float last_ = 0.0f;
};

// Appends a TAB and the title of the item, nothing where it has none; counts these.
void append_title(const ItemTexts& titles, std::string_view item, std::string& out, uint64_t& without);

}  // namespace rec
