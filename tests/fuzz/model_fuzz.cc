// Fuzzes everything that reads a model: a small one of any type (fuzz/small_models.h) is taken
// apart, changed, written in either encoding with the right checksum, and goes through
// what rec-model, rec-attend, rec-score and rec-rank do with it. Any outcome is good but a
// crash, a value that is not finite in an output, scores of pairs that are not the catalogue's, or an
// exception that is no rec::Error. An input is a recipe (fuzz/raw_model.h) or a model file.
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/number.h"
#include "data/artefact_codec.h"
#include "data/artefact_rows.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/memory_file.h"
#include "fuzz/raw_model.h"
#include "fuzz/small_models.h"
#include "io/output.h"
#include "rank/similarity.h"
#include "score/session.h"
#include "score/similar.h"
#include "score/streams.h"

namespace rec::fuzz {
namespace {

const std::vector<RawModel>& bases() {
  static const std::vector<RawModel> models = [] {
    std::vector<RawModel> all;
    for (const Artefact& model : small_models()) all.push_back(raw_model(model));
    return all;
  }();
  return models;
}

bool is_model(std::string_view bytes) { return looks_like_text(bytes) || looks_like_safetensors(bytes); }

std::string make_file(std::string_view bytes) {
  if (is_model(bytes)) return std::string(bytes);
  Choices choices(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  RawModel model = bases()[choices.below(bases().size())];
  change(model, bases(), choices);
  return encode(model, choices);
}

// The tables beside the model.
struct Tables {
  MemoryFile model;
  MemoryFile candidates{"u0\ti0\nu0\ti1\nu0\ti5\nu3\ti2\nu3\ti2\nu3\tnew\nnew\ti0\nnew\ti4\nother\ti1\nother\ti3\n"};
  MemoryFile users{"user\nu0\nu1\nnew\nother\nu5\n"};
  MemoryFile histories{
      "user\titem\tvalue\ttimestamp\nnew\ti0\t5\t1\nnew\ti2\t1\t2\nnew\ti4\t0\t3\nnew\ti0\t2\t3\nnew\tunknown\t1\t4\n"
      "u0\ti1\t3\t9\nthird\tunknown\t1\t1\n"};
  MemoryFile seen{"u0\ti0\nu0\ti2\nnew\ti0\nnobody\ti1\n"};
  MemoryFile rows;
  MemoryFile out;
};
Tables& tables() {
  static Tables all;
  return all;
}

// Each field but the first two (ids) of each row is a finite number or an id. `ids`: how many
// fields are ids.
void check_rows(const std::string& text, size_t ids, const char* what) {
  size_t at = 0;
  bool first = true;
  while (at < text.size()) {
    const size_t end = text.find('\n', at);
    if (end == std::string::npos) finding(std::string(what) + ": the last line has no end");
    const std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    if (std::exchange(first, false)) continue;  // header
    size_t from = 0;
    for (size_t field = 0; from <= line.size(); ++field) {
      const size_t tab = std::min(line.find('\t', from), line.size());
      const std::string_view value = line.substr(from, tab - from);
      if (field >= ids && !parse_number<double>(value)) finding(fmt::format("{}: {}", what, printable(line)));
      from = tab + 1;
    }
  }
}

// Does it, unless the library refuses. The output is good where it was done.
template <class Do>
void attempt(const char* what, size_t ids, Do&& action) {
  tables().out.set("");
  bool done = false;
  try {
    Output out(tables().out.path());
    action(out);
    out.finish();
    done = true;
  } catch (const Error& error) {
    if (error.what()[0] == '\0') finding("an error without a text");
  } catch (const UsageError&) {
  }
  if (done && ids > 0) check_rows(tables().out.text(), ids, what);
}

const ScoreForm kForms[] = {
    ScoreForm::kDot,       ScoreForm::kScaled,   ScoreForm::kCosine,     ScoreForm::kSum,
    ScoreForm::kBilinear,  ScoreForm::kLogistic, ScoreForm::kExp,        ScoreForm::kAdditive,
    ScoreForm::kMultiHead, ScoreForm::kMlp,      ScoreForm::kNeighbours, ScoreForm::kPool,
    ScoreForm::kPoolExp,   ScoreForm::kFm,       ScoreForm::kFmLogistic, ScoreForm::kCalibrated};
const char* const kFallbacks[] = {"", "average", "popular", "zero", "skip"};

StreamOptions stream_options() {
  StreamOptions options;
  options.header = true;
  return options;
}

void check_catalogue(Session& session, ScoreForm form) {
  CatalogueOptions options;
  options.predictor = form;
  options.top = 4;
  const Catalogue catalogue(session.model(), session.users(), session.exclusions(), options);
  const PairScorer pairs(session.model(), form, session.users());
  const std::vector<std::string_view> users{"u0", "new", "other"};
  std::vector<Catalogue::Result> results(users.size());
  Catalogue::Scratch scratch;
  catalogue.best(users, results, scratch);
  EncodedUser user;
  for (size_t u = 0; u < users.size(); ++u) {
    if (results[u].kind == UserKind::kSkipped) continue;
    pairs.encode(users[u], user);
    for (const Scored& scored : results[u].items) {
      if (scored.index >= session.model().items().size()) finding("an item that the model does not have");
      float alone = 0.0f;
      pairs.score(user, {&scored.index, 1}, &alone);
      if (alone != scored.score)
        finding(fmt::format("{}: {} of the catalogue, {} of the pair", name_of(form), scored.score, alone));
    }
  }
}

void check_session(Session& session, ScoreForm predictor, ScoreForm attention) {
  const StreamOptions stream = stream_options();
  const ReadOptions read;
  const Model& model = session.model();
  attempt("pairs", 0, [&](Output&) { check_catalogue(session, predictor); });
  attempt("score", 2, [&](Output& out) {
    TableReader candidates(tables().candidates.path(), attention_spec(), read);
    const PairScorer scorer(model, predictor, session.users());
    score_candidates(candidates, model, scorer, ThirdColumn::kNone, stream, out);
  });
  attempt("attention", 2, [&](Output& out) {
    GroupReader candidates(tables().candidates.path(), candidates_spec(), read, Grouping::kGrouped);
    const PairScorer scorer(model, attention, session.users());
    attend_candidates(candidates, model, scorer, 0.5, stream, out);
  });
  for (const auto output : {CatalogueOptions::Output::kPrediction, CatalogueOptions::Output::kAttention,
                            CatalogueOptions::Output::kScore}) {
    attempt("catalogue", 2, [&](Output& out) {
      CatalogueOptions options;
      options.output = output;
      options.attention = attention;
      options.predictor = predictor;
      options.top = 3;
      const UserList users = read_users(tables().users.path(), read);
      const Catalogue catalogue(model, session.users(), session.exclusions(), options);
      best_of_catalogue(users.names(), model, catalogue, options.top, "score", stream, out);
    });
  }
}

void check_explanation(Session& session, ScoreForm form, bool own, bool by_head) {
  attempt("explanation", by_head ? 3 : 3, [&](Output& out) {
    const HistoryAttention explanation =
        own ? HistoryAttention(session.model(), by_head)
            : HistoryAttention(session.model(), make_scorer(form, session.model().parts()), 1.0);
    GroupReader candidates(tables().candidates.path(), candidates_spec(), ReadOptions(), Grouping::kGrouped);
    attend_history(candidates, session.model(), explanation, session.histories(), by_head, 10, stream_options(), out);
  });
}

void check_similar(const Model& model) {
  for (const ScoreForm form : {ScoreForm::kCosine, ScoreForm::kDot, ScoreForm::kNeighbours}) {
    attempt("similar", 0, [&](Output&) {
      for (const Scored& other : similar_items(model, 0, form, 3)) {
        if (other.index >= model.items().size() || !std::isfinite(other.score)) finding("similar items");
      }
    });
  }
  if (model.item_vectors().cols == 0) return;
  const VectorCosine cosine(model.items(), model.item_vectors());
  std::vector<float> values(model.items().size());
  std::vector<uint32_t> items(values.size());
  std::iota(items.begin(), items.end(), 0u);
  for (const uint32_t item : items) {
    cosine.similarities(item, items, values.data());
    for (const float value : values) {
      if (!(std::abs(value) <= 1.00001f)) finding(fmt::format("a cosine of {}", value));
    }
  }
}

// What was read is written, and what was written is read.
void check_conversion(const Artefact& artefact) {
  for (const Encoding encoding : {Encoding::kText, Encoding::kSafetensors}) {
    std::string written;
    try {
      MemoryFile file;
      Output out(file.path());
      write_artefact(artefact, encoding, out, 1);
      out.finish();
      written = file.text();
    } catch (const Error&) {  // a CR that text cannot, bytes that JSON cannot carry
      continue;
    }
    MemoryFile file(written);
    try {
      const Artefact again = read_artefact(file.path(), 1);
      if (again.items.size() != artefact.items.size() || again.meta != artefact.meta ||
          again.tensors().size() != artefact.tensors().size())
        finding("a converted model is another one");
    } catch (const Error& error) {
      finding(fmt::format("a converted model cannot be read: {}", error.what()));
    }
  }
}

void check_join(const Artefact& artefact) {
  for (const RowKind kind : {RowKind::kUser, RowKind::kItem}) {
    attempt("rows", 0, [&](Output& out) {
      write_rows(artefact, kind, out, 1);
      out.finish();
      tables().rows.set(tables().out.text());
      join_rows(artefact, kind, tables().rows.path(), 1).check();
    });
  }
}

// A file that `choices` are over for goes through everything; a recipe's through a few.
void check_model(const std::string& file, Choices choices) {
  Tables& t = tables();
  t.model.set(file);
  const std::string path = t.model.path();
  const bool all = choices.over();
  try {
    const Artefact artefact = read_artefact(path, choices.one_in(32) ? 2 : 1);
    count_reached();
    if (all || choices.one_in(2)) check_conversion(artefact);
    if (all || choices.one_in(4)) check_join(artefact);
  } catch (const Error&) {
    return;
  }
  for (size_t fallback = 0; fallback < std::size(kFallbacks); ++fallback) {
    if (!all && fallback > 0) break;
    SessionOptions options;
    options.model = path;
    options.fallback = kFallbacks[all ? fallback : choices.below(std::size(kFallbacks))];
    if (!choices.one_in(4)) options.history = t.histories.path();
    if (all || choices.one_in(2)) options.exclude = {t.seen.path()};
    try {
      Session session(options);
      check_session(session, session.model().predictor(), session.model().attention());
      if (all) {
        for (const ScoreForm form : kForms) check_session(session, form, form);
      } else {
        check_session(session, kForms[choices.below(std::size(kForms))], kForms[choices.below(std::size(kForms))]);
      }
      options.fold_in = false;
      options.fallback = "zero";
      options.history = t.histories.path();
      Session over_history(options);
      for (const bool by_head : {false, true}) check_explanation(over_history, ScoreForm::kDot, true, by_head);
      check_explanation(over_history, over_history.model().attention(), false, false);
      if (all) {
        for (const ScoreForm form : kForms) check_explanation(over_history, form, false, false);
      }
      check_similar(session.model());
    } catch (const Error&) {
    } catch (const UsageError&) {
    }
  }
}

}  // namespace
}  // namespace rec::fuzz

extern "C" int rec_fuzz_recipes() { return 1; }

extern "C" void rec_fuzz_file(const uint8_t* data, size_t size, std::string& file) {
  file = rec::fuzz::make_file({reinterpret_cast<const char*>(data), size});
}

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  rec::fuzz::bases();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string file = rec::fuzz::make_file(bytes);
  // The bytes say once more what is done with the file.
  if (rec::fuzz::is_model(bytes)) size = 0;
  rec::fuzz::check_model(file, rec::fuzz::Choices(data, size));
  return 0;
}
