#!/usr/bin/env python3
"""What policies learnt from a log are worth, by the known rewards of obp's synthetic generator.

    policy_learning.py [--rounds N] [--actions N] [--seeds N] [rec-embed options...]

The log: contexts of 5 normal numbers, 10 actions, rewards 0 or 1 with the probability of obp's
logistic_reward_function, actions drawn by its linear_behavior_policy, which is a poor one. Policies are learnt from it
by rec-embed neural --propensity, the contexts as --user-vectors, and by obp's own learners: IPWLearner with a logistic
regression and with a random forest (Saito et al. 2020; both learn which action to show by weighted classification).
Values are of 100,000 new contexts: the mean expected reward. rec-embed's policy is measured as the softmax that it
learns, and as its best action, which is what obp's learners have. Of the difference to obp's logistic learner the 95 %
interval over seeds is given (Student's t).

Needs python3 packages obp==0.4.1 (pip install --no-deps), numpy, scipy, scikit-learn, pandas, tqdm, pyyaml,
mypy_extensions; torch may be missing. rec-embed and rec-score are on PATH. TSV on stdout: seed, policy, value.
"""
import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
from unittest import mock

import numpy as np
import scipy.stats
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

if importlib.util.find_spec("torch") is None:  # obp names it where it has networks, which are not used here
    torch = mock.MagicMock(__spec__=None)
    torch.nn.Module = torch.utils.data.Dataset = object
    sys.modules.update({"torch": torch, "torch.nn": torch.nn, "torch.optim": torch.optim})
from obp.dataset import SyntheticBanditDataset, linear_behavior_policy, logistic_reward_function  # noqa: E402
from obp.policy import IPWLearner  # noqa: E402
if isinstance(sys.modules["torch"], mock.MagicMock):  # others look whether it is there
    for name in ("torch", "torch.nn", "torch.optim"):
        del sys.modules[name]

NEW = 100000


def write(path, header, rows):
    with open(path, "w") as file:
        print(*header, sep="\t", file=file)
        for row in rows:
            print(*row, sep="\t", file=file)


def ours(scratch, log, new, options):
    """The logits of the learnt policy for the new contexts, NEW x actions."""
    at = lambda name: os.path.join(scratch, name)
    kinds = [f"v{i}" for i in range(log["context"].shape[1])]
    for name, prefix, contexts in (("old.tsv", "old", log["context"]), ("new.tsv", "new", new["context"])):
        write(at(name), ["user", *kinds], ([f"{prefix}{n}", *row] for n, row in enumerate(contexts.tolist())))
    write(at("log.tsv"), ["user", "item", "reward", "propensity"],
          ((f"old{n}", *row) for n, row in enumerate(zip(log["action"].tolist(), log["reward"].tolist(),
                                                         log["pscore"].tolist()))))
    write(at("users.tsv"), ["user"], ([f"new{n}"] for n in range(NEW)))
    subprocess.run(["rec-embed", "neural", "-q", "--propensity", "--user-vectors", "context=" + at("old.tsv"), "--id-dropout", "1",
                    *options, "-o", at("model"), at("log.tsv")], check=True)
    actions = log["n_actions"]
    scores = subprocess.run(["rec-score", "-q", "-m", at("model"), "--user-vectors", "context=" + at("new.tsv"), "--predictor", "dot",
                             "--all", "--top", str(actions), at("users.tsv")], check=True, capture_output=True, text=True)
    logits = np.full((NEW, actions), -np.inf)
    for line in scores.stdout.splitlines()[1:]:
        user, item, score = line.split("\t")
        logits[int(user[3:]), int(item)] = float(score)
    return logits


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10000)
    parser.add_argument("--actions", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=5)
    arguments, options = parser.parse_known_args()
    print("seed", "policy", "value", sep="\t")
    differences = {"softmax": [], "best action": []}
    for seed in range(1, arguments.seeds + 1):
        data = SyntheticBanditDataset(
            n_actions=arguments.actions, dim_context=5, reward_type="binary",
            reward_function=logistic_reward_function,
            behavior_policy_function=linear_behavior_policy, random_state=seed)
        log = data.obtain_batch_bandit_feedback(n_rounds=arguments.rounds)
        new = data.obtain_batch_bandit_feedback(n_rounds=NEW)
        expected = new["expected_reward"]
        chosen = np.arange(NEW)

        def show(policy, value):
            print(seed, policy, f"{value:.4f}", sep="\t", flush=True)
            return value

        show("at random", expected.mean())
        show("as logged", expected[chosen, new["action"]].mean())
        show("best possible", expected.max(axis=1).mean())
        peer = None
        for name, learner in (("obp IPWLearner, logistic", LogisticRegression(max_iter=1000, random_state=1)),
                              ("obp IPWLearner, forest", RandomForestClassifier(min_samples_leaf=10, random_state=1))):
            policy = IPWLearner(n_actions=log["n_actions"], base_classifier=learner)
            policy.fit(context=log["context"], action=log["action"], reward=log["reward"], pscore=log["pscore"])
            value = show(name, expected[chosen, policy.predict(new["context"])[:, :, 0].argmax(axis=1)].mean())
            peer = value if peer is None else peer
        with tempfile.TemporaryDirectory() as scratch:
            logits = ours(scratch, log, new, options)
        softmax = np.exp(logits - logits.max(axis=1, keepdims=True))
        softmax /= softmax.sum(axis=1, keepdims=True)
        for name, value in (("softmax", (softmax * expected).sum(axis=1).mean()),
                            ("best action", expected[chosen, logits.argmax(axis=1)].mean())):
            differences[name].append(show(f"rec-embed neural --propensity, {name}", value) - peer)
    for name, values in differences.items():
        mean = np.mean(values)
        half = scipy.stats.t.ppf(0.975, len(values) - 1) * scipy.stats.sem(values) if len(values) > 1 else float("nan")
        print("all", f"{name} less obp's logistic", f"{mean:.4f} ({mean - half:.4f} to {mean + half:.4f})", sep="\t")


if __name__ == "__main__":
    main()
