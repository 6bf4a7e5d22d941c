#include "model/info.h"

#include <fmt/format.h>

#include <memory>

#include "cli/run_main.h"
#include "data/artefact.h"
#include "data/interactions_safetensors.h"
#include "data/safetensors_header.h"
#include "io/output.h"
#include "model/opened_file.h"

namespace rec {
namespace {

struct InfoOptions {
  CommonOptions common;
  std::string file = "-";
};

BinaryInteractions all_interactions(const OpenedFile& file, int threads, Reading reading) {
  return decode_interactions(file.binary(), file.name(), {.value = true, .timestamp = true}, threads, reading);
}

std::string info_of(const Artefact& artefact) {
  std::string text;
  for (const auto& [key, value] : artefact.meta) text += fmt::format("{}\t{}\n", escaped(key), escaped(value));
  text += fmt::format("items\t{}\nusers\t{}\n", artefact.items.size(), artefact.users.size());
  for (const auto& [name, ids] : artefact.tables) text += fmt::format("table {}\t{}\n", escaped(name), ids.size());
  for (const auto& tensor : artefact.tensors())
    text += fmt::format("tensor {}\t{}{}\n", escaped(tensor.name), fmt::join(tensor.shape, " x "),
                        tensor.dtype == Dtype::kFloat32 ? "" : fmt::format(" {}", name_of(tensor.dtype)));
  for (const auto& matrix : artefact.sparse())
    text += fmt::format("matrix {}\t{} entries\n", escaped(matrix.name), matrix.view.entries());
  return text;
}

std::string info_of(const OpenedFile& file, int threads) {
  const BinaryInteractions table = all_interactions(file, threads, Reading::kByPart);
  const SafetensorsHeader header = read_safetensors_header(file.binary().text, file.name(), "interactions");
  std::string text;
  for (const auto& [key, value] : header.meta) {
    if (!key.ends_with("checksum") && !key.ends_with("checksums"))
      text += fmt::format("{}\t{}\n", escaped(key), escaped(value));
  }
  text += fmt::format("rows\t{}\nitems\t{}\nusers\t{}\n", table.data.size(), table.data.items.size(),
                      table.data.users.size());
  for (const auto& [name, tensor] : header.parts)
    text += fmt::format("tensor {}\t{} {}\n", escaped(name), fmt::join(tensor.shape, " x "), escaped(tensor.type));
  return text;
}

int run_info(const InfoOptions& options) {
  Report("rec-model", options.common).reading(options.file);
  OpenedFile file(options.file);
  const int threads = options.common.jobs();
  const std::string text = file.has_binary_interactions() ? info_of(file, threads) : info_of(file.read_model(threads));
  Output out(options.common.output, options.common.sync);
  out.write("key\tvalue\n");
  out.write(text);
  out.finish();
  return kExitDone;
}

int run_check(const InfoOptions& options) {
  const Report report("rec-model", options.common);
  report.reading(options.file);
  OpenedFile file(options.file);
  const int threads = options.common.jobs();
  if (file.has_binary_interactions()) {
    const Interactions data = all_interactions(file, threads, Reading::kWhole).data;
    report.note(fmt::format("{}: as it was written: {} rows, {} items, {} users", file.name(), data.size(),
                            data.items.size(), data.users.size()));
  } else {
    const Artefact artefact = file.read_model(threads);
    report.note(fmt::format("{}: as it was written: {} items, {} users", file.name(), artefact.items.size(),
                            artefact.users.size()));
  }
  report.finish();
  return kExitDone;
}

constexpr const char* kFile = "Model file, or interactions in binary; - (default) is stdin";

}  // namespace

void declare_info(Command& tool) {
  Command& command =
      tool.add_command("info", "Show options, sizes and tensors of a model, or of interactions in binary, as a table");
  auto options = std::make_shared<InfoOptions>();
  command.options().add("-m,--model,FILE", options->file, "FILE", kFile).reads_model();
  add_common_options(command.options(), options->common);
  command.on_run([options] { return run_info(*options); });
}

void declare_check(Command& tool) {
  Command& command = tool.add_command(
      "check", "Read all of a model, or of interactions in binary, and say whether it is as it was written");
  auto options = std::make_shared<InfoOptions>();
  OptionTable& table = command.options();
  table.add("-m,--model,FILE", options->file, "FILE", kFile).reads_model();
  add_run_options(table, options->common);
  table.remove("--force");  // nothing is written
  command.on_run([options] { return run_check(*options); });
}

}  // namespace rec
