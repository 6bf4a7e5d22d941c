// rec-features: tables of texts into features of items and users; what a table of features holds; features as vectors.
#include "cli/run_main.h"
#include "features/commands.h"

int main(int argc, char** argv) {
  using namespace rec;
  return run_main(
      {"rec-features", "Make features of items and users from texts, look at features, and make vectors of them",
       [](Command& tool) {
         declare_text(tool);
         declare_numbers(tool);
         declare_graph(tool);
         declare_stats(tool);
         declare_reduce(tool);
       }},
      argc, argv);
}
