#!/usr/bin/env python3
"""Sums over users in parts, with Spark's RDD.pipe(), and a model of them.

    examples/silos_spark.py LOG FOLDER [PARTS [OPTION...]]

LOG: interactions (a path that Spark can read); FOLDER gets all.safetensors, the bytes of
`rec-embed ease --statistics-only OPTION... LOG` for any PARTS, and ease.model. The rec tools
must be on the PATH of all workers. Master: $SPARK_MASTER, or local[2].
Exit status 3: pyspark or Java is missing.
"""
import os
import shlex
import shutil
import subprocess
import sys
import zlib

# A partition without rows has no sums.
MAP = """IFS= read -r row || exit 0; { printf '%s\\n' "$row"; cat; } | rec-embed ease -q --statistics-only "$@" """


def missing(what):
    print(f"silos_spark.py: {what} is missing", file=sys.stderr)
    sys.exit(3)


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    log, folder = sys.argv[1], os.path.abspath(sys.argv[2])
    parts = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    options = sys.argv[4:]
    try:
        from pyspark import SparkConf, SparkContext
    except ImportError:
        missing("pyspark (pip install pyspark)")
    if not shutil.which("java") and not os.environ.get("JAVA_HOME"):
        missing("Java, which Spark runs on (Debian: apt install default-jre-headless)")

    conf = SparkConf().setMaster(os.environ.get("SPARK_MASTER", "local[2]")).setAppName("silos")
    spark = SparkContext(conf=conf.set("spark.ui.enabled", "false").set("spark.ui.showConsoleProgress", "false"))
    spark.setLogLevel("ERROR")
    os.makedirs(folder, exist_ok=True)

    rows = spark.textFile(log).filter(lambda line: line.split("\t")[:2] != ["user", "item"])
    by_user = (rows.keyBy(lambda line: line.split("\t")[0])  # all rows of a user in the same partition
               .partitionBy(parts, lambda key: zlib.crc32(key.encode())).values())
    command = " ".join(shlex.quote(word) for word in ["sh", "-c", MAP, "map", *options])
    files = []
    for lines in by_user.pipe(command, env=dict(os.environ), checkCode=True).glom().collect():
        if lines:
            files.append(os.path.join(folder, f"part.{len(files)}.stats"))
            with open(files[-1], "w", encoding="utf-8", newline="\n") as part:
                part.write("\n".join(lines) + "\n")
    spark.stop()
    total = os.path.join(folder, "all.safetensors")
    subprocess.run(["rec-model", "sum", "-q", "--force", *files, "-o", total], check=True)
    subprocess.run(["rec-embed", "ease", "-q", "--statistics", total, "-o", os.path.join(folder, "ease.model")], check=True)
    for file in files:
        os.remove(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
