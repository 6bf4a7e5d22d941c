#!/usr/bin/env python3
"""rec-eval beside trec_eval (through pytrec_eval) and ranx, in one run.

    tests/bench/evaluators.py BUILD [USERS]

A generated run of USERS (20000) x 100 lines as a TREC file, its qrels, ten metrics.
Each program loads the files in its own way and evaluates; the seconds of both are
printed, and how many times as long as rec-eval (the best of 3) it took. pytrec_eval
reads its files in Python, which trec_eval does in C: so the ratio of its evaluation
alone, with everything in memory, stands beside it. ranx is warmed up first, so that
its compilation does not count. A row per program that Python does not have says so.
"""
import os
import resource
import subprocess
import sys
import tempfile
import time

METRICS = {"ndcg@10": ("ndcg_cut_10", "ndcg@10"), "ndcg@20": ("ndcg_cut_20", "ndcg@20"),
           "recall@10": ("recall_10", "recall@10"), "recall@20": ("recall_20", "recall@20"),
           "precision@10": ("P_10", "precision@10"), "map@10": ("map_cut_10", "map@10"), "map": ("map", "map"),
           "mrr": ("recip_rank", "mrr"), "hit@10": ("success_10", "hit_rate@10"), "rprec": ("Rprec", "r-precision")}


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def row(*fields):
    print("\t".join(str(field) for field in fields), flush=True)


def trec_files(build, users, folder):
    run, qrels = os.path.join(folder, "run"), os.path.join(folder, "qrels")
    for what, path, line in (("ranked", run, "{0} Q0 {1} {3} {2} bench\n"), ("truth", qrels, "{0} 0 {1} 1\n")):
        table = subprocess.run([f"{build}/tests/bench_generate", what, "--users", str(users)], check=True,
                               capture_output=True, text=True).stdout
        with open(path, "w") as file:
            file.writelines(line.format(*fields.split("\t")) for fields in table.splitlines())
    return run, qrels


def rec_eval(build, run, qrels):
    command = [f"{build}/rec-eval", "-q", "--format", "trec", "--truth", qrels, "-m", ",".join(METRICS), run]
    runs = [timed(lambda: subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(3)]
    return min(seconds for seconds, _ in runs), dict(line.split("\t") for line in runs[0][1].splitlines())


def trec_eval(run, qrels, ours):
    import pytrec_eval
    def load():
        with open(qrels) as truth, open(run) as lists:
            return pytrec_eval.parse_qrel(truth), pytrec_eval.parse_run(lists)
    loading, (truth, lists) = timed(load)
    names = {name for name, _ in METRICS.values()}
    evaluating, values = timed(lambda: pytrec_eval.RelevanceEvaluator(truth, names).evaluate(lists))
    for name, (theirs, _) in METRICS.items():
        mean = sum(value[theirs] for value in values.values()) / len(values)
        assert abs(mean - float(ours[name])) < 1e-9, (name, mean, ours[name])
    return loading, evaluating


def ranx_eval(run, qrels, ours):
    import ranx
    names = [name for _, name in METRICS.values()]
    small = {"q": {f"d{n}": n + 1.0 for n in range(100)}}
    ranx.evaluate(ranx.Qrels({"q": {"d1": 1}}), ranx.Run(small), names)
    loading, (truth, lists) = timed(lambda: (ranx.Qrels.from_file(qrels, kind="trec"),
                                             ranx.Run.from_file(run, kind="trec")))
    evaluating, values = timed(lambda: ranx.evaluate(truth, lists, names))
    assert abs(values["ndcg@10"] - float(ours["ndcg@10"])) < 1e-6, (values, ours)
    return loading, evaluating


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    build, users = sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 20000
    with tempfile.TemporaryDirectory() as folder:
        run, qrels = trec_files(build, users, folder)
        seconds, ours = rec_eval(build, run, qrels)
        megabytes = os.path.getsize(run) / 1e6
        row("program", "loading s", "evaluation s", "of rec-eval", "evaluation alone", "peak MiB")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        row(f"rec-eval ({megabytes:.0f} MB, {megabytes / seconds:.0f} MB/s)", "", f"{seconds:.3f}", 1, "", f"{peak:.0f}")
        for name, evaluate in (("trec_eval (pytrec_eval)", trec_eval), ("ranx", ranx_eval)):
            try:
                loading, evaluating = evaluate(run, qrels, ours)
            except ImportError as error:
                row(f"{name}: skipped, {error}")
                continue
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            row(name, f"{loading:.2f}", f"{evaluating:.2f}", f"{(loading + evaluating) / seconds:.0f} x",
                f"{evaluating / seconds:.1f} x", f"{peak:.0f}")


if __name__ == "__main__":
    main()
