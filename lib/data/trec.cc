#include "data/trec.h"

namespace rec {

FixedFormat trec_run_format() { return {"TREC run", "user=1,item=3,score=5", "qid Q0 docno rank score tag", 6}; }

FixedFormat trec_qrels_format() { return {"TREC qrels file", "user=1,item=3,value=4", "qid iter docno rel", 4}; }

}  // namespace rec
