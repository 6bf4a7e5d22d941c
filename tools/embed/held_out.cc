#include "embed/held_out.h"

#include "base/error.h"
#include "models/inference/model.h"

namespace rec {

void add_held_out_options(OptionTable& table, HeldOutOptions& options) {
  const OptionTable::Section section(table, "Validation");
  table.add("--valid", options.valid, "FILE", "Held-out interactions: print the metric of the model on them").reads();
  table.add("--metric", options.metric, "NAME", "Ranking metric of --valid, over all items except those of training")
      .needs("--valid", [&options] { return !options.valid.empty(); });
}

void check_held_out_options(const HeldOutOptions& options, const EmbedOptions& embed) {
  if (options.valid == "-" && embed.reads_stdin()) fail_usage("the interactions and --valid cannot both be stdin");
  if (parse_metric(options.metric).info->kind != MetricKind::kRanking)
    fail_usage("--metric: {} is not a ranking metric", options.metric);
}

std::unique_ptr<Validation> read_held_out(const HeldOutOptions& options, const EmbedOptions& embed,
                                          const Interactions& train, const Csr& by_user, const Report& report) {
  if (options.valid.empty()) return nullptr;
  const CommonOptions& common = embed.common;
  std::unique_ptr<Validation> validation = read_validation(
      {.path = options.valid, .metric = options.metric, .read = common.side_options(), .threads = common.jobs()}, train,
      by_user, [&](uint64_t count, const std::string& file) { report.bad_lines(count, file); });
  for (const std::string& text : validation->warnings) report.warning(text);
  for (const std::string& text : validation->notes) report.note(text);
  return validation;
}

Artefact with_metric(Artefact artefact, const Validation* validation, int threads, const Report& report) {
  if (validation == nullptr) return artefact;
  Model model(std::move(artefact));
  const double value = validation->evaluate(model, threads);
  report.note(fmt::format("{} {:.5f}", validation->metric_name(), value));
  Artefact measured = model.artefact();  // shares the tensors
  validation->write(value, measured);
  return measured;
}

}  // namespace rec
