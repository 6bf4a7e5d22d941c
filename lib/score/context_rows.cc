#include "score/context_rows.h"

#include <algorithm>

#include "base/number.h"
#include "data/labelled_rows.h"
#include "io/other_columns.h"
#include "score/finite.h"

namespace rec {
namespace {

// What one piece of a batch holds of its lines.
struct Rows {
  std::vector<std::string_view> line, user_id, item_id;
  std::vector<double> third;
  std::vector<uint32_t> user, item, categories;
  std::vector<UserKind> kind;
  std::vector<float> score;
  std::string text;
  StreamCounts counts;

  void clear() {
    line.clear();
    user_id.clear();
    item_id.clear();
    third.clear();
    user.clear();
    item.clear();
    categories.clear();
    kind.clear();
    text.clear();
    counts = {};
  }
};

}  // namespace

TableSpec context_rows_spec(std::span<const std::string> context, bool labels) {
  if (labels) return labelled_spec(context);
  TableSpec spec{"candidates", {{"user"}, {"item"}}};
  add_context_columns(context, spec);
  spec.columns.push_back({"attention", false, TableSpec::Kind::kNumber});
  return spec;
}

StreamCounts score_context_rows(TableReader& candidates, const Model& model, ScoreForm form, const UserVectors& users,
                                ThirdColumn third, const StreamOptions& options, Output& out) {
  const std::span<const std::string> context = model.encoder().context_columns();
  const size_t K = context.size();
  const Layout& layout = candidates.layout();
  const bool labels = third == ThirdColumn::kLabel;
  const size_t first_id = labels ? 1 : 0;
  const int at_user = layout.position[first_id];
  const int at_item = layout.position[first_id + 1];
  const int at_third = third == ThirdColumn::kNone ? Layout::kAbsent : layout.position[labels ? 0 : 2 + K];
  require_context(context, layout, first_id + 2, candidates.name());
  Layout kept = layout;  // the context stays one of the other columns
  kept.position = {at_user, at_item};
  if (at_third != Layout::kAbsent) kept.position.push_back(at_third);
  const OtherColumns others(
      kept, options.keep,
      labels ? std::vector<std::string_view>{"label", "prediction", "weight"} : std::vector<std::string_view>{"score"});
  if (options.header) {
    out.write(labels ? "label\tprediction\tweight\tuser\titem" : "user\titem\tscore");
    out.write(others.header());
    out.write("\n");
    out.flush();
  }
  const ContextScorer scorer(model, form);
  const Model::ValueRange range = model.value_range();
  const size_t parts = static_cast<size_t>(options.threads) * 2;
  candidates.input().set_chunk_bytes(Input::kChunkBytes * parts);
  std::vector<Rows> pieces(parts);
  std::vector<ContextScorer::Scratch> scratch(static_cast<size_t>(options.threads));
  std::vector<Behaviour> unused(parts);
  StreamCounts counts;
  while (candidates.next()) {
    candidates.parse(options.threads, parts, [&](size_t index, const Line& line) {
      Rows& rows = pieces[index];
      const std::string_view user = id_field(line, at_user, "user");
      const std::string_view item = id_field(line, at_item, "item");
      const double number_there = at_third >= 0 ? number_field(line, at_third) : 1.0;
      if (third == ThirdColumn::kAttention && !(number_there >= 0.0 && number_there <= 1.0))
        bad_field(at_third + 1, fmt::format("an attention is from 0 to 1, found \"{}\"",
                                            printable(line.fields[static_cast<size_t>(at_third)])));
      ++rows.counts.rows_in;
      uint32_t number = model.users().find(user);
      const UserKind kind = number != kNoId ? UserKind::kKnown : users.find(user, unused[index]);
      rows.counts.fallback_users += kind != UserKind::kKnown;
      rows.counts.user_ids.add(user, kind == UserKind::kKnown);
      if (kind == UserKind::kSkipped) return;
      if (kind == UserKind::kZero) number = ContextScorer::kZeroUser;
      const uint32_t its = model.items().find(item);
      rows.counts.unknown_items += its == kNoId;
      rows.counts.item_ids.add(item, its != kNoId);
      bool known = true;
      for (size_t k = 0; k < K; ++k) {
        const std::string_view field = line.fields[static_cast<size_t>(layout.position[first_id + 2 + k])];
        rows.categories.push_back(model.encoder().find_category(k, field));
        known = known && rows.categories.back() != kNoId;
      }
      rows.counts.unknown_context += !known;
      rows.line.push_back(line.text);
      rows.user_id.push_back(user);
      rows.item_id.push_back(item);
      rows.third.push_back(number_there);
      rows.user.push_back(number);
      rows.item.push_back(its);
      rows.kind.push_back(kind);
    });
    parallel_for(parts, options.threads, [&](size_t index, int worker) {
      Rows& rows = pieces[index];
      const size_t n = rows.line.size();
      rows.score.resize(n);
      scorer.score(rows.user, rows.categories.data(), rows.item, scratch[static_cast<size_t>(worker)],
                   rows.score.data());
      for (size_t row = 0; row < n; ++row) {
        float score = rows.score[row];
        if (rows.kind[row] == UserKind::kPopular)
          score = rows.item[row] == kNoId ? 0.0f : users.popularity()[rows.item[row]];
        if (labels) {
          append_number(rows.text, rows.third[row]);
          rows.text += '\t';
          append_finite(rows.text, std::clamp(score, range.least, range.greatest), rows.user_id[row], rows.item_id[row],
                        "score");
          rows.text += "\t1\t";
          rows.text.append(rows.user_id[row]).append("\t").append(rows.item_id[row]);
        } else {
          rows.text.append(rows.user_id[row]).append("\t").append(rows.item_id[row]).append("\t");
          append_finite(rows.text, at_third >= 0 ? score * static_cast<float>(rows.third[row]) : score,
                        rows.user_id[row], rows.item_id[row], "score");
        }
        if (others.any()) others.append(rows.line[row], rows.text);
        rows.text += '\n';
      }
      rows.counts.rows_out += n;
    });
    for (Rows& rows : pieces) {
      out.write(rows.text);
      counts += rows.counts;
      rows.clear();
    }
    out.end_rows();
  }
  return counts;
}

}  // namespace rec
