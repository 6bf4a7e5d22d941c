#!/usr/bin/env python3
"""Compares rec-eval's statistics with scipy, statsmodels and scikit-learn.

    tests/property/compare_statistics.py path/to/rec-eval [ROUNDS]

Random experiments (two to four variants, counts or one row an impression, users
with several rows): Wilson intervals, two-proportion z, Holm and the split against
statsmodels and scipy; t, p and intervals by user against the delta method written
with numpy's covariances and, where every user has one impression, scipy's Welch
test; satisfaction against scipy's t interval. Predictions with ties and weights:
auc, gauc, logloss, rmse, ece against scikit-learn and numpy. Policy logs: ips,
snips, dr and its kin against numpy. All to a relative 1e-9. Needs python3 packages numpy,
scipy, scikit-learn and statsmodels; without them it says so and exits 77, which
ctest takes for "skipped".
"""
import math
import os
import random
import subprocess
import sys
import tempfile

try:
    import numpy
    import scipy.stats
    import sklearn.metrics
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.proportion import proportion_confint, proportions_ztest
except ImportError as error:
    print(f"skipped: {error} (pip install scipy scikit-learn statsmodels)")
    sys.exit(77)

TOLERANCE = 1e-9


class Checks:
    def __init__(self):
        self.count, self.worst = 0, 0.0

    def close(self, what, ours, reference):
        if math.isnan(reference) and math.isnan(ours):
            self.count += 1
            return
        difference = abs(ours - reference) / max(1e-3, abs(reference))
        if not difference <= TOLERANCE:
            sys.exit(f"FAILED {what}: rec-eval {ours!r}, reference {reference!r}")
        self.count += 1
        self.worst = max(self.worst, difference)


def run(tool, path, *options):
    result = subprocess.run([tool, "-q", *options, path], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{tool} {' '.join(options)}: exit {result.returncode}\n{result.stderr}")
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    number = lambda text: float(text) if text else math.nan
    return {row[0]: tuple(number(field) for field in row[1:]) for row in rows if row[0] != "metric"}


def write(path, header, rows):
    with open(path, "w") as file:
        for row in [header, *rows]:
            file.write("\t".join(map(str, row)) + "\n")


def ratio(x, y):
    """Value, variance and freedom of Σx / Σy by the delta method, with covariances."""
    x, y = numpy.array(x, float), numpy.array(y, float)
    keep = (x != 0) | (y != 0)
    x, y = x[keep], y[keep]
    n = len(x)
    if n < 2 or y.sum() == 0:
        return (x.sum() / y.sum() if y.sum() else math.nan), math.nan, n - 1
    cov = numpy.cov(x, y, ddof=1)
    mx, my = x.mean(), y.mean()
    return mx / my, (cov[0, 0] / my**2 - 2 * mx * cov[0, 1] / my**3 + mx**2 * cov[1, 1] / my**4) / n, n - 1


def compare_experiment(tool, path, rng, checks):
    one_row_each = rng.random() < 0.4
    variants = [f"v{n}" for n in range(rng.randint(2, 4))]
    by_row = one_row_each or rng.random() < 0.5
    users, rows = {}, []
    for n in range(rng.randint(40, 400)):
        variant, rate = rng.choice(variants), rng.random() * 0.6
        sums = users.setdefault((f"u{n}", variant), [0, 0, 0, 0, 0.0])
        for _ in range(1 if one_row_each else rng.randint(1, 8)):
            impressions = 1 if by_row else rng.randint(0, 9)
            clicks = sum(rng.random() < rate for _ in range(impressions))
            conversions = sum(rng.random() < 0.3 for _ in range(clicks))
            rating = rng.randint(1, 5) if rng.random() < 0.8 else ""
            rows.append((f"u{n}", "i", variant, *((clicks, conversions) if by_row else (impressions, clicks, conversions)), rating))
            for at, value in enumerate((impressions, clicks, conversions, rating != "", rating or 0)):
                sums[at] += value
    rng.shuffle(rows)
    columns = ("click", "conversion") if by_row else ("impressions", "clicks", "conversions")
    write(path, ("user", "item", "variant", *columns, "rating"), rows)
    control, confidence = rng.choice(variants), rng.choice((0.8, 0.95, 0.99))
    split = [rng.randint(1, 3) for _ in variants]
    ours = run(tool, path, "-m", "ctr,cr,cvr,satisfaction", "--control", control, "--confidence", str(confidence),
               "--expected-split", ",".join(f"{v}={s}" for v, s in zip(variants, split)))
    holm = {}
    for metric, (part, whole) in {"ctr": (1, 0), "cr": (2, 1), "cvr": (2, 0), "satisfaction": (4, 3)}.items():
        estimates, totals = {}, {}
        for variant in variants:
            mine = [sums for (_, its), sums in users.items() if its == variant]
            estimates[variant] = ratio([s[part] for s in mine], [s[whole] for s in mine])
            totals[variant] = (sum(s[part] for s in mine), sum(s[whole] for s in mine))
            value, variance, freedom = estimates[variant]
            if metric == "satisfaction":
                half = scipy.stats.t.ppf((1 + confidence) / 2, freedom) * math.sqrt(variance)
                low, high = value - half, value + half
            else:
                low, high = proportion_confint(*totals[variant], alpha=1 - confidence, method="wilson")
            for what, at, reference in (("value", 0, value), ("low", 1, low), ("high", 2, high)):
                checks.close(f"{what} of {metric}[{variant}]", ours[f"{metric}[{variant}]"][at], reference)
        c, vc, fc = estimates[control]
        for variant in variants:
            if variant == control:
                continue
            t, vt, ft = estimates[variant]
            if not (vc + vt > 1e-20 and c > 0 and t > 0):  # the two disagree on what 0/0 is; unit tests say ours
                holm[f"{metric}.p_holm[{variant}]"] = ours[f"{metric}.p[{variant}]"][0]
                continue
            freedom = (vc + vt) ** 2 / (vc**2 / fc + vt**2 / ft)
            quantile = scipy.stats.t.ppf((1 + confidence) / 2, freedom)
            statistic = (t - c) / math.sqrt(vc + vt)
            p = 2 * scipy.stats.t.sf(abs(statistic), freedom)
            spread = math.exp(quantile * math.sqrt(vc / c**2 + vt / t**2))
            half = quantile * math.sqrt(vc + vt)
            expected = {"difference": (t - c, t - c - half, t - c + half), "ratio": (t / c, t / c / spread, t / c * spread),
                        "t": (statistic,), "p": (p,)}
            if metric != "satisfaction":
                both = (totals[variant], totals[control])
                z, z_p = proportions_ztest([n for n, _ in both], [n for _, n in both])
                expected |= {"z": (z,), "z_p": (z_p,)}
            if one_row_each and metric == "ctr":
                mine = lambda name: [s[1] for (_, its), s in users.items() if its == name]
                welch = scipy.stats.ttest_ind(mine(variant), mine(control), equal_var=False)
                expected |= {"t": (welch.statistic,), "p": (welch.pvalue,)}
            for name, values in expected.items():
                for at, reference in enumerate(values):
                    checks.close(f"{metric}.{name}[{variant}] {at}", ours[f"{metric}.{name}[{variant}]"][at], reference)
            holm[f"{metric}.p_holm[{variant}]"] = p
    holm = {name: p for name, p in holm.items() if not math.isnan(p)}
    for name, reference in zip(holm, multipletests(list(holm.values()), method="holm")[1]):
        checks.close(name, ours[name][0], reference)
    counts = [sum(its == variant for _, its in users) for variant in variants]
    chi = scipy.stats.chisquare(counts, [sum(counts) * s / sum(split) for s in split])
    checks.close("split.chi2", ours["split.chi2"][0], chi.statistic)
    checks.close("split.p", ours["split.p"][0], chi.pvalue)


def compare_predictions(tool, path, rng, checks):
    rows, grid, bins = rng.randint(20, 400), rng.choice((5, 10**6)), rng.choice((4, 10))
    label = numpy.array([rng.randint(0, 1) for _ in range(rows)])
    prediction = numpy.array([rng.randint(1, grid - 1) / grid for _ in range(rows)])
    weight = numpy.array([rng.choice((0.5, 1, 2, 7)) for _ in range(rows)])
    user = numpy.array([rng.randint(0, rows // 8) for _ in range(rows)])
    label[:2], user[:2] = (0, 1), (0, 0)
    write(path, ("label", "prediction", "weight", "user"), zip(label, prediction, weight, user))
    ours = run(tool, path, "-m", f"auc,gauc,logloss,rmse,mae,ece@{bins},calibration")
    mine = [user == u for u in sorted(set(user)) if len(set(label[user == u])) == 2]
    error = sum(abs((weight * (prediction - label))[numpy.minimum((prediction * bins).astype(int), bins - 1) == b].sum())
                for b in range(bins))
    score = lambda rows: sklearn.metrics.roc_auc_score(label[rows], prediction[rows], sample_weight=weight[rows])
    reference = {
        "auc": score(numpy.full(rows, True)),
        "gauc": sum(weight[u].sum() * score(u) for u in mine) / sum(weight[u].sum() for u in mine),
        "logloss": sklearn.metrics.log_loss(label, prediction, sample_weight=weight),
        "rmse": math.sqrt(sklearn.metrics.mean_squared_error(label, prediction, sample_weight=weight)),
        "mae": sklearn.metrics.mean_absolute_error(label, prediction, sample_weight=weight),
        f"ece@{bins}": error / weight.sum(),
        "calibration": (weight * prediction).sum() / (weight * label).sum(),
    }
    for name, value in reference.items():
        checks.close(name, ours[name][0], float(value))


def compare_policy(tool, path, rng, checks):
    rows, clip = rng.randint(5, 300), rng.choice((2.0, 1e9))
    user = [rng.randint(0, rows // 2) for _ in range(rows)]
    reward, propensity, target, predicted, expected = (
        numpy.array([low + (high - low) * rng.random() for _ in range(rows)])
        for low, high in ((-1, 4), (0.05, 1), (0, 1), (0, 2), (0, 2)))
    write(path, ("user", "item", "reward", "propensity", "target", "predicted", "expected"),
          [(u, "i", *map(float, rest)) for u, *rest in zip(user, reward, propensity, target, predicted, expected)])
    switch, shrinkage = rng.choice((0.0, 0.7, 3.0)), rng.choice((0.01, 1.0, 500.0))
    ours = run(tool, path, "-m", "logged,ips,snips,dm,dr,sndr,switch_dr,dros", "--clip", str(clip),
               "--switch-weight", str(switch), "--shrinkage", str(shrinkage))
    weight, one = numpy.minimum(target / propensity, clip), numpy.ones(rows)
    terms = {"logged": (reward, one), "ips": (weight * reward, one), "snips": (weight * reward, weight),
             "dm": (expected, one), "dr": (expected + weight * (reward - predicted), one),
             "switch_dr": (expected + weight * (weight <= switch) * (reward - predicted), one),
             "dros": (expected + shrinkage * weight / (weight**2 + shrinkage) * (reward - predicted), one)}
    for name, (part, whole) in terms.items():
        sums = {}
        for u, x, y in zip(user, part, whole):
            sum_ = sums.setdefault(u, [0, 0])
            sum_[0] += x
            sum_[1] += y
        value, variance, freedom = ratio(*zip(*sums.values()))
        half = scipy.stats.t.ppf(0.975, freedom) * math.sqrt(variance)
        for at, reference in enumerate((value, value - half, value + half)):
            checks.close(f"{name} {at}", ours[name][at], float(reference))
    # sndr is a sum of two ratios: its interval by the influence of each user.
    residual = weight * (reward - predicted)
    value, mean_weight = expected.mean() + residual.sum() / weight.sum(), weight.mean()
    influence = (expected - expected.mean()) + (residual - weight * residual.sum() / weight.sum()) / mean_weight
    by_user = numpy.bincount(user, weights=influence)[numpy.unique(user)]
    half = scipy.stats.t.ppf(0.975, len(by_user) - 1) * math.sqrt(
        len(by_user) / (len(by_user) - 1) * (by_user**2).sum()) / rows
    for at, reference in enumerate((value, value - half, value + half)):
        checks.close(f"sndr {at}", ours["sndr"][at], float(reference))
    checks.close("effective_sample_size", ours["effective_sample_size"][0], weight.sum() ** 2 / (weight**2).sum())
    checks.close("mean_weight", ours["mean_weight"][0], weight.mean())
    checks.close("weights_clipped", ours["weights_clipped"][0], int((target / propensity > clip).sum()))


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    tool, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 60
    rng = random.Random(42)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "table.tsv")
        for title, compare in (("experiments", compare_experiment), ("predictions", compare_predictions),
                               ("policy logs", compare_policy)):
            checks = Checks()
            for _ in range(rounds):
                compare(tool, path, rng, checks)
            print(f"{title}: {rounds} inputs, {checks.count} values agree, largest relative difference {checks.worst:.2g}")


if __name__ == "__main__":
    main()
