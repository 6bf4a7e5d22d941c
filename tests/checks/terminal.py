#!/usr/bin/env python3
"""Usage: terminal.py BUILD

On a terminal: each tool says once that it waits for one, not under -q and not where
stdin is a pipe; rec-eval aligns columns, and its bytes through a pipe stay TSV.
"""
import os
import pty
import subprocess
import sys
import tempfile

WAITS = ": reading from the terminal; Ctrl-D ends, --help tells more\n"


def on_terminal(command, typed=b"", stdout_too=False):
    """Runs a command with a terminal as stdin; returns its stdout and stderr, as text."""
    master, slave = pty.openpty()
    os.write(master, typed + b"\x04")
    done = subprocess.Popen(command, stdin=slave, stdout=slave if stdout_too else subprocess.PIPE,
                            stderr=subprocess.PIPE)
    os.close(slave)
    out, err = done.communicate(timeout=60)
    if stdout_too:
        out = b""
        try:
            while chunk := os.read(master, 65536):
                out += chunk
        except OSError:  # the other end is closed
            pass
    os.close(master)
    return (out or b"").decode(), err.decode()


def main():
    build = os.path.abspath(sys.argv[1])
    os.chdir(tempfile.mkdtemp())
    for name, text in {"log.tsv": "u\ta\nu\tb\nv\ta\n", "truth.tsv": "u\ta\n", "ranking.tsv": "user\titem\nu\ta\n"}.items():
        with open(name, "w", encoding="ascii") as file:
            file.write(text)
    subprocess.run([f"{build}/rec-embed", "als", "-q", "-d", "2", "log.tsv", "-o", "m.safetensors"], check=True)
    tools = {
        "rec-data": ["check"],
        "rec-split": ["--method", "hash-row", "--test-fraction", "0.5", "--train", "x.tsv", "--test", "y.tsv"],
        "rec-embed": ["pop", "-o", "p.safetensors"],
        "rec-attend": ["-m", "m.safetensors"],
        "rec-score": ["-m", "m.safetensors", "--all"],
        "rec-rank": [],
        "rec-eval": ["--truth", "truth.tsv"],
        "rec-model": ["info"],
        "rec-features": ["text"],
        "rec-view": [],
    }
    for tool, arguments in tools.items():
        command = [f"{build}/{tool}", *arguments]
        for quiet in (False, True):
            _, err = on_terminal(command + ["-q"] * quiet)
            want = 0 if quiet else 1
            if err.count(WAITS) != want:
                sys.exit(f"{tool}{' -q' * quiet}: expected {want} times that it waits, stderr is {err!r}")
        piped = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if "terminal" in piped.stderr:
            sys.exit(f"{tool}: says that it waits for a terminal where there is none")
    command = [f"{build}/rec-eval", "--truth", "truth.tsv", "-m", "hit@1", "ranking.tsv"]
    shown, err = on_terminal(command, stdout_too=True)
    if "metric                  value" not in shown or "\t" in shown or WAITS in err:
        sys.exit(f"rec-eval: columns are not aligned on a terminal: {shown!r} {err!r}")
    piped = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if not piped.startswith("metric\tvalue\nhit@1\t1\n"):
        sys.exit(f"rec-eval: no TSV through a pipe: {piped!r}")


main()
