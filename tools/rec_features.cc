// rec-features: texts, numbers and graphs into features of items and users; tables of features joined, looked at, and
// turned into vectors.
#include "cli/run_main.h"
#include "features/commands.h"

int main(int argc, char** argv) {
  using namespace rec;
  return run_main(
      {"rec-features",
       "Make features of items and users from texts, numbers and graphs; join and show features; make vectors of them",
       [](Command& tool) {
         declare_text(tool);
         declare_numbers(tool);
         declare_graph(tool);
         declare_join(tool);
         declare_stats(tool);
         declare_reduce(tool);
       }},
      argc, argv);
}
