# A factorisation machine as one writes it in PyTorch: the other side of fm_vs_torch.sh.
#   fm_torch.py TRAIN --dim N --batch N --epochs N --threads N [--layers N,N]
# TRAIN: TSV with header label, user, item, ...; every column is a field. The rows are tensors before the clock runs.
# Prints a line for each epoch: seconds, mean loss.
import argparse
import csv
import time

import torch

parser = argparse.ArgumentParser()
parser.add_argument("train")
parser.add_argument("--dim", type=int, default=10)
parser.add_argument("--batch", type=int, default=4096)
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--reg", type=float, default=1e-5)
parser.add_argument("--layers", default="")
options = parser.parse_args()
torch.set_num_threads(options.threads)
torch.manual_seed(1)

with open(options.train, newline="") as file:
    rows = list(csv.reader(file, delimiter="\t"))[1:]
columns = list(zip(*rows))
labels = torch.tensor([float(x) for x in columns[0]])
first, fields = 0, []
for column in columns[1:]:
    number = {name: first + at for at, name in enumerate(sorted(set(column)))}
    fields.append([number[name] for name in column])
    first += len(number)
inputs = torch.tensor(fields).T.contiguous()


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.vectors = torch.nn.Embedding(first, options.dim)
        self.weights = torch.nn.Embedding(first, 1)
        torch.nn.init.normal_(self.vectors.weight, std=0.01)
        torch.nn.init.zeros_(self.weights.weight)
        self.bias = torch.nn.Parameter(torch.zeros(1))
        parts, width = [], len(fields) * options.dim
        for units in [int(x) for x in options.layers.split(",") if x]:
            parts += [torch.nn.Linear(width, units), torch.nn.BatchNorm1d(units), torch.nn.ReLU(), torch.nn.Dropout(0.2)]
            width = units
        self.layers = torch.nn.Sequential(*parts, torch.nn.Linear(width, 1, bias=False)) if parts else None

    def forward(self, x):
        e = self.vectors(x)
        total = e.sum(1)
        z = self.bias + self.weights(x).sum((1, 2)) + 0.5 * (total * total - (e * e).sum(1)).sum(1)
        return z if self.layers is None else z + self.layers(e.flatten(1)).squeeze(1)


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
loss_of = torch.nn.BCEWithLogitsLoss()
for epoch in range(options.epochs):
    begin = time.perf_counter()
    total = 0.0
    order = torch.randperm(len(labels))
    for start in range(0, len(order), options.batch):
        at = order[start : start + options.batch]
        optimizer.zero_grad()
        loss = loss_of(net(inputs[at]), labels[at])
        total += loss.item() * len(at)
        (loss + options.reg / 2 * (net.vectors.weight.square().sum() + net.weights.weight.square().sum())).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        optimizer.step()
    print(f"{time.perf_counter() - begin:.3f}\t{total / len(labels):.5f}", flush=True)
