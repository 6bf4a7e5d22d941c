#include "embed/embed.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "data/interactions_notes_tsv.h"
#include "data/time_unit.h"
#include "io/output.h"

namespace rec {

void add_embed_options(OptionTable& table, EmbedOptions& options) {
  if (options.takes_weights) {
    const OptionTable::Section section(table, "Tables");
    table.flag("--weights", options.weights, "Weigh each row by its column weight, above 0").not_in_model();
  }
  table
      .add("FILE", options.inputs, "",
           fmt::format("Interactions: user item [value [timestamp{}]]{}; several are read as one; - (default) is stdin",
                       options.takes_weights ? " [weight]" : "",
                       options.takes_logs ? ", or with --propensity a log: user item reward propensity" : ""))
      .reads();
  TableSpec spec = options.takes_weights ? weighted_interactions_spec() : interactions_spec();
  if (options.takes_logs) {
    for (const char* column : {"reward", "propensity"}) spec.columns.push_back({column, false});
  }
  add_table_options(table, options.common, spec);
  table.remove("--header");  // a model has no header line
  add_common_options(table, options.common);
}

void set_host(EmbedOptions& options, TrainingHost* host) {
  options.host = host;
  if (host != nullptr) options.common.on_warning = [host](const std::string& text) { host->warning(text); };
}

namespace {

// A column of weights is named, and then not read.
void check_weights(const EmbedOptions& options) {
  if (!options.takes_weights || options.weights) return;
  for (const ColumnMap::Entry& entry :
       ColumnMap::parse(options.common.columns, weighted_interactions_spec(), "--columns", true).entries) {
    if (entry.column == "weight")
      fail_usage("--columns: weight={} is read with --weights alone; add --weights, or leave it out",
                 printable(entry.field));
  }
}

LoadedInteractions read_files(const EmbedOptions& options, const WantedColumns& wanted, const Report& report) {
  check_weights(options);
  return read_inputs(options, report, [&](const std::string& first, const ReadOptions& read) {
    return read_interactions(first, read,
                             {.value = wanted.value,
                              .timestamp = wanted.timestamp,
                              .weight = wanted.weight,
                              .no_negative_for = wanted.no_negative ? wanted.value_for : ""},
                             options.common.jobs());
  });
}

}  // namespace

LoadedInteractions load_interactions(const EmbedOptions& options, const WantedColumns& wanted, const Report& report) {
  LoadedInteractions loaded =
      options.host != nullptr ? options.host->load(wanted) : read_files(options, wanted, report);
  const std::string name = options.input_names();
  report.bad_lines(loaded.bad_lines, name);
  if (loaded.data.size() == 0) {
    if (wanted.may_be_empty) return loaded;
    fail("{}: no interactions", name);
  }
  if (wanted.value && *wanted.value_for != '\0' && loaded.data.value.empty())
    fail("{}: no value column, as {} needs; say --columns value=NAME where it has another name", name,
         wanted.value_for);
  if (wanted.timestamp && *wanted.timestamp_for != '\0' && loaded.data.timestamp.empty())
    fail("{}: no timestamp column, as {} needs", name, wanted.timestamp_for);
  if (wanted.weight && loaded.data.weight.empty())
    fail("{}: no weight column, as --weights needs; say --columns weight=NAME where it has another name", name);
  if (wanted.is_private) return loaded;
  if (loaded.data.rounded_times > 0) report.note(rounded_times_note(name, loaded.data.rounded_times));
  for (const std::string& note :
       interactions_notes(loaded, {.value = wanted.value, .timestamp = wanted.timestamp, .weight = wanted.weight}))
    report.note(name + ": " + note);
  if (std::all_of(loaded.data.weight.begin(), loaded.data.weight.end(), [](float weight) { return weight == 1.0f; }))
    loaded.data.weight.clear();  // as without
  if (wanted.timestamp && loaded.data.timestamp.empty())
    report.note(name + ": no timestamps: the rows of a user are taken in the order of the file");
  return loaded;
}

void write_model(const Artefact& artefact, const EmbedOptions& options, Output& out) {
  if (options.host != nullptr) return options.host->take(artefact);
  write_artefact(artefact, encoding_for(options.common.output), out, options.common.jobs());
  out.finish();
}

}  // namespace rec
