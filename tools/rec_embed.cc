// rec-embed: trains a model from interactions. A subcommand a model, each declared
// in a file of its own in embed/.
#include "cli/run_main.h"
#include "embed/embed.h"

namespace {

using namespace rec;

void declare(Command& command) {
  const EmbedTool tool{command};
  declare_pop(tool);
  declare_als(tool);
  declare_ease(tool);
  declare_svd(tool);
  declare_mf(tool);
  declare_fm(tool);
  declare_knn(tool);
  declare_content(tool);
  declare_attention_pool(tool);
  declare_neural(tool);
  declare_sasrec(tool);
  declare_bert4rec(tool);
}

}  // namespace

int main(int argc, char** argv) {
  return rec::run_main({"rec-embed", "Train a recommendation model from interactions", declare}, argc, argv);
}
