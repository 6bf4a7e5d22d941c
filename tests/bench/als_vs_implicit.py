#!/usr/bin/env python3
"""One training of implicit's AlternatingLeastSquares (conjugate gradient), epoch by epoch.

    als_vs_implicit.py TRAIN TEST DIM ALPHA REG CG_STEPS EPOCHS THREADS [times]

Prints a TSV line an epoch: epoch, seconds of the fit so far, recall@20 on TEST over
all items but those of TRAIN (left out with `times`); stops when that has not risen
for PATIENCE epochs. A last line "memory" has the peak MiB after the first
epoch. The tables are read by a process of their own (into TEST.npz, kept), and
measured on outside of the seconds. Run it with OPENBLAS_NUM_THREADS=1, as implicit
asks for.
"""
import os
import resource
import subprocess
import sys
import time

import numpy as np
import scipy.sparse as sparse
from implicit.cpu.als import AlternatingLeastSquares


PATIENCE = 3


def read(path, users, items, grow):
    rows, columns = [], []
    with open(path, "rb") as table:
        for line in table:
            user, item = line.rstrip(b"\n").split(b"\t")[:2]
            if grow:
                rows.append(users.setdefault(user, len(users)))
                columns.append(items.setdefault(item, len(items)))
            elif user in users and item in items:
                rows.append(users[user])
                columns.append(items[item])
    ones = np.ones(len(rows), dtype=np.float32)
    return sparse.csr_matrix((ones, (rows, columns)), shape=(len(users), len(items)))


def recall(model, train, test):
    sizes = np.diff(test.indptr).astype(np.int64)
    users = np.flatnonzero(sizes)
    items = np.int64(test.shape[1])
    pairs = np.sort(np.repeat(np.arange(len(sizes)), sizes) * items + test.indices)
    total = 0.0
    for first in range(0, len(users), 4096):
        batch = users[first:first + 4096]
        best, _ = model.recommend(batch, train[batch], N=20, filter_already_liked_items=True)
        hits = np.isin(batch[:, None] * items + best, pairs[test.indptr[batch[0]]:test.indptr[batch[-1] + 1]])
        total += (hits.sum(axis=1) / sizes[batch]).sum()
    return total / len(users)


def encode(train_path, test_path):
    users, items = {}, {}
    train = read(train_path, users, items, True)
    test = read(test_path, users, items, False)
    np.savez(test_path + ".npz", shape=train.shape, train_indptr=train.indptr, train_indices=train.indices,
             test_indptr=test.indptr, test_indices=test.indices)


def matrix(file, name):
    indices = file[name + "_indices"]
    return sparse.csr_matrix((np.ones(len(indices), dtype=np.float32), indices, file[name + "_indptr"]), shape=tuple(file["shape"]))


def main():
    train_path, test_path = sys.argv[1:3]
    if len(sys.argv) == 3:
        return encode(train_path, test_path)
    if not os.path.exists(test_path + ".npz"):
        subprocess.run([sys.executable, sys.argv[0], train_path, test_path], check=True)
    with np.load(test_path + ".npz") as file:
        train, test = matrix(file, "train"), matrix(file, "test")
    dim, alpha, reg = int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5])
    cg_steps, epochs, threads = (int(value) for value in sys.argv[6:9])
    times = sys.argv[9:] == ["times"]
    model = AlternatingLeastSquares(factors=dim, alpha=alpha, regularization=reg, iterations=1, use_cg=True,
                                    num_threads=threads, random_state=1, dtype=np.float32)
    model.cg_steps = cg_steps
    print("epoch\tseconds\trecall@20", flush=True)
    seconds = 0.0
    memory = 0.0
    values = []
    for epoch in range(1, epochs + 1):
        start = time.perf_counter()
        model.fit(train, show_progress=False)  # goes on from the factors that are there
        seconds += time.perf_counter() - start
        memory = memory or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        if times:
            print(f"{epoch}\t{seconds:.3f}\t", flush=True)
            continue
        values.append(recall(model, train, test))
        print(f"{epoch}\t{seconds:.3f}\t{values[-1]:.5f}", flush=True)
        if len(values) - 1 - int(np.argmax(values)) >= PATIENCE:
            break
    print(f"memory\t{memory:.1f}\t")


if __name__ == "__main__":
    main()
