// rec-tune: finds the trainer and the options whose model is best on held-out interactions.
#include "cli/run_main.h"
#include "tune/options.h"
#include "tune/tune.h"

int main(int argc, char** argv) {
  using namespace rec;
  TuneOptions options;
  return run_main({"rec-tune", "Find the model and the options that are best on held-out interactions",
                   [&options](Command& command) {
                     add_tune_options(command.options(), options);
                     command.on_run([&options, &command] {
                       check_tune_options(command.options(), options);
                       return tune(options);
                     });
                   }},
                  argc, argv);
}
