#include "rerank/blend_stream.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <memory>

#include "base/error.h"
#include "base/number.h"
#include "rank/blend.h"

namespace rec {

TableSpec blend_spec() {
  return {"scores",
          {{"user"}, {"item"}, {"score", true, TableSpec::Kind::kNumber}, {"rank", false, TableSpec::Kind::kNumber}}};
}

namespace {

struct BlendColumn {
  enum : size_t { kUser, kItem, kScore, kRank };
};

struct Entry {
  std::string_view item;
  double score;
};

// rrf reads no score where there are ranks; the others write that of the list.
TableSpec spec_of(const BlendOptions& options) {
  TableSpec spec = blend_spec();
  spec.columns[BlendColumn::kScore].in_header = options.method != BlendOptions::Method::kFusion;
  return spec;
}

void check_order(const GroupReader& reader) {
  if (!reader.layout().has(BlendColumn::kScore) && !reader.layout().has(BlendColumn::kRank))
    fail("{}: no column score or rank, which orders a list", reader.name());
}

// A group's items in the order of the list.
void put_in_order(const Group& group, const CandidateFilter& filter, RankCounts& counts,
                  std::vector<Candidate>& candidates) {
  candidates.clear();
  const bool has_rank = group.rows > 0 && group.field(0, BlendColumn::kRank).data() != nullptr;
  const CandidateFilter::User user(filter, group.user);
  for (uint32_t row = 0; row < group.rows; ++row) {
    const std::string_view item = group.field(row, BlendColumn::kItem);
    if (!user.admits(item)) continue;
    candidates.push_back(
        {has_rank ? -group.number(row, BlendColumn::kRank) : group.number(row, BlendColumn::kScore), item, row});
  }
  counts.rows_in += group.rows;
  counts.filtered += group.rows - candidates.size();
  keep_best(candidates, candidates.size(), counts.duplicates);
}

// A table of lists in memory, users by first appearance.
class StoredLists {
 public:
  StoredLists(const std::string& path, const BlendOptions& options, const CandidateFilter& filter,
              const std::vector<SideTable>& side, BlendResult& result) {
    ReadOptions whole = options.read;
    whole.as_it_comes = false;
    GroupReader reader(path, spec_of(options), whole, options.grouping);
    struct Piece {
      std::vector<std::string_view> users;
      std::vector<size_t> lengths;
      std::vector<Entry> entries;
      std::vector<Candidate> candidates;
      RankCounts counts;
      Meeting meeting;
    };
    while (reader.next(options.threads)) {
      check_order(reader);
      std::vector<Piece> pieces(reader.pieces());
      reader.for_each_group(options.threads, [&](size_t at, const Group& group) {
        Piece& piece = pieces[at];
        piece.meeting.look(side, group);
        put_in_order(group, filter, piece.counts, piece.candidates);
        piece.users.push_back(group.user);
        piece.lengths.push_back(piece.candidates.size());
        for (const Candidate& candidate : piece.candidates)
          piece.entries.push_back({candidate.item, group.number(candidate.row, BlendColumn::kScore)});
      });
      for (Piece& piece : pieces) {
        result.meeting.add(piece.meeting);
        for (size_t at = 0; at < piece.users.size(); ++at) {
          users_.intern(piece.users[at]);
          begin_.push_back(begin_.back() + piece.lengths[at]);
        }
        for (const Entry& entry : piece.entries) {
          item_.push_back(items_.intern(entry.item));
          score_.push_back(entry.score);
        }
        result.counts += piece.counts;
      }
    }
    result.bad_lines.emplace_back(reader.bad_lines(), reader.name());
    done_.assign(users_.size(), 0);
  }

  const IdTable& users() const { return users_; }
  bool done(uint32_t user) const { return done_[user] != 0; }
  // Appends the user's list and notes that it was asked for. Threads may call it at
  // once for different users.
  void take(std::string_view user, std::vector<Entry>& entries) {
    const uint32_t number = users_.find(user);
    if (number == kNoId) return;
    done_[number] = 1;
    for (uint64_t at = begin_[number]; at < begin_[number + size_t{1}]; ++at)
      entries.push_back({items_[item_[at]], score_[at]});
  }

 private:
  IdTable users_;
  IdTable items_;
  std::vector<uint64_t> begin_{0};  // U + 1
  std::vector<uint32_t> item_;
  std::vector<double> score_;
  std::vector<uint8_t> done_;  // U
};

// One thread's blending: text of the rows, and counts.
class Blender {
 public:
  explicit Blender(const BlendOptions& options) : options_(options), lists_(options.paths.size()) {}

  std::vector<Entry>& list(size_t at) { return lists_[at]; }
  std::vector<Candidate>& scratch() { return scratch_; }

  // Blends what stands in the lists, and empties them.
  void blend(std::string_view user) {
    number_items();
    ++counts.users;
    const std::vector<Blended> blended = blend_numbers(user);
    counts.rows_out += blended.size();
    counts.short_lists += blended.size() < options_.k ? 1 : 0;
    RankingRows rows(options_.format, user, text);
    std::string score_text;
    for (const Blended& row : blended) {
      const double score =
          options_.method == BlendOptions::Method::kFusion ? row.score : lists_[row.list][row.at].score;
      score_text.clear();
      append_number(score_text, score);
      rows.begin_row(names_[row.item], score_text, score);
      if (options_.method == BlendOptions::Method::kTeamDraft && options_.format.kind == RankingFormat::Kind::kTsv) {
        text += row.list == 0 ? "\tA" : "\tB";
      }
      if (options_.titles != nullptr) append_title(*options_.titles, names_[row.item], text, counts.without_title);
      rows.end_row();
    }
    for (auto& list : lists_) list.clear();
  }

  std::string text;
  RankCounts counts;
  Meeting with_side;
  Meeting with_others;
  uint64_t one_sided = 0;

 private:
  // Numbers in byte order of the ids.
  void number_items() {
    names_.clear();
    for (const auto& list : lists_) {
      for (const Entry& entry : list) names_.push_back(entry.item);
    }
    std::sort(names_.begin(), names_.end());
    names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
    numbers_.resize(lists_.size());
    views_.resize(lists_.size());
    for (size_t list = 0; list < lists_.size(); ++list) {
      numbers_[list].clear();
      for (const Entry& entry : lists_[list]) {
        numbers_[list].push_back(
            static_cast<uint32_t>(std::lower_bound(names_.begin(), names_.end(), entry.item) - names_.begin()));
      }
      views_[list] = numbers_[list];
    }
  }

  std::vector<Blended> blend_numbers(std::string_view user) {
    switch (options_.method) {
      case BlendOptions::Method::kFusion:
        return reciprocal_rank_fusion(views_, options_.k);
      case BlendOptions::Method::kRoundRobin:
        return round_robin(views_, options_.k);
      case BlendOptions::Method::kTeamDraft:
        break;
    }
    one_sided += views_[0].empty() || views_[1].empty() ? 1 : 0;
    Rng coin(options_.seed, XXH3_64bits(user.data(), user.size()));
    return team_draft(views_[0], views_[1], options_.k, coin);
  }

  const BlendOptions& options_;
  std::vector<std::vector<Entry>> lists_;
  std::vector<Candidate> scratch_;
  std::vector<std::string_view> names_;
  std::vector<std::vector<uint32_t>> numbers_;
  std::vector<ItemList> views_;
};

}  // namespace

BlendResult blend_stream(const BlendOptions& options, const CandidateFilter& filter, const std::vector<SideTable>& side,
                         const std::function<bool(bool)>& with_header, Output& out) {
  BlendResult result;
  std::vector<std::unique_ptr<StoredLists>> stored;
  for (size_t at = 1; at < options.paths.size(); ++at) {
    stored.push_back(std::make_unique<StoredLists>(options.paths[at], options, filter, side, result));
  }
  std::vector<SideTable> others;
  for (size_t at = 0; at < stored.size(); ++at)
    others.push_back({{input_name(options.paths[at + 1]), {&stored[at]->users()}, {}}});
  Meeting with_others;
  GroupReader first(options.paths[0], spec_of(options), options.read, options.grouping);
  if (options.format.kind == RankingFormat::Kind::kTsv && with_header(first.layout().header)) {
    const bool teams = options.method == BlendOptions::Method::kTeamDraft;
    out.write(std::string("user\titem\tscore\trank") + (teams ? "\tteam" : "") +
              (options.titles != nullptr ? "\ttitle\n" : "\n"));
    out.flush();
  }
  auto write = [&](Blender& blender) {
    out.write(blender.text);
    result.counts += blender.counts;
    result.one_sided += blender.one_sided;
    result.meeting.add(blender.with_side);
    with_others.add(blender.with_others);
    blender.text.clear();
    blender.counts = {};
    blender.one_sided = 0;
  };
  std::vector<Blender> blenders;
  while (first.next(options.threads)) {
    check_order(first);
    while (blenders.size() < first.pieces()) blenders.emplace_back(options);
    first.for_each_group(options.threads, [&](size_t piece, const Group& group) {
      Blender& blender = blenders[piece];
      blender.with_side.look(side, group);
      blender.with_others.look(others, group);
      put_in_order(group, filter, blender.counts, blender.scratch());
      for (const Candidate& candidate : blender.scratch())
        blender.list(0).push_back({candidate.item, group.number(candidate.row, BlendColumn::kScore)});
      for (size_t at = 0; at < stored.size(); ++at) stored[at]->take(group.user, blender.list(at + 1));
      blender.blend(group.user);
    });
    for (Blender& blender : blenders) write(blender);
    out.end_rows();
  }
  result.bad_lines.emplace_back(first.bad_lines(), first.name());

  Blender rest(options);
  constexpr size_t kTextBytes = size_t{1} << 20;
  for (size_t at = 0; at < stored.size(); ++at) {
    const IdTable& users = stored[at]->users();
    for (uint32_t user = 0; user < users.size(); ++user) {
      if (stored[at]->done(user)) continue;
      for (size_t list = at; list < stored.size(); ++list) stored[list]->take(users[user], rest.list(list + 1));
      rest.blend(users[user]);
      if (rest.text.size() > kTextBytes) write(rest);
    }
  }
  write(rest);
  result.apart = with_others.lines(others, first.name());
  return result;
}

}  // namespace rec
