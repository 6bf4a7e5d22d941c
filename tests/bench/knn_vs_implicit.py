"""implicit's CosineRecommender on a table: the best fit() of RUNS, its peak memory,
and the largest difference from the lines "entry items.neighbours" of a text model of rec-embed knn.
knn_vs_implicit.py TABLE MODEL THREADS RUNS"""
import resource
import sys
import time

import numpy as np
import scipy.sparse
from implicit.nearest_neighbours import CosineRecommender

table, model, threads, runs = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
users, items = {}, {}
rows, columns = [], []
with open(table) as lines:
    for line in lines:
        user, item = line.rstrip("\n").split("\t")[:2]
        if user == "user":
            continue
        rows.append(users.setdefault(user, len(users)))
        columns.append(items.setdefault(item, len(items)))
matrix = scipy.sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(users), len(items)))
matrix.sum_duplicates()
matrix.data[:] = 1
del rows, columns

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
best = (float("inf"), 0.0)
for _ in range(runs):
    recommender = CosineRecommender(K=101, num_threads=threads)  # one of them is the item itself
    start, cpu = time.perf_counter(), time.process_time()
    recommender.fit(matrix, show_progress=False)
    best = min(best, (time.perf_counter() - start, time.process_time() - cpu))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(f"implicit CosineRecommender.fit\t{best[0]:.3f}\t{peak / 1024:.1f}\t{best[1]:.3f}")

# Of item i ours keeps the j with the largest s_ji: row i of theirs.
theirs = scipy.sparse.csr_matrix(recommender.similarity)
theirs.setdiag(0)
theirs.eliminate_zeros()
rows, columns, weights = [], [], []
with open(model) as lines:
    for line in lines:
        _, _, j, i, weight = line.rstrip("\n").split("\t")
        rows.append(items[i])
        columns.append(items[j])
        weights.append(float(weight))
ours = scipy.sparse.csr_matrix((weights, (rows, columns)), shape=theirs.shape)
both = ours.multiply(theirs != 0)
difference = abs(both - theirs.multiply(ours != 0)).max()
alone = (ours - both).tocoo()  # may be ties at the cut alone
least = np.array([theirs.data[a:b].min() if b > a else 0.0 for a, b in zip(theirs.indptr, theirs.indptr[1:])])
gap = np.abs(alone.data - least[alone.row])[alone.data != 0]
print(f"# {ours.nnz} weights, largest difference {difference:.2g}; {gap.size} that implicit lacks, from its least {gap.max(initial=0):.2g}")
