"""FAISS' IndexHNSWFlat, by the protocol of PeerEngine.cs."""
import sys
import time

import faiss
import numpy as np


def read_rows(path, kind):
    words = np.fromfile(path, dtype=np.int32)
    return words.reshape(-1, words[0] + 1)[:, 1:].copy().view(kind)


directory, m, ef_construction, k = sys.argv[1], *map(int, sys.argv[2:5])
faiss.omp_set_num_threads(1)
base = read_rows(f"{directory}/base.fvecs", np.float32)
queries = {kind: read_rows(f"{directory}/{kind}.fvecs", np.float32) for kind in ("picture", "text")}
truth = {kind: read_rows(f"{directory}/{kind}.ivecs", np.int32)[:, :k] for kind in ("picture", "text")}
index = faiss.IndexHNSWFlat(base.shape[1], m, faiss.METRIC_INNER_PRODUCT)
index.hnsw.efConstruction = ef_construction
cpu, wall = time.process_time(), time.monotonic()
index.add(base)
cpu, wall = time.process_time() - cpu, time.monotonic() - wall
graph = index.hnsw
size = base.nbytes + 4 * graph.neighbors.size() + 8 * graph.offsets.size() + 4 * graph.levels.size()
print(f"built {cpu:.3f} {wall:.3f} {size}", flush=True)
for line in sys.stdin:
    kind, ef = line.split()
    index.hnsw.efSearch = int(ef)
    cpu, wall = time.process_time(), time.monotonic()
    _, found = index.search(queries[kind], k)
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    recall = np.mean([len(np.intersect1d(a, b)) / k for a, b in zip(found, truth[kind])])
    print(f"{cpu:.6f} {wall:.6f} {recall:.6f}", flush=True)
