// TREC's formats, as trec_eval 10 reads them: fields split by blanks, no header; a
// line whose first byte but for blanks is # is a comment, and an empty line is none.
#pragma once

#include "io/table.h"

namespace rec {

// qid Q0 docno rank score tag, as a ranking: user is qid, item docno. The rank is
// not read: in a run the scores rule. What follows the tag is not read.
FixedFormat trec_run_format();

// qid iter docno rel, as a truth: value is rel.
FixedFormat trec_qrels_format();

// The tag of a line of a run as text() of an Input has it, one TAB between fields.
std::string trec_run_tag(std::string_view line);

}  // namespace rec
