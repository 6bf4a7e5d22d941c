// rec-embed content: items by their features alone, users by the items of their histories.
#include "data/decay.h"
#include "embed/closed_form.h"
#include "train/fit_content.h"

namespace rec {
namespace {

struct ContentCommand {
  ClosedFormOptions closed_form;
  ContentOptions content;
};

void add_options(OptionTable& table, ContentCommand& options) {
  options.content.describe(table);
  add_held_out_options(table, options.closed_form.held_out);
  add_embed_options(table, options.closed_form.embed);
}

void check_options(const OptionTable&, ContentCommand& options) {
  options.content.check();
  ClosedFormOptions& frame = options.closed_form;
  frame.features = options.content.features;
  frame.weight = {options.content.confidence, options.content.confidence_scale};
  frame.decays = options.content.half_life.amount > 0;
  check_closed_form_options(frame);
}

int run_content(ContentCommand& options) {
  const ClosedForm step{"content",
                        [&](const TrainingTables& tables, int) {
                          return content_memory(tables.data.users.size(), *tables.features, options.content);
                        },
                        [&](const TrainingTables& tables, int threads, const Report& report) {
                          ContentOptions content = options.content;
                          if (content.half_life.amount > 0) {
                            resolve_decay(
                                tables.data, content.half_life, content.now,
                                [&](const std::string& text) { report.note(text); },
                                [&](const std::string& text) { report.warning(text); });
                            if (!content.now) content.now = newest(tables.data.timestamp);
                          }
                          return fit_content(tables.data, tables.by_user, *tables.features, content, threads);
                        }};
  return run_closed_form(step, options.closed_form);
}

}  // namespace

void declare_content(const EmbedTool& tool) {
  embed_command<ContentCommand>(tool, "content", "Items by their features alone, users by the items of their history",
                                add_options, check_options, run_content);
}

}  // namespace rec
