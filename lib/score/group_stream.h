// What the streams of score/streams.h and explain_streams.h are made of: pieces of output that
// several threads fill, written in the order of the input. Each function belongs to the calling
// thread, but what it says of a body.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/other_columns.h"
#include "score/streams.h"

namespace rec {

// One piece's text and counts, written and summed in order.
struct Piece {
  std::string text;
  StreamCounts counts;
};

// Writes `columns` and, where there are any, those of `others`, if options want a header.
inline void write_header(const StreamOptions& options, const char* columns, const OtherColumns* others, Output& out) {
  if (!options.header) return;
  out.write(columns);
  if (others != nullptr) out.write(others->header());
  out.write("\n");
  out.flush();  // a reader that has gone is noticed before the work starts
}

inline void append_id_pair(std::string_view user, std::string_view item, std::string& text) {
  text += user;
  text += '\t';
  text += item;
  text += '\t';
}

// Leaves the pieces empty.
inline void write_pieces(std::vector<Piece>& pieces, StreamCounts& counts, Output& out) {
  for (Piece& piece : pieces) {
    out.write(piece.text);
    counts += piece.counts;
    piece.text.clear();
    piece.counts = {};
  }
  out.end_rows();
}

inline bool is_fallback(UserKind kind) { return kind != UserKind::kKnown && kind != UserKind::kFolded; }

// The rows of one user's best items, and what they count. value_column names the third column, for errors.
void append_best(std::string_view user, const Catalogue::Result& result, const Model& model, const Catalogue& catalogue,
                 size_t top, const char* value_column, Piece& piece);

// Groups of a batch through body(group, piece's text, its counts, its scratch), which several
// threads call, each with another scratch.
template <class Scratch, class Body>
StreamCounts for_each_user(GroupReader& groups, int threads, Output& out, Body&& body) {
  StreamCounts counts;
  std::vector<Piece> pieces;
  std::vector<Scratch> scratch;
  while (groups.next(threads)) {
    if (pieces.size() < groups.pieces()) {
      pieces.resize(groups.pieces());
      scratch.resize(groups.pieces());
    }
    groups.for_each_group(threads, [&](size_t piece, const Group& group) {
      ++pieces[piece].counts.users;
      pieces[piece].counts.rows_in += group.rows;
      body(group, pieces[piece].text, pieces[piece].counts, scratch[piece]);
    });
    write_pieces(pieces, counts, out);
  }
  return counts;
}

// The numbers of a group's items; kNoId for those that `ids` lacks, which are counted.
inline void find_items(const Group& group, const IdTable& ids, std::vector<uint32_t>& items, StreamCounts& counts) {
  items.resize(group.rows);
  for (size_t row = 0; row < group.rows; ++row) {
    items[row] = ids.find(group.field(row, 1));
    counts.unknown_items += items[row] == kNoId;
    counts.item_ids.add(group.field(row, 1), items[row] != kNoId);
  }
}

}  // namespace rec
