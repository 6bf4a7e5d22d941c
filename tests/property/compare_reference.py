#!/usr/bin/env python3
"""Compares rec-eval with trec_eval (through pytrec_eval).

    tests/property/compare_reference.py path/to/rec-eval [ROUNDS]

Random rankings with ties, graded gains, short lists, missing users and users
without truth, under `--ties trec` and, where no scores are tied, under the
default rule as well; and `--format trec -m all_trec`, every measure of it that the
package has, by query and as the mean. Every value of every user must agree to 1e-9.
The package holds trec_eval 9, so scores are exact in single precision here, and
iprec_at_recall and 11pt_avg are compared where version 10 rounds levels of recall to
the same number of documents. Needs the
python3 package pytrec_eval (or pytrec-eval-terrier); without it the script says so
and exits 77, which ctest takes for "skipped". Predictions: compare_statistics.py.
"""
import json
import math
import os
import random
import subprocess
import sys
import tempfile

try:
    import pytrec_eval
except ImportError as error:
    print(f"skipped: {error} (pip install pytrec-eval-terrier)")
    sys.exit(77)

TOLERANCE = 1e-9
CUTS = (1, 3, 5, 10, 50)
# Our name: trec_eval's.
PAIRS = {"ndcg": "ndcg", "map": "map", "mrr": "recip_rank", "rprec": "Rprec", "precision": "set_P",
         "recall": "set_recall", "f1": "set_F"}
for k in CUTS:
    PAIRS |= {f"ndcg@{k}": f"ndcg_cut_{k}", f"precision@{k}": f"P_{k}", f"recall@{k}": f"recall_{k}",
              f"map@{k}": f"map_cut_{k}", f"hit@{k}": f"success_{k}"}


ALL = {measure for measure in pytrec_eval.supported_measures if measure not in ("runid", "relstring")}


def measures():
    cuts = ",".join(map(str, CUTS))
    return {"ndcg", "map", "recip_rank", "Rprec", "set_P", "set_recall", "set_F", f"ndcg_cut.{cuts}", f"P.{cuts}",
            f"recall.{cuts}", f"map_cut.{cuts}", f"success.{cuts}"}


def run(tool, *options):
    result = subprocess.run([tool, "-q", *options], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{tool} {' '.join(options)}: exit {result.returncode}\n{result.stderr}")
    return [line.split("\t") for line in result.stdout.splitlines()]


def run_json(tool, *options):
    result = subprocess.run([tool, "-q", "--json", *options], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{tool} {' '.join(options)}: exit {result.returncode}\n{result.stderr}")
    return json.loads(result.stdout)


def write(path, rows):
    with open(path, "w") as file:
        for row in rows:
            file.write("\t".join(map(str, row)) + "\n")


def check(what, ours, reference, worst):
    difference = abs(ours - reference)
    if not difference <= TOLERANCE:
        sys.exit(f"FAILED {what}: rec-eval {ours!r}, reference {reference!r}")
    return max(worst, difference)


def compare_rankings(tool, folder, rng, tied):
    items = [f"i{n}" for n in range(rng.choice((20, 200)))]
    graded = rng.random() < 0.5
    qrels, scores = {}, {}
    for n in range(rng.randint(2, 40)):
        user = f"u{n}"
        if rng.random() < 0.9:  # 0 is judged, not relevant; it comes rarely alone
            chosen = rng.sample(items, rng.randint(1, min(len(items), 30)))
            qrels[user] = {item: rng.randint(0, 4) if graded else 1 for item in chosen}
        if rng.random() < 0.9:
            listed = rng.sample(items, rng.randint(1, len(items)))
            # Halves are exact in single precision, which trec_eval keeps scores in.
            values = [rng.randint(-4, 4) / 2 for _ in listed] if tied else rng.sample(range(-1000, 1000), len(listed))
            scores[user] = dict(zip(listed, values))
    evaluated = {user for user in qrels if user in scores and max(qrels[user].values()) > 0}
    if not evaluated:
        return 0, 0.0
    ranking = [(user, item, score) for user, list_ in scores.items() for item, score in list_.items()]
    if rng.random() < 0.5:
        rng.shuffle(ranking)
    truth, lists = os.path.join(folder, "truth.tsv"), os.path.join(folder, "ranking.tsv")
    write(truth, [(user, item, gain) for user, gains in qrels.items() for item, gain in gains.items()])
    write(lists, ranking)
    reference = pytrec_eval.RelevanceEvaluator(qrels, measures()).evaluate(
        {user: {item: float(score) for item, score in list_.items()} for user, list_ in scores.items()})
    count, worst = 0, 0.0
    for ties in ("trec",) if tied else ("trec", "id"):
        options = ["--truth", truth, "--missing", "skip", "--ties", ties, "-m", ",".join(PAIRS)]
        header, *rows = run(tool, *options, "--per-user", lists)
        assert {row[0] for row in rows} == evaluated, (sorted(row[0] for row in rows), sorted(evaluated))
        for user, *values in rows:
            for name, value in zip(header[1:], values):
                worst = check(f"{name} of {user}", float(value), reference[user][PAIRS[name]], worst)
                count += 1
        means = dict(run(tool, *options, lists))
        for name, measure in PAIRS.items():
            mean = math.fsum(reference[user][measure] for user in evaluated) / len(evaluated)
            worst = check(f"mean {name}", float(means[name]), mean, worst)
            count += 1
        assert int(means["users"]) == len(evaluated)
    return count, worst


def compare_trec_files(tool, folder, rng):
    """Run and qrels files as trec_eval reads them: ragged blanks, a rank column that
    lies, grades of 0 and below, queries that either file lacks, queries without a
    relevant document, unjudged documents, comments, empty lines, fields behind the tag."""
    documents = [f"doc-{n}" for n in range(rng.choice((8, 60, 400)))]
    blank = lambda: rng.choice((" ", " ", "\t", "  ", " \t "))
    qrels, run_lists = {}, {}
    queries = [f"q{n}" for n in range(rng.randint(3, 30))]
    for query in queries:
        if rng.random() < 0.9:
            judged = rng.sample(documents, rng.randint(1, min(len(documents), 40)))
            qrels[query] = {document: rng.choice((-2, -1, 0, 0, 1, 1, 2, 3)) for document in judged}
            qrels[query][judged[0]] = rng.randint(0, 2)  # grades below 0 alone crash pytrec_eval
        if rng.random() < 0.9:
            listed = rng.sample(documents, rng.randint(1, len(documents)))
            grid = rng.choice((2, 16, 1024))  # exact in single precision
            run_lists[query] = {document: 1000 + rng.randint(-grid, grid) / grid for document in listed}
    evaluated = {query for query in qrels if query in run_lists}
    if not evaluated:
        return 0, 0.0
    run_path, qrels_path = os.path.join(folder, "run.trec"), os.path.join(folder, "qrels.trec")
    rows = [(query, "Q0", document, rng.randint(1, 99), repr(score), "tag")
            for query, list_ in run_lists.items() for document, score in list_.items()]
    if rng.random() < 0.3:
        rng.shuffle(rows)
    for path, lines in ((run_path, rows), (qrels_path, [(query, 0, document, grade) for query, grades in qrels.items()
                                                        for document, grade in grades.items()])):
        with open(path, "w") as file:
            for line in lines:
                if rng.random() < 0.05:
                    file.write(rng.choice(("# a comment\n", "#\n", "# q1 Q0 d 1 1 t\n")))
                if path == run_path and rng.random() < 0.05:
                    file.write(rng.choice(("\n", "  \n")))
                if path == run_path and rng.random() < 0.05:
                    line = (*line, "more", "fields")
                file.write(blank().join(map(str, line)) + rng.choice(("\n", "\n", " \n")))
    reference = pytrec_eval.RelevanceEvaluator(qrels, measures()).evaluate(run_lists)
    options = ["--format", "trec", "--truth", qrels_path, "--missing", "skip", "-m", ",".join(PAIRS)]
    header, *rows = run(tool, *options, "--per-user", "--header", "always", run_path)
    assert {row[0] for row in rows} == evaluated, (sorted(row[0] for row in rows), sorted(evaluated))
    count, worst = 0, 0.0
    for query, *values in rows:
        for name, value in zip(header[1:], values):
            worst = check(f"{name} of {query}", float(value), reference[query][PAIRS[name]], worst)
            count += 1
    means = dict(run(tool, *options, run_path))
    for name, measure in PAIRS.items():
        mean = math.fsum(reference[query][measure] for query in evaluated) / len(evaluated)
        worst = check(f"mean {name}", float(means[name]), mean, worst)
        count += 1
    reference = pytrec_eval.RelevanceEvaluator(qrels, ALL).evaluate(run_lists)
    found = run_json(tool, *options[:-2], "-m", "all_trec", "--per-user", run_path)
    labels = [label for label in reference[next(iter(evaluated))] if label in found["metrics"]]
    assert len(labels) >= 90, labels
    sums = {"num_ret", "num_rel", "num_rel_ret", "num_nonrel_judged_ret"}
    alike = {query: levels_alike(int(reference[query]["num_rel"])) for query in evaluated}
    for label in labels:
        values = {query: reference[query][label] for query in evaluated}
        comparable = evaluated
        if label == "11pt_avg":
            comparable = {query for query in evaluated if len(alike[query]) == 11}
        elif label.startswith("iprec"):
            comparable = {query for query in evaluated if label[-4:] in alike[query]}
        for row in found["per_user"]:
            if row["user"] not in comparable:
                continue
            value = math.exp(values[row["user"]]) if label.startswith("gm_") else values[row["user"]]
            worst = check(f"{label} of {row['user']}", row[label], value, worst)
            count += 1
        if comparable != evaluated:
            continue
        total = math.fsum(values.values())
        mean = total / len(values)
        mean = total if label in sums else math.exp(mean) if label.startswith("gm_") else mean
        worst = check(f"{label} of all", found["metrics"][label], mean, worst)
        count += 1
    return count, worst


def levels_alike(relevant):
    """The levels of recall that trec_eval 9 and 10 take for the same number of documents."""
    return {f"{level / 10:.2f}" for level in range(11)
            if int(level / 10 * relevant + 0.9) == math.floor(level / 10 * relevant + 0.5)}


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    tool, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 60
    rng = random.Random(42)
    with tempfile.TemporaryDirectory() as folder:
        for title, compare in (
            ("trec_eval, tied scores", lambda: compare_rankings(tool, folder, rng, True)),
            ("trec_eval, no ties", lambda: compare_rankings(tool, folder, rng, False)),
            ("trec_eval, TREC files", lambda: compare_trec_files(tool, folder, rng)),
        ):
            results = [compare() for _ in range(rounds)]
            print(f"{title}: {rounds} inputs, {sum(count for count, _ in results)} values agree, "
                  f"largest difference {max(worst for _, worst in results):.2g}")


if __name__ == "__main__":
    main()
