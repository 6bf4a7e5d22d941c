#!/usr/bin/env python3
"""Scores with Spark: each partition of the users is piped through rec-score and rec-rank.

    examples/spark_score.py MODEL USERS LOG LISTS [PARTS [TOP]]

MODEL: a model file, USERS: ids, one a line (a path that Spark can read), LOG: interactions, whose
items their users do not get. LISTS is a new folder with a file for each partition: user, item, score
and rank, the TOP (10) best of each user, the rows of `rec-score --all | rec-rank` in one run. MODEL and LOG and
the rec tools (on the PATH) must be there for all workers. Master: $SPARK_MASTER, or local[2].
Exit status 3: pyspark or Java is missing.
"""
import os
import shlex
import shutil
import sys


def missing(what):
    print(f"spark_score.py: {what} is missing", file=sys.stderr)
    sys.exit(3)


def main():
    if len(sys.argv) < 5:
        print(__doc__, file=sys.stderr)
        return 2
    model, users, log, lists = sys.argv[1], sys.argv[2], os.path.abspath(sys.argv[3]), sys.argv[4]
    parts = int(sys.argv[5]) if len(sys.argv) > 5 else 2
    top = int(sys.argv[6]) if len(sys.argv) > 6 else 10
    try:
        from pyspark import SparkConf, SparkContext
    except ImportError:
        missing("pyspark (pip install pyspark)")
    if not shutil.which("java") and not os.environ.get("JAVA_HOME"):
        missing("Java, which Spark runs on (Debian: apt install default-jre-headless)")

    conf = SparkConf().setMaster(os.environ.get("SPARK_MASTER", "local[2]")).setAppName("score")
    spark = SparkContext(conf=conf.set("spark.ui.enabled", "false").set("spark.ui.showConsoleProgress", "false"))
    spark.setLogLevel("ERROR")
    score = ["rec-score", "-q", "-j", "1", "-m", os.path.abspath(model), "--all", "--top", str(top),
             "--header-rows", "0", "--exclude", log]
    rank = ["rec-rank", "-q", "-j", "1", "-k", str(top), "--header-rows", "0"]
    # A tool that fails fails the partition, and no list is written. An empty partition is no error.
    shell = f"set -o pipefail; {shlex.join(score)} | {shlex.join(rank)}"
    (spark.textFile(users, parts).repartition(parts)
     .pipe(shlex.join(["bash", "-c", shell]), env=dict(os.environ), checkCode=True)
     .saveAsTextFile(lists))
    spark.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
