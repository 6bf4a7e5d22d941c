#include "data/trec.h"

namespace rec {

FixedFormat trec_run_format() { return {"TREC run", "user=1,item=3,score=5", "qid Q0 docno rank score tag", 6, true}; }

FixedFormat trec_qrels_format() { return {"TREC qrels file", "user=1,item=3,value=4", "qid iter docno rel", 4}; }

std::string trec_run_tag(std::string_view line) {
  for (int field = 1; field < 6; ++field) {
    const size_t tab = line.find('\t');
    if (tab == std::string_view::npos) return {};
    line.remove_prefix(tab + 1);
  }
  return std::string(line.substr(0, line.find_first_of("\t\r")));
}

}  // namespace rec
