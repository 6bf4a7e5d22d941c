// rec-embed: trains a model from interactions. A subcommand a model, each declared
// in a file of its own in embed/.
#include "cli/run_main.h"
#include "embed/embed.h"

namespace {

using namespace rec;

std::function<int()> declare(CLI::App& app) {
  app.require_subcommand(1);
  const std::vector<EmbedCommand> commands{
      declare_pop(app), declare_als(app),  declare_ease(app),   declare_svd(app),    declare_mf(app),
      declare_knn(app), declare_pool(app), declare_neural(app), declare_sasrec(app), declare_bert4rec(app)};
  return [commands] {
    for (const EmbedCommand& command : commands) {
      if (command.command->parsed()) return command.run();
    }
    return kExitUsage;  // not reached: CLI11 requires one
  };
}

}  // namespace

int main(int argc, char** argv) {
  return rec::run_main({"rec-embed", "Train a recommendation model from interactions", declare}, argc, argv);
}
