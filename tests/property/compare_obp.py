#!/usr/bin/env python3
"""Compares rec-eval's off-policy values with the Open Bandit Pipeline (Saito et al. 2020) on its own log.

    tests/property/compare_obp.py path/to/rec-eval [path/to/obp-0.4.1-py3-none-any.whl]

The log is the sample of the campaign "all" that the wheel of obp 0.4.1 holds: 10,000 rows that a random policy
showed at three positions. The target is the Bernoulli Thompson sampling that ran beside it (100,000 draws, seed
12345), the model of rewards a logistic regression with three folds, as obp's quickstart has it. rec-eval reads the
rows with rank, target, predicted and expected; obp's estimators see its own arrays. ips, snips, dm, dr, sndr,
switch_dr and dros (at several thresholds) must agree to 1e-9 of the value, of all rows and of each rank; and ips, dm
and dr with the values that obp publishes for this policy, .004553, .003545 and .004727: ips to each digit, dm and dr
to 1e-3 of the value, since the iterations of the logistic regression differ between releases (scikit-learn 1.2.2:
each digit of all three; 1.9.1: a dr of .004728).

Needs python3 packages numpy, scipy, scikit-learn and pyyaml, and obp 0.4.1 (pip install --no-deps obp==0.4.1, or
pip download it and name the wheel); without them it says so and exits 77, which ctest takes for "skipped". obp's
estimators are imported alone, so pandas and torch need not be there.
"""
import csv
import importlib.util
import os
import subprocess
import sys
import tempfile
import types
import zipfile

try:
    import numpy
    import scipy.stats
    import sklearn.linear_model
    import yaml  # noqa: F401: obp reads its priors by it
except ImportError as error:
    print(f"skipped: {error} (pip install numpy scipy scikit-learn pyyaml)")
    sys.exit(77)

TOLERANCE = 1e-9
PUBLISHED = {"ips": (0.004553, 0.0), "dm": (0.003545, 1e-3), "dr": (0.004727, 1e-3)}  # value, tolerance


def package(scratch, wheel):
    """The folder of obp, from the wheel or as it is installed."""
    if wheel:
        zipfile.ZipFile(wheel).extractall(scratch)
        return os.path.join(scratch, "obp")
    found = importlib.util.find_spec("obp")
    if found is None or not found.submodule_search_locations:
        print("skipped: no module named obp (pip install --no-deps obp==0.4.1)")
        sys.exit(77)
    return list(found.submodule_search_locations)[0]


def check_version(folder):
    text = open(os.path.join(folder, "version.py")).read()
    if "0.4.1" not in text:
        print(f"skipped: obp 0.4.1 is wanted, found {text.strip()} (pip install --no-deps obp==0.4.1)")
        sys.exit(77)


def prepare(folder):
    """Packages whose __init__ is not run, so that a submodule is imported alone; and torch and pandas by name only."""
    for name in ("obp", "obp.ope", "obp.policy", "obp.dataset"):
        module = types.ModuleType(name)
        module.__path__ = [os.path.join(folder, *name.split(".")[1:])]
        sys.modules[name] = module
    for name, classes in (("torch", ["Tensor"]), ("pandas", ["DataFrame"])):
        if importlib.util.find_spec(name) is None:
            sys.modules[name] = types.ModuleType(name)
            for its in classes:
                setattr(sys.modules[name], its, type(its, (), {}))


def read_log(folder):
    """action, position, reward, pscore and context of the random policy, as obp's dataset makes them."""
    campaign = os.path.join(folder, "dataset", "obd", "random", "all")
    rows = list(csv.DictReader(open(os.path.join(campaign, "all.csv"))))
    times = numpy.array([row["timestamp"] for row in rows], dtype=object)
    rows = [rows[at] for at in times.argsort(kind="quicksort")]
    column = lambda name, kind: numpy.array([kind(row[name]) for row in rows])
    dummies = []
    for name in (name for name in rows[0] if name.startswith("user_feature")):
        values = column(name, str)
        dummies += [(values == category).astype(float) for category in sorted(set(values))[1:]]
    items = list(csv.DictReader(open(os.path.join(campaign, "item_context.csv"))))
    names = [name for name in items[0] if name.startswith("item_feature") and name != "item_feature_0"]
    codes = [numpy.unique([item[name] for item in items], return_inverse=True)[1] for name in names]
    action_context = numpy.column_stack([*codes, [float(item["item_feature_0"]) for item in items]])
    position = scipy.stats.rankdata(column("position", int), "dense").astype(int) - 1
    return dict(action=column("item_id", int), position=position, reward=column("click", int),
                pscore=column("propensity_score", float), context=numpy.column_stack(dummies),
                action_context=action_context)


def run(tool, path, *options):
    result = subprocess.run([tool, "-q", *options, path], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{tool} {' '.join(options)}: exit {result.returncode}\n{result.stderr}")
    rows = [line.split("\t") for line in result.stdout.splitlines()[1:]]
    return {(row[0], row[1]): float(row[2]) for row in rows}


def main():
    tool = sys.argv[1]
    with tempfile.TemporaryDirectory() as scratch:
        folder = package(scratch, sys.argv[2] if len(sys.argv) > 2 else None)
        check_version(folder)
        prepare(folder)
        from obp.ope import estimators
        from obp.ope.regression_model import RegressionModel
        from obp.policy.contextfree import BernoulliTS
        log = read_log(folder)
        rounds, actions, positions = len(log["action"]), int(log["action"].max()) + 1, int(log["position"].max()) + 1
        policy = BernoulliTS(n_actions=actions, len_list=positions, is_zozotown_prior=True, campaign="all",
                             random_state=12345)
        action_dist = policy.compute_batch_action_dist(n_sim=100000, n_rounds=rounds)
        model = RegressionModel(n_actions=actions, len_list=positions, action_context=log["action_context"],
                                base_model=sklearn.linear_model.LogisticRegression(max_iter=1000, random_state=12345))
        rewards = model.fit_predict(context=log["context"], action=log["action"], reward=log["reward"],
                                    pscore=log["pscore"], position=log["position"], n_folds=3, random_state=12345)

        at = numpy.arange(rounds)
        target = action_dist[at, log["action"], log["position"]]
        predicted = rewards[at, log["action"], log["position"]]
        expected = (action_dist[at, :, log["position"]] * rewards[at, :, log["position"]]).sum(axis=1)
        path = os.path.join(scratch, "log.tsv")
        with open(path, "w") as file:
            print("user", "item", "rank", "reward", "propensity", "target", "predicted", "expected", sep="\t", file=file)
            for row in zip(at, log["action"], log["position"] + 1, log["reward"], log["pscore"], target, predicted,
                           expected):
                print(*(value.item() for value in row), sep="\t", file=file)

        worst, count = 0.0, 0

        def agree(what, ours, reference, tolerance=TOLERANCE):
            nonlocal worst, count
            difference = abs(ours - reference) / abs(reference)
            if not difference <= tolerance:
                sys.exit(f"FAILED {what}: rec-eval {ours!r}, reference {reference!r}")
            worst, count = max(worst, difference), count + 1

        for switch, shrinkage in ((0.5, 0.1), (1.0, 1.0), (5.0, 100.0)):
            ours = run(tool, path, "-m", "logged,ips,snips,dm,dr,sndr,switch_dr,dros", "--by-rank",
                       "--switch-weight", str(switch), "--shrinkage", str(shrinkage))
            obp = {"ips": estimators.InverseProbabilityWeighting(),
                   "snips": estimators.SelfNormalizedInverseProbabilityWeighting(),
                   "dm": estimators.DirectMethod(), "dr": estimators.DoublyRobust(),
                   "sndr": estimators.SelfNormalizedDoublyRobust(),
                   "dros": estimators.DoublyRobustWithShrinkage(lambda_=shrinkage)}
            obp["switch_dr"] = estimators.SwitchDoublyRobust()  # no dataclass in 0.4.1: it takes no argument
            obp["switch_dr"].tau = switch
            for segment in ("all", *(str(rank + 1) for rank in range(positions))):
                rows = at if segment == "all" else at[log["position"] == int(segment) - 1]
                agree(f"logged, {segment}", ours["logged", segment], log["reward"][rows].mean())
                for name, estimator in obp.items():
                    value = estimator.estimate_policy_value(
                        reward=log["reward"][rows], action=log["action"][rows], position=log["position"][rows],
                        pscore=log["pscore"][rows], action_dist=action_dist[rows],
                        estimated_rewards_by_reg_model=rewards[rows])
                    agree(f"{name}, rank {segment}, switch {switch}, shrinkage {shrinkage}", ours[name, segment], value)
        for name in ("logged", "ips", "snips", "dm", "dr", "sndr", "effective_sample_size", "mean_weight"):
            print(f"{name}\t{ours[name, 'all']!r}")
        print(f"{count} values agree with obp, largest relative difference {worst:.2g}")
        for name, (value, tolerance) in PUBLISHED.items():
            if not abs(round(ours[name, "all"], 6) - value) <= tolerance * value:
                sys.exit(f"FAILED: {name} is {ours[name, 'all']!r}, obp publishes {value}")
            print(f"{name}: {ours[name, 'all']:.6f}, published {value}")


main()
