#!/usr/bin/env python3
"""Trains als in parts, with Spark: examples/partitioned.sh as RDD.pipe().

    examples/spark_pipe.py LOG FOLDER [PARTS [EPOCHS [OPTION...]]]

LOG: interactions (a path that Spark can read); FOLDER gets als.safetensors, the same
vectors as `rec-embed als -e EPOCHS OPTION... LOG` gives. FOLDER and the rec tools
(on the PATH) must be there for all workers. Master: $SPARK_MASTER, or local[2].
Exit status 3: pyspark or Java is missing.
"""
import os
import shlex
import shutil
import subprocess
import sys
import zlib


def missing(what):
    print(f"spark_pipe.py: {what} is missing", file=sys.stderr)
    sys.exit(3)


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    log, folder = sys.argv[1], os.path.abspath(sys.argv[2])
    parts = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    epochs = int(sys.argv[4]) if len(sys.argv) > 4 else 4
    options = sys.argv[5:]
    try:
        from pyspark import SparkConf, SparkContext
    except ImportError:
        missing("pyspark (pip install pyspark)")
    if not shutil.which("java") and not os.environ.get("JAVA_HOME"):
        missing("Java, which Spark runs on (Debian: apt install default-jre-headless)")

    conf = SparkConf().setMaster(os.environ.get("SPARK_MASTER", "local[2]")).setAppName("als")
    spark = SparkContext(conf=conf.set("spark.ui.enabled", "false").set("spark.ui.showConsoleProgress", "false"))
    spark.setLogLevel("ERROR")
    os.makedirs(folder, exist_ok=True)
    model = os.path.join(folder, "als.safetensors")

    rows = spark.textFile(log).filter(lambda line: line.split("\t")[:2] != ["user", "item"])

    def by(column):  # all rows of a user (item) in the same partition
        return (rows.keyBy(lambda line: line.split("\t")[column])
                .partitionBy(parts, lambda key: zlib.crc32(key.encode()))
                .values().cache())

    sides = {"user": by(0), "item": by(1)}

    def one(line):
        fields = line.split("\t")
        return fields[1], "\t".join(["-"] + fields[1:])

    start = rows.map(one).reduceByKey(lambda a, _: a).values().collect()
    subprocess.run(["rec-embed", "als", "-q", *options, "-e", "0", "-o", model],
                   input="\n".join(start) + "\n", encoding="utf-8", check=True)
    for _ in range(epochs):
        for side, parted in sides.items():
            command = ["rec-embed", "als", "-q", "-j", "1", *options, "--init", model, "--half-epoch", side]
            solved = parted.pipe(shlex.join(command), env=dict(os.environ), checkCode=True).collect()
            path = os.path.join(folder, side + ".rows")
            with open(path, "w", encoding="utf-8") as out:
                out.writelines(row + "\n" for row in solved)
            subprocess.run(["rec-model", "join", "--force", "-m", model, f"--{side}s", path, "-o", model], check=True)
            os.remove(path)
    spark.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
