#include "score/explain_streams.h"

#include <cmath>

#include "base/error.h"
#include "score/finite.h"
#include "score/group_stream.h"

namespace rec {

StreamCounts explain_candidates(GroupReader& candidates, const Model& model, const Contributions& contributions,
                                size_t top, const StreamOptions& options, Output& out) {
  struct Own {
    std::vector<uint32_t> items;
    std::unique_ptr<Contributions::Scratch> scratch;
    std::vector<Contribution> terms;
  };
  write_header(options, fmt::format("user\titem\t{}\tcontribution", contributions.column()).c_str(), nullptr, out);
  return for_each_user<Own>(
      candidates, options.threads, out, [&](const Group& group, std::string& text, StreamCounts& counts, Own& own) {
        if (!own.scratch) own.scratch = contributions.make_scratch();
        find_items(group, model.items(), own.items, counts);
        const bool known = contributions.read_user(group.user, *own.scratch);
        counts.fallback_users += known ? 0 : 1;
        counts.user_ids.add(group.user, known);
        if (!known) return;
        for (size_t row = 0; row < group.rows; ++row) {
          contributions.explain(own.items[row], *own.scratch, own.terms);
          for (const Contribution& term : own.terms) {
            if (!std::isfinite(term.value)) throw Error(not_finite(group.user, group.field(row, 1), "contribution"));
          }
          keep_greatest(own.terms, top);
          for (const Contribution& term : own.terms) {
            append_id_pair(group.user, group.field(row, 1), text);
            text += term.name;
            text += '\t';
            append_finite(text, static_cast<float>(term.value), group.user, group.field(row, 1), "contribution");
            text += '\n';
            ++counts.rows_out;
          }
        }
      });
}

}  // namespace rec
