#include "score/streams.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/number.h"
#include "score/finite.h"
#include "score/group_stream.h"

namespace rec {
namespace {

struct CandidateScratch {
  EncodedUser user;
  std::vector<uint32_t> items;
  std::vector<float> values;
};

}  // namespace

StreamCounts& StreamCounts::operator+=(const StreamCounts& other) {
  rows_in += other.rows_in;
  rows_out += other.rows_out;
  users += other.users;
  fallback_users += other.fallback_users;
  described_users += other.described_users;
  unknown_items += other.unknown_items;
  short_lists += other.short_lists;
  own_items += other.own_items;
  unknown_context += other.unknown_context;
  user_ids.add(other.user_ids);
  item_ids.add(other.item_ids);
  return *this;
}

std::string fallback_note(const UserVectors& users) {
  return fmt::format("with a user unknown to the model{} got the fallback {}",
                     users.by_features() ? "" : " or known by features alone", name_of(users.fallback()));
}

std::vector<std::string> notes_of(const StreamCounts& counts, const std::string& what, const UserVectors& users) {
  std::vector<std::string> notes;
  if (users.kept() > 0) {
    notes.push_back(counted(users.kept(), "user") + (users.kept() == 1 ? " of --history keeps" : " of --history keep") +
                    " the vector of the model; --refold makes it from the history");
  }
  if (users.folded() > 0) notes.push_back(counted(users.folded(), "user") + " folded in from a history");
  if (users.unknown_history_items() > 0)
    notes.push_back(counted(users.unknown_history_items(), "history row") + " with an item unknown to the model");
  const char* const noun = counts.users > 0 ? "list" : "row";
  if (counts.described_users > 0) {
    notes.push_back(counted(counts.described_users, noun) +
                    " with a user known by features alone, since there is no history");
  }
  if (counts.fallback_users > 0) notes.push_back(fmt::format("{} {}", counted(counts.fallback_users, noun), what));
  if (counts.unknown_items > 0)
    notes.push_back(counted(counts.unknown_items, "row") + " with an item unknown to the model");
  if (counts.unknown_context > 0)
    notes.push_back(counted(counts.unknown_context, "row") + " with a context that is empty or unknown to the model");
  if (counts.own_items > 0) {
    notes.push_back(fmt::format("{} of {} rows have an item of the user's own history; --exclude FILE leaves these out",
                                counts.own_items, counts.rows_out));
  }
  if (counts.short_lists > 0)
    notes.push_back(counted(counts.short_lists, "user") + " with fewer candidates than --top");
  return notes;
}

TableSpec labels_spec() { return {"labels", {{"user"}, {"item"}, {"value", true, TableSpec::Kind::kNumber}}}; }

TableSpec attention_spec() {
  return {"attention", {{"user"}, {"item"}, {"attention", false, TableSpec::Kind::kNumber}}};
}

StreamCounts attend_candidates(GroupReader& candidates, const Model& model, const PairScorer& scorer,
                               double temperature, const StreamOptions& options, Output& out) {
  const OtherColumns others(candidates.layout(), options.keep, {"attention"});
  write_header(options, "user\titem\tattention", &others, out);
  return for_each_user<CandidateScratch>(
      candidates, options.threads, out,
      [&](const Group& group, std::string& text, StreamCounts& counts, CandidateScratch& scratch) {
        scorer.encode(group.user, scratch.user);
        count_user(scratch.user.kind, counts);
        counts.user_ids.add(group.user, !is_fallback(scratch.user.kind));
        if (scratch.user.kind == UserKind::kSkipped) return;
        find_items(group, model.items(), scratch.items, counts);
        scratch.values.resize(group.rows);
        scorer.score(scratch.user, scratch.items, scratch.values.data());
        if (const size_t bad = first_not_finite(scratch.values.data(), group.rows); bad < group.rows)
          throw Error(not_finite(group.user, group.field(bad, 1), "score"));
        softmax(scratch.values.data(), group.rows, temperature, scratch.values.data());
        for (size_t row = 0; row < group.rows; ++row) {
          append_id_pair(group.user, group.field(row, 1), text);
          append_finite(text, scratch.values[row], group.user, group.field(row, 1), "attention");
          if (others.any()) others.append(group.lines[row], text);
          text += '\n';
        }
        counts.rows_out += group.rows;
      });
}

StreamCounts attend_history(GroupReader& candidates, const Model& model, const HistoryAttention& explanation,
                            const UserItems& histories, bool by_head, size_t top, const StreamOptions& options,
                            Output& out) {
  const Encoder::Heads heads = explanation.heads();
  const std::vector<uint32_t> number_of = match_ids(histories.items, model.items());
  struct Scratch {
    std::vector<uint32_t> items;
    HistoryAttention::Scratch history;
    std::vector<uint32_t> order;
  };
  write_header(options,
               by_head ? "user\titem\thistory_item\tattention\tblock\thead" : "user\titem\thistory_item\tattention",
               nullptr, out);
  return for_each_user<Scratch>(
      candidates, options.threads, out,
      [&](const Group& group, std::string& text, StreamCounts& counts, Scratch& scratch) {
        find_items(group, model.items(), scratch.items, counts);
        if (!explanation.set_history(known_history(histories, histories.users.find(group.user), number_of),
                                     scratch.history)) {
          ++counts.fallback_users;
          counts.user_ids.add(group.user, false);
          return;
        }
        counts.user_ids.add(group.user, true);
        const std::vector<float>& weights = scratch.history.weights;
        for (size_t at_row = 0; at_row < group.rows * heads.blocks * heads.heads; ++at_row) {
          const size_t row = at_row / (heads.blocks * heads.heads);
          const size_t head = at_row % (heads.blocks * heads.heads);
          explanation.attend(scratch.items[row], head, scratch.history);
          // Shares of nothing come of scores that are not finite.
          if (first_not_finite(weights.data(), weights.size()) < weights.size() ||
              std::none_of(weights.begin(), weights.end(), [](float weight) { return weight > 0.0f; }))
            throw Error(not_finite(group.user, group.field(row, 1), "attention"));
          scratch.order.resize(weights.size());
          std::iota(scratch.order.begin(), scratch.order.end(), 0u);
          std::stable_sort(scratch.order.begin(), scratch.order.end(),
                           [&](uint32_t x, uint32_t y) { return weights[x] > weights[y]; });
          for (size_t at = 0; at < std::min(weights.size(), top); ++at) {
            const uint32_t j = scratch.order[at];
            append_id_pair(group.user, group.field(row, 1), text);
            text += model.items()[scratch.history.items[j]];
            text += '\t';
            append_finite(text, weights[j], group.user, group.field(row, 1), "attention");
            if (by_head) text += fmt::format("\t{}\t{}", head / heads.heads + 1, head % heads.heads + 1);
            text += '\n';
            ++counts.rows_out;
          }
        }
      });
}

StreamCounts score_candidates(TableReader& candidates, const Model& model, const PairScorer& scorer, ThirdColumn third,
                              const StreamOptions& options, Output& out) {
  const Layout& layout = candidates.layout();
  const bool labels = third == ThirdColumn::kLabel;
  const OtherColumns others(
      layout, options.keep,
      labels ? std::vector<std::string_view>{"label", "prediction", "weight"} : std::vector<std::string_view>{"score"});
  const int at_third = third == ThirdColumn::kNone ? Layout::kAbsent : layout.position[2];
  const Model::ValueRange range = model.value_range();
  write_header(options, labels ? "label\tprediction\tweight\tuser\titem" : "user\titem\tscore", &others, out);
  struct Scratch {
    EncodedUser user;
    std::string name;
    bool named = false;
  };
  const size_t parts = static_cast<size_t>(options.threads) * 2;
  candidates.input().set_chunk_bytes(Input::kChunkBytes * parts);
  StreamCounts counts;
  std::vector<Piece> pieces(parts);
  std::vector<Scratch> scratch(parts);
  while (candidates.next()) {
    candidates.parse(options.threads, parts, [&](size_t index, const Line& line) {
      Piece& piece = pieces[index];
      Scratch& own = scratch[index];
      const std::string_view user = id_field(line, layout.position[0], "user");
      const std::string_view item = id_field(line, layout.position[1], "item");
      const double number_there = at_third >= 0 ? number_field(line, at_third) : 1.0;
      if (third == ThirdColumn::kAttention && !(number_there >= 0.0 && number_there <= 1.0))
        bad_field(
            at_third + 1,
            fmt::format("an attention is from 0 to 1, found \"{}\"; if the column holds something else (a rating), "
                        "say --no-attention",
                        printable(line.fields[static_cast<size_t>(at_third)])));
      ++piece.counts.rows_in;
      if (!own.named || own.name != user) {
        own.name = user;
        own.named = true;
        scorer.encode(user, own.user);
      }
      count_user(own.user.kind, piece.counts);
      piece.counts.user_ids.add(user, !is_fallback(own.user.kind));
      if (own.user.kind == UserKind::kSkipped) return;
      const uint32_t number = model.items().find(item);
      piece.counts.unknown_items += number == kNoId;
      piece.counts.item_ids.add(item, number != kNoId);
      float value = 0.0f;
      scorer.score(own.user, {&number, 1}, &value);
      const float score = labels          ? std::clamp(value, range.least, range.greatest)
                          : at_third >= 0 ? value * static_cast<float>(number_there)
                                          : value;
      if (!std::isfinite(score)) bad_field(0, not_finite(user, item, "score"));
      if (labels) {
        append_number(piece.text, number_there);
        piece.text += '\t';
        append_finite(piece.text, score, user, item, "score");
        piece.text += "\t1\t";
        piece.text += user;
        piece.text += '\t';
        piece.text += item;
      } else {
        append_id_pair(user, item, piece.text);
        append_finite(piece.text, score, user, item, "score");
      }
      if (others.any()) others.append(line.text, piece.text);
      piece.text += '\n';
      ++piece.counts.rows_out;
    });
    write_pieces(pieces, counts, out);
  }
  return counts;
}

void append_best(std::string_view user, const Catalogue::Result& result, const Model& model, const Catalogue& catalogue,
                 size_t top, const char* value_column, Piece& piece) {
  ++piece.counts.users;
  count_user(result.kind, piece.counts);
  if (result.kind == UserKind::kSkipped) return;
  piece.counts.short_lists += result.items.size() < top;
  piece.counts.rows_out += result.items.size();
  piece.counts.own_items += catalogue.own_items(user, result);
  for (const Scored& scored : result.items) {
    append_id_pair(user, model.items()[scored.index], piece.text);
    append_finite(piece.text, scored.score, user, model.items()[scored.index], value_column);
    piece.text += '\n';
  }
}

StreamCounts best_of_catalogue(const std::vector<std::string_view>& users, const Model& model,
                               const Catalogue& catalogue, size_t top, const char* value_column,
                               const StreamOptions& options, Output& out) {
  const std::string columns = std::string("user\titem\t") + value_column;
  write_header(options, columns.c_str(), nullptr, out);
  constexpr size_t kBlock = Catalogue::kUsersPerBlock;
  const size_t tasks = (users.size() + kBlock - 1) / kBlock;
  const size_t per_round = static_cast<size_t>(options.threads) * (out.buffering() == Buffering::kRows ? 1 : 8);
  std::vector<Piece> pieces(std::min(tasks, per_round));
  std::vector<Catalogue::Scratch> scratch(static_cast<size_t>(options.threads));
  StreamCounts counts;
  for (size_t start = 0; start < tasks; start += per_round) {
    // Where there are not enough blocks of users, the threads share the items of each.
    const bool together = catalogue.shares_items() && tasks < static_cast<size_t>(options.threads);
    parallel_for(std::min(per_round, tasks - start), together ? 1 : options.threads, [&](size_t at, int worker) {
      Piece& piece = pieces[at];
      const size_t first = (start + at) * kBlock;
      const std::vector<std::string_view> block(
          users.begin() + static_cast<std::ptrdiff_t>(first),
          users.begin() + static_cast<std::ptrdiff_t>(std::min(users.size(), first + kBlock)));
      std::vector<Catalogue::Result> results;
      if (together) {
        catalogue.best(block, results, scratch);
      } else {
        catalogue.best(block, results, scratch[static_cast<size_t>(worker)]);
      }
      for (size_t user = 0; user < block.size(); ++user)
        append_best(block[user], results[user], model, catalogue, top, value_column, piece);
    });
    write_pieces(pieces, counts, out);
    if (options.progress) options.progress(std::min(users.size(), (start + per_round) * kBlock), users.size());
  }
  return counts;
}

}  // namespace rec
