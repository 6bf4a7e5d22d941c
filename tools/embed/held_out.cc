#include "embed/held_out.h"

#include "base/error.h"
#include "models/model.h"

namespace rec {

void add_held_out_options(CLI::App& command, HeldOutOptions& options) {
  command.add_option("--valid", options.valid, "Held-out interactions: say the model's metric on them")->type_name("FILE");
  command.add_option("--metric", options.metric, "Ranking metric for --valid, over all items but those of training")
      ->type_name("NAME")->capture_default_str();
}

void check_held_out_options(const CLI::App& command, const HeldOutOptions& options, const EmbedOptions& embed) {
  option_needs(command, "--metric", "--valid", !options.valid.empty());
  if (options.valid == "-" && embed.input == "-") fail_usage("the interactions and --valid cannot both be stdin");
  if (parse_metric(options.metric).info->kind != MetricKind::kRanking) fail_usage("--metric: {} is not a ranking metric", options.metric);
}

std::unique_ptr<Validation> read_held_out(const HeldOutOptions& options, const EmbedOptions& embed, const Interactions& train,
                                          const Csr& by_user, const Report& report) {
  if (options.valid.empty()) return nullptr;
  return read_validation(options.valid, options.metric, embed.common.side_options(), train, by_user, embed.common.jobs(),
                         [&](uint64_t count, const std::string& file) { report.bad_lines(count, file); });
}

void say_left_out(const Neighbours& neighbours, int kept, const Report& report) {
  if (neighbours.left_out == 0.0) return;
  report.note(fmt::format("--neighbours {} leaves out {:.3g} % of the squared weights", kept, 100.0 * neighbours.left_out));
}

void validate_and_write(Artefact artefact, const Validation* validation, const EmbedOptions& embed, Output& out, const Report& report) {
  if (validation == nullptr) {
    write_model(artefact, embed, out);
    return;
  }
  Model model(std::move(artefact));
  report.note(fmt::format("{} {:.5f}", validation->metric_name(), validation->evaluate(model, embed.common.jobs())));
  write_model(model.artefact(), embed, out);
}

}  // namespace rec
