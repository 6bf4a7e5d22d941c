// TREC's formats, as trec_eval reads them: fields split by blanks, no header.
#pragma once

#include "io/table.h"

namespace rec {

// qid Q0 docno rank score tag, as a ranking: user is qid, item docno. The rank is
// not read: in a run the scores rule.
FixedFormat trec_run_format();

// qid iter docno rel, as a truth: value is rel.
FixedFormat trec_qrels_format();

}  // namespace rec
