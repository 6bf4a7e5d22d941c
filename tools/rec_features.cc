// rec-features: tables of texts, numbers and graphs into features of items and users, and features into vectors.
#include "cli/run_main.h"
#include "features/commands.h"

int main(int argc, char** argv) {
  using namespace rec;
  return run_main({"rec-features", "Make features of items and users from texts, numbers and graphs",
                   [](Command& tool) { declare_text(tool); }},
                  argc, argv);
}
