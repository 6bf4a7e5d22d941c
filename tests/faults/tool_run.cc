#include "tool_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace rec::faults {
namespace fs = std::filesystem;
namespace {

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The wait status of `words` with `variables` in place of the environment, stdout and stderr in files.
int spawn(const std::vector<std::string>& words, const std::vector<std::string>& variables) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "stdout", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, "stderr", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::vector<char*> environment;
  for (const std::string& variable : variables) environment.push_back(const_cast<char*>(variable.c_str()));
  environment.push_back(nullptr);
  pid_t child = 0;
  const int problem = posix_spawn(&child, words[0].c_str(), &actions, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (problem != 0) throw std::runtime_error(words[0] + ": cannot be started");
  int status = 0;
  if (::waitpid(child, &status, 0) != child) throw std::runtime_error("waitpid failed");
  return status;
}

std::vector<Call> calls_of(const fs::path& log) {
  std::vector<Call> calls;
  std::ifstream in(log);
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    Call call;
    std::string inode, size;
    std::getline(fields, call.function, '\t');
    std::getline(fields, inode, '\t');
    std::getline(fields, size, '\t');
    std::getline(fields, call.from, '\t');
    std::getline(fields, call.to, '\t');
    call.inode = std::stoul(inode);
    call.size = std::stoll(size);
    calls.push_back(call);
  }
  return calls;
}

}  // namespace

std::string old_text(const std::string& output) { return "old " + output + "\n"; }

ToolRuns::ToolRuns(const std::string& interposer, const std::string& binaries)
    : interposer_(fs::absolute(interposer)), binaries_(fs::absolute(binaries)) {
  fs::current_path(folder_.path("."));
  std::string all = "user\titem\tvalue\ttimestamp\n";
  std::string scores = "user\titem\tscore\n";
  std::string candidates = "user\titem\n";
  for (int user = 10; user < 30; ++user) {
    for (int row = 0; row < 6; ++row) {
      all += fmt::format("u{}\ti{}\t{}\t{}\n", user, 10 + (user * 7 + row * 3) % 16, 1 + (user + row) % 5,
                         1000 + row * 10 + user % 10);
      candidates += fmt::format("u{}\ti{}\n", user, 10 + (user * 5 + row) % 15);
      scores += fmt::format("u{}\ti{}\t{}\n", user, 10 + (user * 5 + row) % 15, (user * 31 + row * 17) % 97);
    }
  }
  std::ofstream("all.tsv") << all;
  std::ofstream("scores.tsv") << scores;
  std::ofstream("candidates.tsv") << candidates;
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"rec-embed", "als", "-d", "4", "-e", "2", "-o", "als.model", "all.tsv"},
                                             {"rec-model", "convert", "-o", "als.safetensors", "-m", "als.model"},
                                             {"rec-rank", "-o", "ranking.tsv", "scores.tsv"}}) {
    std::vector<std::string> full = words;
    full[0] = binaries_ + "/" + words[0];
    full.emplace_back("-q");
    if (spawn(full, {"LC_ALL=C"}) != 0) throw std::runtime_error(words[0] + ": no fixture: " + text_of("stderr"));
  }
}

void ToolRuns::put_old_files(const Scenario& scenario) const {
  fs::remove_all("out");
  fs::create_directory("out");
  for (const std::string& output : scenario.outputs) std::ofstream("out/" + output) << old_text(output);
}

Outcome ToolRuns::run(const Scenario& scenario, const Fault& fault, bool with_log) const {
  std::vector<std::string> words = scenario.words;
  words[0] = binaries_ + "/" + words[0];
  words.insert(words.end(), {"-q", "-j", "1"});
  std::vector<std::string> variables{
      "LC_ALL=C", "LD_PRELOAD=" + interposer_,
      std::string("PATH=") + (std::getenv("PATH") != nullptr ? std::getenv("PATH") : "")};
  if (fault.nth > 0) {
    variables.push_back(fmt::format("REC_FAULT={}:{}:{}={}", fault.function, fault.nth, fault.what, fault.number));
  }
  if (fault.most > 0) variables.push_back(fmt::format("REC_FAULT_SHORT={}", fault.most));
  if (scenario.no_tmpfile) variables.emplace_back("REC_FAULT_NO_TMPFILE=1");
  if (with_log) variables.emplace_back("REC_FAULT_LOG=log");
  Outcome outcome;
  outcome.status = spawn(words, variables);
  outcome.out = text_of("stdout");
  outcome.err = text_of("stderr");
  for (const fs::directory_entry& entry : fs::directory_iterator("out")) {
    outcome.files[entry.path().filename()] = text_of(entry.path());
  }
  if (with_log) outcome.calls = calls_of("log");
  return outcome;
}

std::vector<Scenario> scenarios() {
  std::vector<Scenario> all{
      {.name = "split",
       .words = {"rec-split", "--method", "leave-one-out", "--train", "out/train", "--valid", "out/valid", "--test",
                 "out/test", "all.tsv"},
       .outputs = {"train", "valid", "test"}},
      {.name = "embed als",
       .words = {"rec-embed", "als", "-d", "4", "-e", "1", "--checkpoint", "out/ck", "-o", "out/model", "all.tsv"},
       .outputs = {"ck", "model"},
       .together = false},
      {.name = "embed ease",
       .words = {"rec-embed", "ease", "-o", "out/m.safetensors", "all.tsv"},
       .outputs = {"m.safetensors"}},
      {.name = "attend",
       .words = {"rec-attend", "-m", "als.safetensors", "-o", "out/attention", "candidates.tsv"},
       .outputs = {"attention"}},
      {.name = "score",
       .words = {"rec-score", "-m", "als.model", "-o", "out/scores", "candidates.tsv"},
       .outputs = {"scores"}},
      {.name = "rank", .words = {"rec-rank", "-k", "3", "-o", "out/ranking", "scores.tsv"}, .outputs = {"ranking"}},
      {.name = "rank, no sync",
       .words = {"rec-rank", "--no-sync", "-k", "3", "-o", "out/ranking", "scores.tsv"},
       .outputs = {"ranking"},
       .sync = false},
      {.name = "rank to stdout", .words = {"rec-rank", "-k", "3", "scores.tsv"}, .outputs = {}},
      {.name = "eval",
       .words = {"rec-eval", "--truth", "all.tsv", "-o", "out/metrics", "ranking.tsv"},
       .outputs = {"metrics"}},
      {.name = "model convert",
       .words = {"rec-model", "convert", "-m", "als.safetensors", "-o", "out/text"},
       .outputs = {"text"}},
      {.name = "model info",
       .words = {"rec-model", "info", "-m", "als.model", "-o", "out/info"},
       .outputs = {"info"},
       .in_sample = false},
      {.name = "model similar",
       .words = {"rec-model", "similar", "-m", "als.model", "-o", "out/similar", "i10"},
       .outputs = {"similar"},
       .in_sample = false},
  };
  for (const char* trainer : {"pop", "knn", "svd", "mf", "neural", "attention-pool", "sasrec", "bert4rec"}) {
    Scenario scenario{.name = std::string("embed ") + trainer,
                      .words = {"rec-embed", trainer, "-o", "out/model", "all.tsv"},
                      .outputs = {"model"},
                      .in_sample = false};
    for (const char* epochs : {"mf", "neural", "attention-pool", "sasrec", "bert4rec"}) {
      if (std::string_view(trainer) == epochs) scenario.words.insert(scenario.words.end(), {"-e", "1", "-d", "4"});
    }
    all.push_back(scenario);
  }
  for (const size_t written : {0, 1, 5, 6}) {
    Scenario scenario = all[written];
    scenario.name += ", no O_TMPFILE";
    scenario.no_tmpfile = true;
    all.push_back(scenario);
  }
  return all;
}

}  // namespace rec::faults
