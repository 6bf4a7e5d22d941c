"""The other side of search_vs_faiss.sh: faiss, and its HNSW graph, on the item and user vectors of a model.

search_vs_faiss.py MODEL USERS EXACT THREADS: USERS lists ids, a line each; EXACT has the rows of rec-score --all --top
100 of these users. Prints TSV: what, users each second, recall@100 against EXACT, megabytes of the index.
"""
import json
import struct
import sys
import time

import faiss
import numpy as np


def tensors(path):
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
        data = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + size)
    types = {"F32": np.float32, "U8": np.uint8, "U32": np.uint32, "I64": np.int64}
    found = {}
    for name, about in header.items():
        if name != "__metadata__" and about["dtype"] in types:
            start, stop = about["data_offsets"]
            found[name] = data[start:stop].view(types[about["dtype"]]).reshape(about["shape"])
    return found


def ids(found, side):
    text = found[f"{side}.ids"].tobytes()
    begin = found[f"{side}.ids.begin"]
    return [text[a:b].decode() for a, b in zip(begin[:-1], begin[1:])]


def best_of(runs, function):
    least = None
    for _ in range(runs):
        start = time.perf_counter()
        result = function()
        seconds = time.perf_counter() - start
        least = seconds if least is None else min(least, seconds)
    return least, result


def main():
    model, users, exact, threads = sys.argv[1:5]
    faiss.omp_set_num_threads(int(threads))
    found = tensors(model)
    items = np.ascontiguousarray(found["items.factors"], dtype=np.float32)
    place = {name: row for row, name in enumerate(ids(found, "users"))}
    item_place = {name: row for row, name in enumerate(ids(found, "items"))}
    with open(users) as file:
        wanted = [line.rstrip("\n") for line in file]
    queries = np.ascontiguousarray(found["users.factors"][[place[name] for name in wanted]], dtype=np.float32)
    truth = {name: set() for name in wanted}
    with open(exact) as file:
        for line in file:
            user, item = line.split("\t")[:2]
            if user in truth:
                truth[user].add(item_place[item])

    def recall(result):
        hits = sum(len(truth[name].intersection(row.tolist())) for name, row in zip(wanted, result))
        return hits / sum(len(rows) for rows in truth.values())

    def row(what, seconds, result, index):
        size = len(faiss.serialize_index(index)) / 1e6
        print(f"{what}\t{len(wanted) / seconds:.0f}\t{recall(result):.4f}\t{size:.0f}", flush=True)

    flat = faiss.IndexFlatIP(items.shape[1])
    flat.add(items)
    seconds, (_, result) = best_of(3, lambda: flat.search(queries, 100))
    row("faiss flat", seconds, result, flat)

    lists = 1 << max(4, int(np.log2(np.sqrt(len(items)))))
    inverted = faiss.IndexIVFFlat(faiss.IndexFlatIP(items.shape[1]), items.shape[1], lists, faiss.METRIC_INNER_PRODUCT)
    inverted.train(items)
    inverted.add(items)
    probes = 1
    while True:  # the fewest lists, doubled, that find enough
        inverted.nprobe = probes
        seconds, (_, result) = best_of(3, lambda: inverted.search(queries, 100))
        if recall(result) >= 0.98 or probes >= lists:
            break
        probes = min(2 * probes, lists)
    row(f"faiss IVF, {probes} of {lists} lists", seconds, result, inverted)

    graph = faiss.IndexHNSWFlat(items.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = 100
    graph.add(items)
    for width in (100, 400):
        graph.hnsw.efSearch = width
        seconds, (_, result) = best_of(3, lambda: graph.search(queries, 100))
        row(f"faiss HNSW, M 32, efSearch {width}", seconds, result, graph)


if __name__ == "__main__":
    main()
