#!/usr/bin/env python3
"""Compares `rec-features text` with TfidfVectorizer of scikit-learn.

    tests/property/compare_features.py path/to/rec-features [ROUNDS]

Random texts of lower- and upper-case words, n-grams of words, stop words, minimum counts, maximum shares, log counts,
with and without l2, and plain counts: the features must be the same, and their values to 1e-6. Needs the python3
package scikit-learn; without it the script says so and exits 77, which ctest takes for "skipped".
"""
import os
import random
import subprocess
import sys
import tempfile

try:
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
except ImportError as error:
    print(f"skipped: {error} (pip install scikit-learn)")
    sys.exit(77)


def ours(tool, texts, stop, arguments):
    """{(text, term): value}, or None where no term is left."""
    with open("texts.tsv", "w", encoding="utf-8") as table:
        table.writelines(f"{number}\t{text}\n" for number, text in enumerate(texts))
    with open("stop.txt", "w", encoding="utf-8") as table:
        table.writelines(f"{word}\n" for word in stop)
    run = subprocess.run([tool, "text", "-q", *arguments, *(["--stop-words", "stop.txt"] if stop else []), "texts.tsv"],
                         capture_output=True, text=True, check=False)
    if run.returncode:
        if "is left" not in run.stderr and "no word" not in run.stderr:
            sys.exit(f"{arguments}: {run.stderr}")
        return None
    rows = [line.split("\t") for line in run.stdout.splitlines()]
    return {(int(text), feature.removeprefix("text=")): float(value) for text, feature, value in rows}


def main():
    tool = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    os.chdir(tempfile.mkdtemp())
    draw = random.Random(1)
    words = [draw.choice(["", "É", "w", "Я"]) + "x" * (number % 3) + str(number) for number in range(60)]
    compared = 0
    for _ in range(rounds):
        texts = [draw.choice(" -!").join(draw.choice(words[:draw.randint(1, 60)]) for _ in range(draw.randint(0, 25)))
                 for _ in range(draw.randint(1, 60))]
        stop = [word.lower() for word in draw.sample(words, 3)] if draw.random() < .5 else []
        grams, least, share = draw.randint(1, 3), draw.randint(1, 3), draw.choice([1.0, .5, .3])
        log, norm, counts = draw.random() < .5, draw.random() < .5, draw.random() < .3
        arguments = ["--ngrams", str(grams), "--min-count", str(least), "--max-share", str(share), "-j", str(draw.randint(1, 3))]
        options = {"ngram_range": (1, grams), "min_df": least, "max_df": share, "stop_words": stop or None,
                   "token_pattern": r"[^ \-!]+"}
        if counts:
            arguments += ["--values", "count"]
            peer = CountVectorizer(**options)
        else:
            arguments += ["--log-counts"] * log + ["--no-norm"] * (not norm)
            peer = TfidfVectorizer(sublinear_tf=log, norm="l2" if norm else None, **options)
        found = ours(tool, texts, stop, arguments)
        try:
            matrix = peer.fit_transform(texts).tocoo()
        except ValueError:  # no term is left, or min_df and max_df leave none
            if found is not None and least <= share * len(texts):
                sys.exit(f"{arguments}: rows where scikit-learn has none")
            continue
        names = peer.get_feature_names_out()
        wanted = {(int(row), names[column]): value for row, column, value in zip(matrix.row, matrix.col, matrix.data)}
        found = found or {}
        if found.keys() != wanted.keys():
            sys.exit(f"{arguments}: other features: {sorted(found.keys() ^ wanted.keys())[:5]}")
        for key, value in wanted.items():
            if abs(found[key] - value) > 1e-6 * max(1, abs(value)):
                sys.exit(f"{arguments}: {key}: {found[key]}, scikit-learn {value}")
        compared += len(wanted)
    print(f"{compared} values in {rounds} rounds agree with scikit-learn to 1e-6")


main()
