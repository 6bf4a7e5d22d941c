#!/usr/bin/env python3
"""The Transformer of `rec-embed sasrec` in PyTorch, as fast as it goes on CPU: the opponent.

    sasrec_torch.py TRAIN LOSS [--as plain|mkl|onednn] [--epochs N] [--threads N]

TRAIN: a table with header user, item, timestamp. LOSS: bce (one uniform negative a
position), sampled (softmax; 512 negatives a batch by popularity, logQ-corrected) or softmax
(over all items). The model is that of lib/models/transformer/transformer.h: d = 64, 2 blocks, 2 heads,
hidden 256, GELU, learned positions, the last 50 items, tied item table, dropout 0.2; Adam at
1e-3, 256 users a batch. Prints a TSV line: loss, as, seconds of an epoch (the least of N
after one to warm up), tokens (predicted positions) a second, peak MiB, MiB of
the imports alone, tokens of an epoch, share of padding, mean loss of the first and of the last epoch, torch's version.

Done because it was measured to be faster: batches of users of about one length, padded on the
right, so that the causal mask is all that attention needs; Adam fused; threads that wait do not
spin; denormals flushed. That is --as plain. --as mkl (the default) goes further, past what
PyTorch's own functions do: the dropout of a batch made in one go from 16-bit words (bernoulli_
took a third of an epoch of bce); softmax over all items in chunks of rows that stay in the cache,
its gradient written out. --as onednn besides takes oneDNN's products by an inner function of
PyTorch, since the MKL within, which everyone gets, uses no AVX-512 on processors of another make.
Not done because it was not: torch.compile (the same CPU seconds after a minute or two of
compilation). Not tried: scaled_dot_product_attention (its fast kernels have no dropout), sparse
gradients.
"""
import argparse
import os
import resource
import time

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
import numpy as np
import torch
import torch.nn.functional as F

DIM, BLOCKS, HEADS, HIDDEN, WINDOW, RATE, BATCH, NEGATIVES, CHUNK = 64, 2, 2, 256, 50, 0.2, 256, 512, 256


def onednn_product(x, weight, bias=None):
    return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")


class OneDnnLinear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(x, weight)
        return onednn_product(x, weight, bias)

    @staticmethod
    def backward(ctx, grad):
        x, weight = ctx.saved_tensors
        flat, rows = grad.reshape(-1, grad.shape[-1]), x.reshape(-1, x.shape[-1])
        return onednn_product(grad, weight.t()), onednn_product(flat.t(), rows.t()), flat.sum(0)


class Block(torch.nn.Module):
    def __init__(self, linear):
        super().__init__()
        self.linear = linear
        self.norm1, self.norm2 = torch.nn.LayerNorm(DIM, 1e-6), torch.nn.LayerNorm(DIM, 1e-6)
        self.qkv, self.out = torch.nn.Linear(DIM, 3 * DIM), torch.nn.Linear(DIM, DIM)
        self.up, self.down = torch.nn.Linear(DIM, HIDDEN), torch.nn.Linear(HIDDEN, DIM)

    def apply_linear(self, layer, x):
        return self.linear(x, layer.weight, layer.bias)

    def forward(self, x, later, drop):
        n, length, _ = x.shape
        qkv = self.apply_linear(self.qkv, self.norm1(x)).view(n, length, 3, HEADS, DIM // HEADS)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).reshape(3, n * HEADS, length, DIM // HEADS).unbind(0)
        shares = torch.softmax(torch.baddbmm(later, q, k.transpose(1, 2), alpha=(DIM // HEADS) ** -0.5), -1)
        o = torch.bmm(drop.of(shares), v).view(n, HEADS, length, DIM // HEADS).transpose(1, 2).reshape(n, length, DIM)
        o = self.apply_linear(self.out, o)
        x = drop.add(x, o)
        e = F.gelu(self.apply_linear(self.up, self.norm2(x)), approximate="tanh")
        return drop.add(x, self.apply_linear(self.down, drop.of(e)))


def dropout_factors(rng, users, length):
    """0 or 1/(1 - RATE) for all values of a batch that dropout acts on."""
    draws = users * length * (DIM + BLOCKS * (2 * DIM + HIDDEN + HEADS * length))
    bits = torch.from_numpy(rng.integers(0, 1 << 64, -(-draws // 4), dtype=np.uint64).view(np.int16))
    return torch.ge(bits, int(RATE * 65536) - 32768, out=torch.empty(bits.shape)).mul_(1 / (1 - RATE))


class PlainDropout:
    def of(self, x):
        return F.dropout(x, RATE)

    def add(self, x, y):
        return x + F.dropout(y, RATE)


class Dropout:
    """Hands out slices of a batch's factors."""

    def __init__(self, factors):
        self.factors, self.used = factors, 0

    def next(self, x):
        self.used += x.numel()
        return self.factors[self.used - x.numel():self.used].view(x.shape)

    def of(self, x):
        return x * self.next(x)

    def add(self, x, y):
        return torch.addcmul(x, y, self.next(y))


class SasRec(torch.nn.Module):
    def __init__(self, items, linear):
        super().__init__()
        self.items = torch.nn.Parameter(torch.randn(items, DIM) * 0.02)
        self.positions = torch.nn.Parameter(torch.randn(WINDOW, DIM) * 0.02)
        self.blocks = torch.nn.ModuleList(Block(linear) for _ in range(BLOCKS))
        self.norm = torch.nn.LayerNorm(DIM, 1e-6)
        self.register_buffer("later", torch.full((WINDOW, WINDOW), float("-inf")).triu(1))

    def forward(self, items, places, drop):
        x = torch.add(F.embedding(places, self.positions), F.embedding(items, self.items), alpha=DIM ** 0.5)
        x = drop.of(x)
        later = self.later[:items.shape[1], :items.shape[1]]
        for block in self.blocks:
            x = block(x, later, drop)
        return self.norm(x)


def read(path):
    """Each user's last items, in the order of time: arrays of int64."""
    users, items, times, user_of, item_of = [], [], [], {}, {}
    with open(path, "rb") as table:
        next(table)
        for line in table:
            user, item, when = line.rstrip(b"\n").split(b"\t")[:3]
            users.append(user_of.setdefault(user, len(user_of)))
            items.append(item_of.setdefault(item, len(item_of)))
            times.append(float(when))
    users, items = np.array(users), np.array(items)
    order = np.lexsort((np.array(times), users))
    ends = np.cumsum(np.bincount(users))
    rows = np.split(items[order], ends[:-1])
    return [row[-(WINDOW + 1):] for row in rows if len(row) > 1], len(item_of)


def batches(rows, rng):
    """Of an epoch: (inputs, places, targets, which are real), users of like length together."""
    lengths = np.array([len(row) - 1 for row in rows])
    order = rng.permutation(len(rows))
    order = order[np.argsort(lengths[order], kind="stable")]
    for number in rng.permutation((len(rows) + BATCH - 1) // BATCH):
        chosen = order[number * BATCH:(number + 1) * BATCH]
        n = lengths[chosen]
        table = np.zeros((len(chosen), n.max() + 1), dtype=np.int64)
        real = np.arange(n.max() + 1) <= n[:, None]
        table[real] = np.concatenate([rows[u] for u in chosen])
        real = real[:, 1:]
        places = np.minimum(WINDOW - n[:, None] + np.arange(n.max()), WINDOW - 1)
        yield (torch.from_numpy(a) for a in (table[:, :-1], places, table[:, 1:], real))


class ChunkedSoftmaxLoss(torch.autograd.Function):
    """Mean cross-entropy over all items; logits of a chunk of rows at a time, gradient beside them."""

    @staticmethod
    def forward(ctx, h, items, targets, product):
        d_h, d_items, total = torch.empty_like(h), torch.zeros_like(items), 0.0
        transposed = items.t().contiguous()
        for first in range(0, len(h), CHUNK):
            rows, target = h[first:first + CHUNK], targets[first:first + CHUNK, None]
            p = torch.softmax(product(rows, items), 1)
            own = p.gather(1, target)
            total -= own.clamp_min(1e-30).log().sum()
            p.scatter_(1, target, own - 1)
            d_h[first:first + CHUNK] = product(p, transposed)
            d_items += product(p.t(), rows.t())
        ctx.save_for_backward(d_h, d_items)
        ctx.count = len(h)
        return total / len(h)

    @staticmethod
    def backward(ctx, grad):
        d_h, d_items = ctx.saved_tensors
        return d_h.mul_(grad / ctx.count), d_items.mul_(grad / ctx.count), None, None


def loss_of(kind, model, h, targets, log_q, product, plain):
    if kind == "softmax" and plain:
        return F.cross_entropy(product(h, model.items), targets)
    if kind == "softmax":
        return ChunkedSoftmaxLoss.apply(h, model.items, targets, product)
    if kind == "bce":
        negatives = torch.randint(len(model.items), targets.shape)
        vectors = F.embedding(torch.stack((targets, negatives)), model.items)
        scores = (vectors * h).sum(-1)
        return F.softplus(-scores[0]).mean() + F.softplus(scores[1]).mean()
    negatives = torch.searchsorted(torch.cumsum(log_q.exp(), 0), torch.rand(NEGATIVES)).clamp_max(len(log_q) - 1)
    vectors = F.embedding(torch.cat((targets, negatives)), model.items)
    own, others = vectors[:len(targets)], vectors[len(targets):]
    positive = (h * own).sum(-1) - log_q[targets]
    logits = h @ others.t() - log_q[negatives]
    logits = logits.masked_fill(targets[:, None] == negatives, -1e9)  # a target is no negative of its own
    return F.cross_entropy(torch.cat((positive[:, None], logits), 1), torch.zeros_like(targets))


def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    imports = peak_mib()
    parser = argparse.ArgumentParser()
    parser.add_argument("train")
    parser.add_argument("loss", choices=["bce", "sampled", "softmax"])
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--as", dest="form", choices=["plain", "mkl", "onednn"], default="mkl")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    rows, items = read(args.train)
    counts = np.bincount(np.concatenate(rows), minlength=items)
    log_q = torch.from_numpy(np.log(np.maximum(counts, 1) / counts.sum()).astype(np.float32))
    product, linear = (onednn_product, OneDnnLinear.apply) if args.form == "onednn" else (F.linear, F.linear)
    plain = args.form == "plain"
    model = SasRec(items, linear)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    rng = np.random.Generator(np.random.SFC64(1))
    seconds, losses = [], []
    for epoch in range(args.epochs + 1):
        start = time.perf_counter()
        total, tokens, padded = 0.0, 0, 0
        for inputs, places, targets, real in batches(rows, rng):
            padded += real.numel()
            drop = PlainDropout() if plain else Dropout(dropout_factors(rng, *inputs.shape))
            h, goal = model(inputs, places, drop).reshape(-1, DIM), targets.reshape(-1)
            if not real.all():
                where = real.reshape(-1).nonzero()[:, 0]
                h, goal = h[where], goal[where]
            loss = loss_of(args.loss, model, h, goal, log_q, product, plain)
            adam.zero_grad()
            loss.backward()
            adam.step()
            total += loss.item() * len(goal)
            tokens += len(goal)
        seconds.append(time.perf_counter() - start)
        losses.append(total / tokens)
    least = min(seconds[1:])
    print(args.loss, args.form, f"{least:.3f}", f"{tokens / least:.0f}", f"{peak_mib():.0f}", f"{imports:.0f}", tokens,
          f"{1 - tokens / padded:.4f}", f"{losses[0]:.4f}", f"{losses[-1]:.4f}", torch.__version__, sep="\t")


if __name__ == "__main__":
    main()
