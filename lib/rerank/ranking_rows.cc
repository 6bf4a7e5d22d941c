#include "rerank/ranking_rows.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace rec {
namespace {

void check_trec_id(const char* what, std::string_view id) {
  if (std::any_of(id.begin(), id.end(), [](char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); })) {
    fail("{} \"{}\": a TREC run file separates its fields by spaces, so ids hold none", what, printable(id));
  }
}

}  // namespace

RankingRows::RankingRows(const RankingFormat& format, std::string_view user, std::string& out)
    : format_(format), user_(user), out_(out) {
  if (format.kind != RankingFormat::Kind::kTrec) return;
  check_trec_id("user", user);
  if (user.starts_with('#'))
    fail("user \"{}\": a line of a TREC run file that begins with # is a comment, so no user does", printable(user));
}

void RankingRows::begin_run_row(std::string_view item, double score) {
  check_trec_id("item", item);
  auto value = static_cast<float>(std::clamp(score, -1e38, 1e38));
  if (rank_ > 1 && !(value < last_)) value = std::nextafter(last_, -HUGE_VALF);
  last_ = value;
  out_ += user_;
  out_ += " Q0 ";
  out_ += item;
  out_ += ' ';
  append_integer(out_, rank_);
  out_ += ' ';
  append_number(out_, value);
  out_ += ' ';
  out_ += format_.tag;
}

void append_title(const ItemTexts& titles, std::string_view item, std::string& out, uint64_t& without) {
  const std::optional<std::string_view> title = titles.find(item);
  without += title ? 0 : 1;
  out += '\t';
  if (title) out += *title;
}

}  // namespace rec
