# SPDX-License-Identifier: LGPL-2.1-or-later
"""Figures of both programs side by side, and straight lines through them."""
import dataclasses
import math


@dataclasses.dataclass
class Figure:
    """A row: costs as bench/measure.cc gives them, None where the program was not run."""
    name: str
    goal: str
    ashlar: dict | None
    lvm2: dict | None
    note: str = ""

    def as_json(self):
        return dataclasses.asdict(self)


# Key, heading, scale, form, width.
COLUMNS = [("cpu", "CPU ms", 1e3, "{:.1f}", 9), ("wall", "wall ms", 1e3, "{:.1f}", 9), ("rss", "peak MiB", 1 / 1024, "{:.1f}", 7),
           ("syscalls", "syscalls", 1, "{:.0f}", 8), ("read", "KiB read", 1 / 1024, "{:.0f}", 8),
           ("written", "KiB writ", 1 / 1024, "{:.0f}", 8)]
SHORT = {"dm_ioctls": "dm ioctls", "udev_waits": "udev waits"}


def shown(cost, key, scale, form):
    return "-" if cost is None or cost.get(key) is None else form.format(cost[key] * scale)


def ratio(figure, key):
    """lvm2's cost as a multiple of Ashlar's."""
    if not figure.ashlar or not figure.lvm2:
        return ""
    ours, theirs = figure.ashlar.get(key), figure.lvm2.get(key)
    if not ours or theirs is None:
        return ""
    return f"{theirs / ours:.1f}"


def print_figures(figures, heading=True):
    """Ashlar / lvm2 / how many times ours theirs is, for every column."""
    if heading:
        print(f"{'work':46}" + "".join(f"  {title + ': ours':>{max(w, len(title) + 6)}} {'lvm2':>{w}} {'x':>6}" for _, title, _, _, w in COLUMNS))
    for figure in figures:
        line = f"{figure.name:46}"
        for key, title, scale, form, width in COLUMNS:
            line += f"  {shown(figure.ashlar, key, scale, form):>{max(width, len(title) + 6)}} {shown(figure.lvm2, key, scale, form):>{width}} {ratio(figure, key):>6}"
        for key, name in SHORT.items():
            if figure.ashlar and key in figure.ashlar:
                line += f"  {name} {figure.ashlar[key]}/{figure.lvm2.get(key) if figure.lvm2 else '-'}"
        print(line + (f"  ({figure.goal})" if figure.goal else ""), flush=True)


def fit_line(points):
    """Least squares a + b*n, weighted by 1/n so that small sizes count; and the steepness between the two largest in a
    double logarithmic plot, 1 for a straight line through the origin."""
    weights = [1 / max(n, 1) for n, _ in points]
    total = sum(weights)
    mean_n = sum(w * n for w, (n, _) in zip(weights, points)) / total
    mean_y = sum(w * y for w, (_, y) in zip(weights, points)) / total
    spread = sum(w * (n - mean_n) ** 2 for w, (n, _) in zip(weights, points))
    slope = sum(w * (n - mean_n) * (y - mean_y) for w, (n, y) in zip(weights, points)) / spread
    base = mean_y - slope * mean_n
    worst = max(abs(base + slope * n - y) / max(y, 1e-9) for n, y in points)
    (n1, y1), (n2, y2) = sorted(points)[-2:]
    steep = math.log(max(y2 - base, 1e-9) / max(y1 - base, 1e-9)) / math.log(n2 / n1) if n2 > n1 else 1.0
    return {"base": base, "slope": slope, "worst": worst, "steep": steep, "points": points}


def print_fit(what, side, cpu, memory):
    print(f"{what:40} {side:7} CPU {cpu['base'] * 1e3:7.2f} ms + n * {cpu['slope'] * 1e6:8.2f} us  (worst point off {cpu['worst']:.0%}, "
          f"exponent {cpu['steep']:.2f});  memory {memory['base'] / 1024:6.1f} MiB + n * {memory['slope']:8.2f} KiB")
