#include "model/quantise.h"

#include "base/error.h"
#include "data/quantise.h"

namespace rec {
namespace {

// Bytes of all tensors.
uint64_t bytes_of(const Artefact& artefact) {
  uint64_t bytes = 0;
  for (const Artefact::Tensor& tensor : artefact.tensors()) bytes += tensor.bytes();
  return bytes;
}

int run_quantise(const QuantiseOptions& options) {
  const Report report("rec-model", options.common);
  report.reading(options.model);
  const int threads = options.common.jobs();
  const Artefact model = read_artefact(options.model, threads);
  Artefact made;
  try {
    made = options.type == "float32" ? dequantised(model) : quantised(model, *dtype_named(options.type), threads);
  } catch (const Error& error) {
    fail("{}: {}", input_name(options.model), error.what());
  }
  Output out(options.common.output, options.common.sync);
  write_artefact(made, encoding_for(options.common.output), out, threads);
  out.finish();
  report.note(fmt::format("{} bytes of tensors; {} in {}", bytes_of(model), bytes_of(made), options.type));
  report.finish();
  return kExitDone;
}

}  // namespace

void declare_quantise(Command& tool, QuantiseOptions& options) {
  Command& command = tool.add_command("quantise", "Write the model with its vectors in int8, bfloat16 or float32");
  OptionTable& table = command.options();
  table.word("--type", options.type, {"int8", "bfloat16", "float32"},
             "Type of the values: int8 with a scale for each vector, bfloat16, or back to float32");
  table.add("-m,--model,FILE", options.model, "FILE", "Model file; - (default) is stdin").reads_model();
  add_common_options(table, options.common);
  command.on_run([&options] { return run_quantise(options); });
}

}  // namespace rec
