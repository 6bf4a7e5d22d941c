// What every model must do, whoever trained it. A new trainer adds a row to
// kModels and gets all of this.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/error.h"
#include "data/quantise.h"
#include "io/output.h"
#include "score/catalogue.h"
#include "score/pair_scorer.h"
#include "small_data.h"
#include "temp_folder.h"
#include "train_models.h"

namespace rec::model_contract_test {
namespace {

struct ModelCase {
  const char* name;
  bool personal;  // users differ
  std::function<Artefact(const Interactions&, int threads)> fit;
  bool ratings = false;    // learns values, not pairs
  bool no_users = false;   // knows users by their histories alone
  bool table = false;      // knows users by a table alone
  bool labels = false;     // learns labels: counts are those of label 1
  bool described = false;  // what is known of a user counts beside the history

  Interactions board() const { return ratings ? rated_checkerboard() : checkerboard(); }
};

Artefact fit_mf(const Interactions& data, int threads, bool implicit) {
  MfOptions options;
  options.dim = 3;
  options.epochs = 20;
  options.implicit = implicit;
  return train_mf(data, options, threads);
}

Artefact fit_knn(const Interactions& data, int threads, Similarity kind, bool by_user, bool values) {
  KnnOptions options;
  options.similarity.kind = kind;
  options.neighbours = 12;
  return train_knn(data, options, by_user, values, threads);
}

Artefact fit_transformer(const Interactions& data, int threads, bool causal, Features features = Features::kNone) {
  SequenceOptions options;
  options.shape = {.dim = 16,
                   .heads = 2,
                   .blocks = 1,
                   .hidden = 32,
                   .window = 16,
                   .causal = causal,
                   .positions = Positions::kNone,
                   .input_norm = causal};
  options.batches.batch = 8;
  options.batches.reorder = 1.0;
  options.schedule.rate = 5e-3;
  options.dropout = 0.0;
  return train_transformer(data, options, 150, threads, features);
}

Artefact fit_pool(const Interactions& data, int threads, bool tied, bool candidate = false,
                  Features features = Features::kNone) {
  PoolOptions options;
  options.shape.dim = options.shape.units = 6;
  options.shape.tied = tied;
  options.sight = PoolSight::kOthers;
  options.shape.candidate = candidate;
  if (candidate) options.loss = SequenceLoss::kSampledSoftmax;
  options.negatives = 20;
  options.dropout = 0.0;
  options.schedule.rate = 0.05;
  return train_pool(data, options, 60, threads, features);
}

Artefact fit_neural(const Interactions& data, int threads, ScoreForm attention, ScoreForm predictor,
                    std::vector<NeuralLoss> loss, bool features = false) {
  NeuralOptions options;
  options.dim = 4;
  options.heads = 2;
  options.layers = {16, 8};
  options.attention = attention;
  options.predictor = predictor;
  options.loss = std::move(loss);
  options.negatives = 16;
  options.batch = 32;
  options.schedule.rate = 0.02;
  options.epochs = 120;
  options.optimizer.weight_decay = 0.001;
  options.dropout = 0.0;
  options.stddev = 1.0;
  return train_neural(data, options, threads, features);
}

Artefact fit_fm(const Interactions& data, int threads, std::vector<int> layers, bool product,
                Pairwise pairwise = Pairwise::kFm) {
  FmOptions options;
  options.dim = 4;
  options.layers = std::move(layers);
  options.product = product;
  options.pairwise = pairwise;
  options.batch = 64;
  options.schedule.rate = 0.02;
  options.epochs = 60;
  options.stddev = 0.3;
  options.regularization = 1e-4;
  return train_fm(data, options, threads);
}

const ModelCase kModels[] = {
    {"pop", false, [](const Interactions& data, int) { return train_popularity(data); }},
    {"als", true,
     [](const Interactions& data, int threads) {
       AlsOptions options;
       options.dim = 4;
       options.epochs = 8;
       options.regularization = 0.01;
       return train_als(data, options, threads);
     }},
    {"ease", true,
     [](const Interactions& data, int threads) {
       EaseOptions options;
       options.regularization = 1.0;
       options.neighbours = 8;
       return train_ease(data, options, {}, threads);
     }},
    {"ease, scaled, with dropout", true,
     [](const Interactions& data, int threads) {
       EaseOptions options;
       options.regularization = 0.1;
       options.dropout = 0.3;
       options.user_exponent = 0.25;
       options.item_exponent = 0.5;
       return train_ease(data, options, {}, threads);
     }},
    {"ease with confidence", true,
     [](const Interactions& data, int threads) {
       EaseOptions options;
       options.regularization = 5.0;
       return train_ease(data, options, {Confidence::kLog, 2.0}, threads);
     }},
    {"svd", true,
     [](const Interactions& data, int threads) {
       SvdModelOptions options;
       options.dim = 2;
       return train_svd(data, options, threads);
     }},
    {"svd, graph filter", true,
     [](const Interactions& data, int threads) {
       SvdModelOptions options;
       options.dim = 2;
       options.user_exponent = options.item_exponent = 0.5;
       options.graph_filter = 0.3;
       options.sharpening = 0.2;
       return train_svd(data, options, threads);
     }},
    // No trainer's: the smallest model of neighbours alone, and with vectors besides.
    {"co-occurrence", true, [](const Interactions& data, int) { return cooccurrence_model(data, false); }},
    {"co-occurrence and vectors", true, [](const Interactions& data, int) { return cooccurrence_model(data, true); }},
    {"als with confidence", true,
     [](const Interactions& data, int threads) {
       AlsOptions options;
       options.dim = 5;
       options.epochs = 8;
       options.confidence = Confidence::kLog;
       options.confidence_scale = 2.0;
       return train_als(data, options, threads);
     }},
    {"als with features of items", true,
     [](const Interactions& data, int threads) {
       AlsOptions options;
       options.dim = 4;
       options.epochs = 8;
       options.regularization = 0.01;
       return train_als_features(data, options, false, threads);
     }},
    {"content", true, [](const Interactions& data, int threads) { return train_content(data, {}, threads); }},
    {"content by ridge", true,
     [](const Interactions& data, int threads) {
       ContentOptions options;
       options.user_model = UserModel::kRidge;
       return train_content(data, options, threads);
     }},
    {"als in blocks", true,
     [](const Interactions& data, int threads) {
       AlsOptions options;
       options.dim = 17;
       options.block = 16;
       options.epochs = 8;
       options.regularization = 0.01;
       return train_als(data, options, threads);
     }},
    {"mf", true, [](const Interactions& data, int threads) { return fit_mf(data, threads, false); }, true},
    {"mf with the implicit part", true,
     [](const Interactions& data, int threads) { return fit_mf(data, threads, true); }, true},
    {"mf with features", true,
     [](const Interactions& data, int threads) {
       MfOptions options;
       options.dim = 3;
       options.epochs = 8;
       return train_mf_features(data, options, threads);
     },
     true},
    {"pop by category", true, [](const Interactions& data, int) { return train_parity(data); }},
    {"knn", true,
     [](const Interactions& data, int threads) { return fit_knn(data, threads, Similarity::kCosine, false, false); }},
    {"knn of values", true,
     [](const Interactions& data, int threads) { return fit_knn(data, threads, Similarity::kBm25, false, true); }},
    {"knn rp3beta", true,
     [](const Interactions& data, int threads) { return fit_knn(data, threads, Similarity::kRp3beta, false, false); }},
    {"knn by user", true,
     [](const Interactions& data, int threads) { return fit_knn(data, threads, Similarity::kJaccard, true, false); }},
    {"knn by user, of values", true,
     [](const Interactions& data, int threads) { return fit_knn(data, threads, Similarity::kTfidf, true, true); }},
    {"pool", true, [](const Interactions& data, int threads) { return fit_pool(data, threads, true); }, false, true},
    {"pool with the candidate as query", true,
     [](const Interactions& data, int threads) { return fit_pool(data, threads, true, true); }, false, true},
    {"sasrec", true, [](const Interactions& data, int threads) { return fit_transformer(data, threads, true); }, false,
     true},
    {"bert4rec", true, [](const Interactions& data, int threads) { return fit_transformer(data, threads, false); },
     false, true},
    {"pool with tables apart", true,
     [](const Interactions& data, int threads) { return fit_pool(data, threads, false); }, false, true},
    {"sasrec with features", true,
     [](const Interactions& data, int threads) { return fit_transformer(data, threads, true, Features::kItems); },
     false, true},
    {"bert4rec with features", true,
     [](const Interactions& data, int threads) { return fit_transformer(data, threads, false, Features::kItems); },
     false, true},
    {"pool with features", true,
     [](const Interactions& data, int threads) { return fit_pool(data, threads, true, false, Features::kItems); },
     false, true},
    {"pool with tables apart and features", true,
     [](const Interactions& data, int threads) { return fit_pool(data, threads, false, false, Features::kItems); },
     false, true},
    {"sasrec with features of users", true,
     [](const Interactions& data, int threads) { return fit_transformer(data, threads, true, Features::kBoth); }, false,
     true, false, false, true},
    {"bert4rec with features of users", true,
     [](const Interactions& data, int threads) { return fit_transformer(data, threads, false, Features::kBoth); },
     false, true, false, false, true},
    {"pool with features of users", true,
     [](const Interactions& data, int threads) { return fit_pool(data, threads, false, false, Features::kBoth); },
     false, true, false, false, true},
    {"neural, softmax", true,
     [](const Interactions& data, int threads) {
       return fit_neural(data, threads, ScoreForm::kDot, ScoreForm::kDot, {NeuralLoss::kSoftmax});
     },
     false, false, true},
    {"neural with features", true,
     [](const Interactions& data, int threads) {
       return fit_neural(data, threads, ScoreForm::kDot, ScoreForm::kDot, {NeuralLoss::kSoftmax}, true);
     },
     false, false, true},
    {"neural, additive attention", true,
     [](const Interactions& data, int threads) {
       return fit_neural(data, threads, ScoreForm::kAdditive, ScoreForm::kDot, {NeuralLoss::kSampledSoftmax});
     },
     false, false, true},
    {"neural, heads and layers together", true,
     [](const Interactions& data, int threads) {
       return fit_neural(data, threads, ScoreForm::kMultiHead, ScoreForm::kMlp,
                         {NeuralLoss::kSampledSoftmax, NeuralLoss::kBce});
     },
     false, false, true},
    {"neural, bpr", true,
     [](const Interactions& data, int threads) {
       return fit_neural(data, threads, ScoreForm::kDot, ScoreForm::kDot, {NeuralLoss::kBpr});
     },
     false, false, true},
    {"neural, mse", true,
     [](const Interactions& data, int threads) {
       return fit_neural(data, threads, ScoreForm::kDot, ScoreForm::kDot, {NeuralLoss::kMse});
     },
     true, false, true},
    {"fm", true, [](const Interactions& data, int threads) { return fit_fm(data, threads, {}, false); }, true, false,
     true, true},
    {"fm with layers", true,
     [](const Interactions& data, int threads) {
       return fit_fm(data, threads, {16, 8}, false);
     },
     true, false, true, true},
    {"fm, a weight for each pair of fields", true,
     [](const Interactions& data, int threads) { return fit_fm(data, threads, {}, false, Pairwise::kFwfm); }, true,
     false, true, true},
    {"fm, a vector for each other field", true,
     [](const Interactions& data, int threads) { return fit_fm(data, threads, {}, false, Pairwise::kFfm); }, true,
     false, true, true},
    {"fm with products", true, [](const Interactions& data, int threads) { return fit_fm(data, threads, {16}, true); },
     true, false, true, true},
};

std::string written(const Artefact& artefact, const TempFolder& folder, const std::string& name) {
  Output out(folder.path(name));
  write_artefact(artefact, encoding_for(name), out, 2);
  out.finish();
  return folder.read(name);
}

TEST_CASE("every model: ids, shapes and meta") {
  for (const ModelCase& model_case : kModels) {
    CAPTURE(model_case.name);
    const Interactions data = model_case.board();
    Model model(model_case.fit(data, 1));
    CHECK(model.items().size() == data.items.size());
    CHECK(model.items().is_sorted());
    CHECK(model.item_vectors().rows == data.items.size());
    CHECK(model.encoder().dim() == model.item_vectors().cols + model.parts().fm.user_inputs);
    CHECK(model.artefact().meta.contains("model"));
    REQUIRE(model.item_counts() != nullptr);
    CHECK(model.item_counts()[0] ==
          (model_case.ratings && !model_case.labels ? 19.0f : 9.0f));  // ten users of a parity (or all), one left out
  }
}

TEST_CASE("every model: the same bytes for any number of threads and any order of rows") {
  const Interactions data = random_rows(3, 40, 30, 600);
  for (const ModelCase& model_case : kModels) {
    CAPTURE(model_case.name);
    const TempFolder folder;
    const std::string one = written(model_case.fit(data, 1), folder, "one.safetensors");
    CHECK(written(model_case.fit(data, 2), folder, "two.safetensors") == one);
    CHECK(written(model_case.fit(data, 3), folder, "three.safetensors") == one);
  }
}

TEST_CASE("every model: both encodings hold the same and read back to the same bytes") {
  const Interactions data = random_rows(4, 30, 20, 300);
  for (const ModelCase& model_case : kModels) {
    CAPTURE(model_case.name);
    const TempFolder folder;
    const Artefact artefact = model_case.fit(data, 1);
    const std::string binary = written(artefact, folder, "a.safetensors");
    const std::string text = written(artefact, folder, "a.tsv");
    const Artefact from_binary = read_artefact(folder.path("a.safetensors"), 2);
    const Artefact from_text = read_artefact(folder.path("a.tsv"), 2);
    CHECK(written(from_binary, folder, "b.tsv") == text);
    CHECK(written(from_text, folder, "b.safetensors") == binary);
  }
}

TEST_CASE("every model: read by part, any changed byte is noticed but those of the whole checksum") {
  const Interactions data = checkerboard(6);
  size_t start = 0;
  for (const ModelCase& model_case : kModels) {
    CAPTURE(model_case.name);
    const TempFolder folder;
    const std::string bytes = written(model_case.fit(data, 1), folder, "m.safetensors");
    const size_t checksum = bytes.find("\"checksum\":\"") + 12;
    const size_t end = bytes.find('"', checksum);
    ++start;
    for (size_t at = start % 23; at < bytes.size(); at += 23) {
      if (at >= checksum && at < end) continue;
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      CAPTURE(at);
      const auto read = [&] {
        const Artefact artefact = read_artefact(folder.file("changed", changed), 1, Reading::kByPart);
        for (uint32_t user = 0; user < artefact.users.size(); ++user) artefact.verify_user(user);
      };
      CHECK_THROWS_AS(read(), Error);
    }
  }
}

TEST_CASE("every model: any single changed byte is noticed") {
  const Interactions data = checkerboard(6);
  size_t start = 0;  // another one for each file, so that all residues come up
  for (const ModelCase& model_case : kModels) {
    CAPTURE(model_case.name);
    const TempFolder folder;
    for (const char* name : {"m.tsv", "m.safetensors"}) {
      const std::string bytes = written(model_case.fit(data, 1), folder, name);
      ++start;
      for (size_t at = start % 29; at < bytes.size(); at += 29) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        CAPTURE(at);
        CHECK_THROWS_AS(read_artefact(folder.file("changed", changed), 1), Error);
      }
      for (size_t length = start % 53; length < bytes.size(); length += 53) {
        CAPTURE(length);
        CHECK_THROWS_AS(read_artefact(folder.file("cut", bytes.substr(0, length)), 1), Error);
        CHECK_THROWS_AS(read_artefact(folder.file("cut", bytes.substr(0, length)), 1, Reading::kByPart), Error);
      }
    }
  }
}

TEST_CASE("every model: in int8 and bfloat16, what the float32 model of the same values scores") {
  const Interactions data = random_rows(5, 40, 30, 600);
  const UserItems histories = as_user_items(data);
  size_t quantised_kinds = 0;
  for (const ModelCase& model_case : kModels) {
    CAPTURE(model_case.name);
    const Artefact artefact = model_case.fit(data, 1);
    const auto has_vectors = [](const Artefact::Tensor& tensor) {
      return tensor.shape.size() == 2 && tensor.cols() >= 4 &&
             (tensor.name == "items.factors" || tensor.name == "users.factors");
    };
    if (std::none_of(artefact.tensors().begin(), artefact.tensors().end(), has_vectors)) continue;
    ++quantised_kinds;
    for (const Dtype type : {Dtype::kInt8, Dtype::kBfloat16}) {
      Artefact small = quantised(artefact, type, 2);
      Model wide(dequantised(small)), narrow(std::move(small));
      const UserVectors wide_users(wide, model_case.no_users ? &histories : nullptr, Fallback::kPopular, 1);
      const UserVectors narrow_users(narrow, model_case.no_users ? &histories : nullptr, Fallback::kPopular, 1);
      const PairScorer expected(wide, wide.predictor(), wide_users), found(narrow, narrow.predictor(), narrow_users);
      EncodedUser one, other;
      for (const char* name : {"u0", "u7", "nobody"}) {
        expected.encode(name, one);
        found.encode(name, other);
        const std::vector<uint32_t> items{0, 3, 5, kNoId, 19};
        std::vector<float> values(items.size()), others(items.size());
        expected.score(one, items, values.data());
        found.score(other, items, others.data());
        CHECK(values == others);
      }
    }
  }
  CHECK(quantised_kinds >= 8);
}

TEST_CASE("every model: attention over any candidates is a share") {
  for (const ModelCase& model_case : kModels) {
    CAPTURE(model_case.name);
    const Interactions data = model_case.board();
    Model model(model_case.fit(data, 1));
    const UserItems histories = as_user_items(data);
    const UserVectors users(model, model_case.no_users ? &histories : nullptr, Fallback::kPopular, 1);
    std::vector<ScoreForm> forms;
    if (model.item_vectors().cols > 0) forms = {ScoreForm::kDot, ScoreForm::kScaled, ScoreForm::kCosine};
    if (model.neighbours().rows() > 0) forms.push_back(ScoreForm::kNeighbours);
    if (model.parts().pool_key.rows > 0) forms.push_back(ScoreForm::kPool);
    forms.push_back(model.attention());
    for (const ScoreForm form : forms) {
      const PairScorer scorer(model, form, users);
      EncodedUser user;
      for (const char* name : {"u0", "u7", "nobody"}) {
        scorer.encode(name, user);
        std::vector<uint32_t> items{0, 3, 5, kNoId, 19};
        std::vector<float> values(items.size());
        scorer.score(user, items, values.data());
        softmax(values.data(), values.size(), 0.5, values.data());
        double sum = 0.0;
        for (const float share : values) {
          CHECK(share >= 0.0f);
          sum += static_cast<double>(share);
        }
        CHECK(sum == doctest::Approx(1.0).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("every personal model: finds the one item of the checkerboard that was left out") {
  for (const ModelCase& model_case : kModels) {
    if (!model_case.personal) continue;
    CAPTURE(model_case.name);
    const Interactions data = model_case.board();
    const UserItems seen = as_user_items(data);
    Model model(model_case.fit(data, 1));
    const UserVectors users(model, model_case.no_users ? &seen : nullptr, Fallback::kZero, 1);
    Exclusions exclusions;
    exclusions.add(seen, model.items());
    CatalogueOptions options;
    options.predictor = model.predictor();
    options.top = 1;
    const Catalogue catalogue(model, users, exclusions, options);
    std::vector<std::string> names;
    for (int user = 0; user < 20; ++user) names.push_back("u" + std::to_string(user));
    std::vector<Catalogue::Result> results;
    Catalogue::Scratch scratch;
    catalogue.best({names.begin(), names.end()}, results, scratch);
    for (int user = 0; user < 20; ++user) {
      REQUIRE(results[static_cast<size_t>(user)].items.size() == 1);
      CHECK(model.items()[results[static_cast<size_t>(user)].items[0].index] == "i" + std::to_string((user + 2) % 20));
    }
  }
}

TEST_CASE("every model: the best for few users are those of a run for many, by any number of threads") {
  for (const ModelCase& model_case : kModels) {
    CAPTURE(model_case.name);
    const Interactions data = model_case.board();
    const UserItems seen = as_user_items(data);
    Model model(model_case.fit(data, 1));
    const UserVectors users(model, model_case.no_users ? &seen : nullptr, Fallback::kPopular, 1);
    Exclusions exclusions;
    exclusions.add(seen, model.items());
    std::vector<std::string> names{"nobody"};
    for (int user = 0; user < 20; ++user) names.push_back("u" + std::to_string(user));
    CatalogueOptions options;
    options.predictor = model.predictor();
    options.top = 5;
    const Catalogue of_many(model, users, exclusions, options);
    CHECK(!of_many.shares_items());
    options.users = names.size();
    const Catalogue of_few(model, users, exclusions, options);
    std::vector<Catalogue::Result> expected, found;
    Catalogue::Scratch scratch;
    of_many.best({names.begin(), names.end()}, expected, scratch);
    for (const size_t threads : {1, 2, 3, 4}) {
      std::vector<Catalogue::Scratch> shared(threads);
      of_few.best({names.begin(), names.end()}, found, shared);
      for (size_t user = 0; user < names.size(); ++user) {
        CHECK(found[user].kind == expected[user].kind);
        CHECK(found[user].items == expected[user].items);
      }
    }
  }
}

TEST_CASE("every personal model: a request with the items of a user is answered as that user's history is") {
  for (const ModelCase& model_case : kModels) {
    if (!model_case.personal || model_case.table || model_case.labels) continue;
    CAPTURE(model_case.name);
    const Interactions data = model_case.board();
    RowsBuilder rows;
    for (const char* item : {"i2", "i0", "i6"}) rows.add("new", item);
    UserItems history = as_user_items(rows.build());
    history.value.clear();  // a request has none
    Model model(model_case.fit(data, 1));
    UserVectors none(model, nullptr, Fallback::kZero, 1), folded(model, &history, Fallback::kZero, 1);
    none.prepare(1);
    Exclusions nothing, own;
    own.add(history, model.items());
    CatalogueOptions options;
    options.predictor = model.predictor();
    options.users = 1;
    std::vector<Catalogue::Result> expected, found;
    std::vector<Catalogue::Scratch> one(1), other(1);
    Catalogue(model, folded, own, options).best({"new"}, expected, one);
    std::vector<std::vector<uint32_t>> did(1);
    for (const char* item : {"i2", "i0", "i6"}) did[0].push_back(model.items().find(item));
    Catalogue(model, none, nothing, options).best({"new"}, found, other, did);
    // A model of values makes nothing of items without any.
    CHECK((expected[0].kind == UserKind::kFolded || model_case.ratings));
    CHECK(found[0].kind == expected[0].kind);
    CHECK(found[0].items == expected[0].items);
  }
}

TEST_CASE("every personal model: a new user folded in from a known history is scored like its twin") {
  for (const ModelCase& model_case : kModels) {
    if (!model_case.personal) continue;
    CAPTURE(model_case.name);
    const Interactions data = model_case.board();
    Model model(model_case.fit(data, 1));
    RowsBuilder rows;
    for (size_t row = 0; row < data.size(); ++row) {
      if (data.users[data.user[row]] == "u0")
        rows.add("newcomer", std::string(data.items[data.item[row]]), data.value[row]);
    }
    rows.add("newcomer", "an item that the model lacks");
    for (size_t row = 0; row < data.size() && model_case.no_users; ++row) {
      if (data.users[data.user[row]] == "u0") rows.add("u0", std::string(data.items[data.item[row]]), data.value[row]);
    }
    const Interactions history = rows.build();
    const UserItems histories = as_user_items(history);
    const UserVectors users(model, &histories, Fallback::kSkip, 2);
    CHECK(users.folded() == (model_case.table ? 0 : model_case.no_users ? 2 : 1));
    CHECK(users.unknown_history_items() == 1);
    const PairScorer scorer(model, model.predictor(), users);
    EncodedUser known, folded;
    scorer.encode("u0", known);
    scorer.encode("newcomer", folded);
    CHECK(known.kind == (model_case.no_users ? UserKind::kFolded : UserKind::kKnown));
    CHECK(folded.kind == (model_case.table ? UserKind::kSkipped : UserKind::kFolded));
    if (model_case.table || model_case.described) continue;  // the newcomer has no features
    std::vector<uint32_t> items(20);
    for (uint32_t item = 0; item < 20; ++item) items[item] = item;
    std::vector<float> a(20), b(20);
    scorer.score(known, items, a.data());
    scorer.score(folded, items, b.data());
    // The trained vector is one half step behind the items, hence the tolerance.
    for (size_t item = 0; item < 20; ++item) CHECK(b[item] == doctest::Approx(a[item]).epsilon(0.02));
    scorer.encode("nobody", known);
    CHECK(known.kind == UserKind::kSkipped);
  }
}

}  // namespace
}  // namespace rec::model_contract_test
