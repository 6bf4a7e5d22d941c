#include "model/convert.h"

#include <memory>

#include "base/error.h"
#include "cli/run_main.h"
#include "data/artefact.h"
#include "data/interactions_notes_tsv.h"
#include "data/interactions_safetensors.h"
#include "data/interactions_tsv.h"
#include "data/time_unit.h"
#include "io/output.h"
#include "model/opened_file.h"

namespace rec {
namespace {

constexpr OptionalColumns kAll{.value = true, .timestamp = true, .weight = true};

struct ConvertOptions {
  CommonOptions common;
  std::string input = "-";
  std::string encoding;  // "text", "safetensors", or "": by the name of the output
  std::string sort;      // "user", or ""

  Encoding to() const {
    if (encoding.empty()) return encoding_for(common.output);
    return encoding == "text" ? Encoding::kText : Encoding::kSafetensors;
  }
};

void write_model(const Artefact& artefact, const ConvertOptions& options) {
  Output out(options.common.output, options.common.sync);
  write_artefact(artefact, options.to(), out, options.common.jobs());
  out.finish();
}

void write_text(const Interactions& data, const Layout& layout, bool header, Output& out) {
  constexpr size_t kBytes = size_t{1} << 18;
  if (header) {
    out.write("user\titem");
    if (layout.has(2)) out.write("\tvalue");
    if (layout.has(3)) out.write("\ttimestamp");
    if (layout.has(4)) out.write("\tweight");
    out.write("\n");
  }
  std::string text;
  for (size_t row = 0; row < data.size(); ++row) {
    append_row(data, row, text);
    if (text.size() < kBytes && row + 1 < data.size()) continue;
    out.write(text);
    text.clear();
  }
}

void write_interactions(LoadedInteractions loaded, const ConvertOptions& options, const Report& report) {
  const std::string name = input_name(options.input);
  report.bad_lines(loaded.bad_lines, name);
  if (options.to() == Encoding::kSafetensors)
    require_binary_columns(loaded.layout, weighted_interactions_spec(), name, options.common.columns);
  if (loaded.data.rounded_times > 0) report.note(rounded_times_note(name, loaded.data.rounded_times));
  for (const std::string& note : interactions_notes(loaded, kAll)) report.note(name + ": " + note);
  if (!options.sort.empty() && !is_sorted_by_user(loaded.data)) loaded.data = sorted_by_user(loaded.data);
  const bool header = options.common.with_header(loaded.layout.header);
  Output out(options.common.output, options.common.sync);
  if (options.to() == Encoding::kText)
    write_text(loaded.data, loaded.layout, header, out);
  else
    encode_interactions(loaded.data, header, out);
  out.finish();
}

int run(const ConvertOptions& options, const OptionTable& table) {
  const Report report("rec-model", options.common);
  report.reading(options.input);
  OpenedFile file(options.input);
  const int threads = options.common.jobs();
  if (file.has_binary_interactions()) {
    for (const char* flag : {"--csv", "--delimiter", "--bad-lines"})
      if (table.given(flag)) fail_usage("{} is for tables of text, and {} is in binary", flag, file.name());
    const ReadOptions read = options.common.read_options();
    write_interactions(read_binary_interactions(file.binary(), file.name(), file.path(), read, kAll, threads), options,
                       report);
  } else if (file.has_table()) {
    Progress progress("reading", options.common);
    const ReadOptions read = options.common.read_options(&progress);
    LoadedInteractions loaded = read_interactions(file.take_source(), file.path(), read, kAll, threads);
    progress.clear();
    write_interactions(std::move(loaded), options, report);
  } else {
    for (const char* flag : {"--sort", "--columns", "--csv", "--delimiter", "--header-rows", "--header", "--bad-lines"})
      if (table.given(flag)) fail_usage("{} is for interactions, and {} holds a model", flag, file.name());
    write_model(file.read_model(threads), options);
  }
  report.finish();
  return kExitDone;
}

}  // namespace

void declare_convert(Command& tool) {
  Command& command = tool.add_command("convert", "Write a model, or interactions, in the other encoding");
  auto options = std::make_shared<ConvertOptions>();
  OptionTable& table = command.options();
  table.word("--to", options->encoding, {"text", "safetensors"},
             "The encoding (default: by the name of -o: safetensors for *.safetensors, else text)");
  table.word("--sort", options->sort, {"user"},
             "Interactions by user, those of a user in the order that they had: training takes less memory");
  table
      .add("-m,--model,FILE", options->input, "FILE",
           "Model file, or interactions: user item [value [timestamp [weight]]]; - (default) is stdin")
      .reads();
  add_table_options(table, options->common, weighted_interactions_spec());
  table.remove("--side-columns");  // there is one table
  add_common_options(table, options->common);
  command.on_run([options, &table] { return run(*options, table); });
}

}  // namespace rec
