#!/usr/bin/env python3
"""als by sums over users in parts, with Spark's RDD.pipe(): no row of a user leaves its partition.

    examples/silos_als_spark.py LOG FOLDER [PARTS [EPOCHS [OPTION...]]]

LOG: interactions (a path that Spark can read); FOLDER gets als.safetensors, the same bytes for any
PARTS, and the vectors of `rec-embed als -e EPOCHS OPTION... LOG` but for rounding. Options are those
of a model, as -d 20. FOLDER and the rec tools (on the PATH) must be there for all workers. Master:
$SPARK_MASTER, or local[2]. Exit status 3: pyspark or Java is missing.
"""
import os
import shlex
import shutil
import subprocess
import sys
import zlib

# A partition without rows has no sums.
MAP = """IFS= read -r row || exit 0; { printf '%s\\n' "$row"; cat; } | rec-embed als -q -j 1 --statistics-only --init "$@" """


def missing(what):
    print(f"silos_als_spark.py: {what} is missing", file=sys.stderr)
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

    conf = SparkConf().setMaster(os.environ.get("SPARK_MASTER", "local[2]")).setAppName("silos-als")
    spark = SparkContext(conf=conf.set("spark.ui.enabled", "false").set("spark.ui.showConsoleProgress", "false"))
    spark.setLogLevel("ERROR")
    os.makedirs(folder, exist_ok=True)
    model = os.path.join(folder, "als.safetensors")
    total = os.path.join(folder, "all.safetensors")

    rows = spark.textFile(log).filter(lambda line: line.split("\t")[:2] != ["user", "item"])
    by_user = (rows.keyBy(lambda line: line.split("\t")[0])  # all rows of a user in the same partition
               .partitionBy(parts, lambda key: zlib.crc32(key.encode())).values().cache())
    items = rows.map(lambda line: line.split("\t")[1]).distinct().collect()
    subprocess.run(["rec-embed", "als", "-q", *options, "-e", "0", "-o", model],
                   input="".join(f"-\t{item}\n" for item in items), encoding="utf-8", check=True)
    for _ in range(epochs):
        command = shlex.join(["sh", "-c", MAP, "map", model])
        files = []
        for lines in by_user.pipe(command, env=dict(os.environ), checkCode=True).glom().collect():
            if lines:
                files.append(os.path.join(folder, f"part.{len(files)}.stats"))
                with open(files[-1], "w", encoding="utf-8", newline="\n") as part:
                    part.write("\n".join(lines) + "\n")
        subprocess.run(["rec-model", "sum", "-q", "--force", *files, "-o", total], check=True)
        subprocess.run(["rec-embed", "als", "-q", "--force", "--statistics", total, "-o", model], check=True)
        for file in files:
            os.remove(file)
    spark.stop()
    os.remove(total)
    return 0


if __name__ == "__main__":
    sys.exit(main())
