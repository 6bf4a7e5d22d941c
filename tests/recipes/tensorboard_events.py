"""Usage: tensorboard_events.py FOLDER
Trains with --log and --tensorboard below FOLDER, and reads the events with the tensorboard package, first while the
training runs, then by the pages of a TensorBoard server: every value of the log, the options, the hyperparameters.
"""
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator, TENSORS
from tensorboard.plugins.hparams import plugin_data_pb2

folder = sys.argv[1]
rows = os.path.join(folder, "rows.tsv")
runs = os.path.join(folder, "runs")
with open(rows, "w") as out:
    out.write("user\titem\n")
    for user in range(200):
        for step in range(8):
            out.write(f"u{user}\ti{(user * 7 + step * step * 3) % 60}\n")


def load(run):
    events = EventAccumulator(os.path.join(runs, run), size_guidance={TENSORS: 0})
    events.Reload()
    return events


def train(run, *arguments, wait=True):
    command = ["rec-embed", *arguments, "-q", "--tensorboard", os.path.join(runs, run), "-o", os.path.join(folder, "model")]
    process = subprocess.Popen(command)
    if wait and process.wait() != 0:
        sys.exit(f"{command} failed")
    return process


# While it runs: lines of the log and events are there long before the last epoch.
log = os.path.join(folder, "log.tsv")
process = train("growing", "sasrec", "-d", "16", "-e", "100000", "--log", log, rows, wait=False)
try:
    deadline = time.time() + 60
    seen = 0
    while seen < 2:
        if process.poll() is not None or time.time() > deadline:
            sys.exit("no events while training runs")
        time.sleep(0.2)
        if os.path.isdir(os.path.join(runs, "growing")):
            events = load("growing")
            seen = len(events.Scalars("objective")) if "objective" in events.Tags()["scalars"] else 0
    assert len(open(log).readlines()) >= 3, "the log does not grow"
finally:
    process.kill()
    process.wait()

# A run to its end: the events are the log.
valid = os.path.join(folder, "valid.tsv")
with open(valid, "w") as out:
    out.write("user\titem\n")
    for user in range(0, 200, 3):
        out.write(f"u{user}\ti{(user * 7 + 5) % 60}\n")
train("sasrec", "sasrec", "-d", "16", "-e", "4", "--schedule", "linear", "--valid", valid, "--log", log, rows)
train("als", "als", "-d", "8", "-e", "3", rows)
events = load("sasrec")
lines = [line.rstrip("\n").split("\t") for line in open(log)]
header, lines = lines[0], lines[1:]
assert header == ["epoch", "seconds", "objective", "ndcg@10"], header
assert len(lines) >= 2
for column, tag in ((2, "objective"), (3, "ndcg@10")):
    values = [(event.step, event.value) for event in events.Scalars(tag)]
    wanted = [(int(line[0]), float(line[column])) for line in lines]
    assert [step for step, _ in values] == [step for step, _ in wanted], (tag, values, wanted)
    assert all(abs(a - b) <= 1e-6 * abs(b) for (_, a), (_, b) in zip(values, wanted)), (tag, values, wanted)
rates = [event.value for event in events.Scalars("learning-rate")]
assert len(rates) == len(lines) and all(a > b > 0 for a, b in zip(rates, rates[1:])), rates
assert set(events.Tags()["scalars"]) == {"objective", "ndcg@10", "learning-rate", "seconds"}, events.Tags()
assert set(load("als").Tags()["scalars"]) == {"objective", "seconds"}, load("als").Tags()
text = events.Tensors("options")[0].tensor_proto.string_val[0].decode()
assert "| `dim` | `16` |" in text, text
content = events.summary_metadata["_hparams_/session_start_info"].plugin_data.content
start = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info
assert start.hparams["dim"].number_value == 16 and start.hparams["model"].string_value, start
content = events.summary_metadata["_hparams_/session_end_info"].plugin_data.content
assert plugin_data_pb2.HParamsPluginData.FromString(content).session_end_info.status == 1

# The pages.
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
server = subprocess.Popen(
    [sys.executable, "-m", "tensorboard.main", "--logdir", runs, "--port", str(port), "--load_fast=false"],
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    def page(path):
        return json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5))

    deadline = time.time() + 90
    while True:
        try:
            tags = page("data/plugin/scalars/tags")
            if {"sasrec", "als", "growing"} <= set(tags):
                break
        except OSError:
            pass
        if time.time() > deadline:
            sys.exit("TensorBoard shows no runs")
        time.sleep(0.5)
    assert "ndcg@10" in tags["sasrec"], tags
    points = page("data/plugin/scalars/scalars?run=sasrec&tag=ndcg%4010")
    assert len(points) == len(lines), points
    assert "options" in page("data/plugin/text/tags")["sasrec"]
finally:
    server.terminate()
    server.wait()
print(f"TensorBoard shows {len(lines)} epochs of sasrec, als, and a run while it trains")
