#!/usr/bin/env python3
"""Compares rec-eval --compare with scipy and ranx.

    tests/property/compare_significance.py path/to/rec-eval [ROUNDS]

Random rankings of the same users, some equal to the baseline for many of them. The
paired t-test and Wilcoxon's must agree with scipy.stats.ttest_rel and wilcoxon (zeros
dropped, no continuity correction, exact for up to 50 differences; with ties over all
choices of signs of the mean ranks) to
1e-9; the permutation test with scipy.stats.permutation_test exactly where all sign
choices are taken, within 5 standard errors of the draws elsewhere; means and t-test
with ranx. Holm's adjustment is checked from its definition, and a bootstrap interval
against scipy.stats.bootstrap(method="BCa"). Needs numpy and scipy (without them: exit
77, which ctest takes for "skipped") and, for its part, ranx.
"""
import json
import math
import os
import random
import subprocess
import sys
import tempfile

try:
    import numpy
    import scipy.stats
except ImportError as error:
    print(f"skipped: {error} (pip install scipy ranx)")
    sys.exit(77)
try:
    import ranx
except ImportError:
    ranx = None

TOLERANCE = 1e-9
METRICS = ("ndcg@10", "recall@5", "precision@5", "hit@3", "mrr", "map@10")
DRAWS = 2000


def run(tool, *options):
    result = subprocess.run([tool, "-q", *options], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{tool} {' '.join(options)}: exit {result.returncode}\n{result.stderr}")
    return result.stdout


def write(path, rows):
    with open(path, "w") as file:
        for row in rows:
            file.write("\t".join(map(str, row)) + "\n")


def check(what, ours, reference, tolerance=TOLERANCE):
    if not abs(ours - reference) <= tolerance:
        sys.exit(f"FAILED {what}: rec-eval {ours!r}, reference {reference!r}")


def make(folder, rng):
    """A truth and three rankings without ties: the baseline, one of other lists, one
    that differs for a part of the users."""
    users = rng.choice((8, 12, 45, 70, 400))
    items = [f"i{n}" for n in range(60)]
    qrels, runs = {}, [{}, {}, {}]
    for n in range(users):
        user = f"u{n:03}"
        qrels[user] = {item: rng.randint(1, 3) for item in rng.sample(items, rng.randint(1, 12))}
        lists = [rng.sample(items, 20), rng.sample(items, 20)]
        lists.append(lists[0] if rng.random() < 0.5 else rng.sample(items, 20))
        for each, items_of in zip(runs, lists):
            each[user] = {item: float(20 - place) for place, item in enumerate(items_of)}
    paths = [os.path.join(folder, name) for name in ("truth.tsv", "base.tsv", "other.tsv", "near.tsv")]
    for path, table in zip(paths, (qrels, *runs)):
        write(path, [(user, item, value) for user, list_ in table.items() for item, value in list_.items()])
    return paths, qrels, runs


def per_user(tool, truth, ranking):
    header, *rows = [line.split("\t") for line in run(tool, "--truth", truth, "-m", ",".join(METRICS), "--per-user",
                                                      ranking).splitlines()]
    return {name: numpy.array([float(row[at]) for row in rows]) for at, name in enumerate(header) if at > 0}


def wilcoxon(differences):
    # What rounding leaves decides nothing: 11 digits are compared.
    kept = numpy.array([float(f"{difference:.11e}") for difference in differences if abs(difference) > 1e-13])
    if len(kept) == 0:
        return 1.0
    if len(kept) <= 50 and len(set(abs(kept))) < len(kept):
        # All choices of signs of the mean ranks, by counting sums of doubled ranks.
        ranks = (2 * scipy.stats.rankdata(abs(kept))).astype(int)
        ways = numpy.zeros(ranks.sum() + 1)
        ways[0] = 1
        for rank in ranks:
            ways[rank:] = ways[rank:] + ways[:-rank]
        positive = ranks[kept > 0].sum()
        return min(1.0, 2 * ways[:min(positive, ranks.sum() - positive) + 1].sum() / 2.0**len(kept))
    exact = len(kept) <= 50
    return scipy.stats.wilcoxon(kept, zero_method="wilcox", correction=False,
                                method="exact" if exact else "asymptotic").pvalue


def check_permutation(what, p, differences):
    kept = differences[differences != 0]
    if len(kept) == 0:
        return check(what, p, 1.0)
    if 2 ** len(kept) <= DRAWS:
        signs = numpy.array(numpy.meshgrid(*[(-1, 1)] * len(kept))).reshape(len(kept), -1)
        return check(what, p, numpy.mean(abs(kept @ signs) >= abs(kept.sum()) - 1e-12))
    reference = scipy.stats.permutation_test((differences,), lambda d, axis: abs(numpy.mean(d, axis=axis)),
                                             permutation_type="samples", alternative="greater", n_resamples=DRAWS,
                                             random_state=1).pvalue
    return check(what, p, reference, 5 * math.sqrt(2 * max(p * (1 - p), 1 / DRAWS) / DRAWS))


def compare_tests(tool, folder, rng):
    (truth, base, *others), _, _ = make(folder, rng)
    report = json.loads(run(tool, "--truth", truth, "-m", ",".join(METRICS), "--compare", others[0], "--compare",
                            others[1], "--permutations", str(DRAWS), "--bootstrap", "4000", "--json", base))
    baseline = per_user(tool, truth, base)
    values = {path: per_user(tool, truth, path) for path in others}
    rows = report["comparisons"]
    assert len(rows) == len(METRICS) * 2
    for row in rows:
        name = f"{row['metric']} of {os.path.basename(row['ranking'])}, {row['users']} users"
        value = values[row["ranking"]][row["metric"]]
        differences = value - baseline[row["metric"]]
        check(f"value {name}", row["value"], value.mean())
        check(f"difference {name}", row["difference"], differences.mean())
        if any(differences):
            check(f"t {name}", row["p_t"], scipy.stats.ttest_rel(value, baseline[row["metric"]]).pvalue)
        check(f"wilcoxon {name}", row["p_wilcoxon"], wilcoxon(differences))
        check_permutation(f"permutation {name}", row["p_permutation"], differences)
    for test in ("t", "wilcoxon", "permutation"):
        ordered = sorted(rows, key=lambda row: row[f"p_{test}"])
        least = 0.0
        for place, row in enumerate(ordered):
            least = max(least, min(1.0, (len(rows) - place) * row[f"p_{test}"]))
            check(f"holm {test} {row['metric']}", row[f"holm_{test}"], least)
    row = rows[0]
    differences = values[row["ranking"]][row["metric"]] - baseline[row["metric"]]
    if len(differences) < 45:  # too few for a smooth distribution of means
        return len(rows)
    interval = scipy.stats.bootstrap((differences,), numpy.mean, n_resamples=4000, method="BCa",
                                     random_state=1).confidence_interval
    spread = 0.3 * differences.std() / math.sqrt(len(differences))
    check("low", row["low"], interval.low, spread)
    check("high", row["high"], interval.high, spread)
    return len(rows)


def compare_ranx(tool, folder, rng):
    (truth, base, other, _), qrels, runs = make(folder, rng)
    names = {"ndcg@10": "ndcg@10", "recall@5": "recall@5", "precision@5": "precision@5", "hit@3": "hit_rate@3",
             "mrr": "mrr"}
    report = ranx.compare(ranx.Qrels(qrels), [ranx.Run(runs[0], name="base"), ranx.Run(runs[1], name="other")],
                          metrics=list(names.values()), stat_test="student", rounding_digits=17)
    ours = json.loads(run(tool, "--truth", truth, "-m", ",".join(names), "--compare", other, "--json", base))
    results = report.to_dict()
    for row in ours["comparisons"]:
        theirs = names[row["metric"]]
        check(f"ranx {theirs}", row["value"], float(results["other"]["scores"][theirs]))
        check(f"ranx t {theirs}", row["p_t"], float(results["base"]["comparisons"]["other"][theirs]))
    return len(ours["comparisons"])


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    tool, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 40
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        count = sum(compare_tests(tool, folder, rng) for _ in range(rounds))
        print(f"scipy: {rounds} inputs, {count} comparisons agree")
        if ranx is None:
            print("ranx: skipped, not installed (pip install ranx)")
        else:
            count = sum(compare_ranx(tool, folder, rng) for _ in range(10))
            print(f"ranx: 10 inputs, {count} comparisons agree")


if __name__ == "__main__":
    main()
