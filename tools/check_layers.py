#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fails on an include that points upward: each folder may include itself and what its row names."""
import pathlib
import re
import sys

BASE = {"base"}
MODEL = BASE | {"config", "metadata/model"}
ALLOWED = {
    "base": BASE,
    "config": BASE,
    "device": BASE,
    "lock": BASE,
    "archive": BASE,
    "metadata/model": BASE | {"config"},
    "metadata/disk": BASE,
    "metadata/text": MODEL,
    "plan": MODEL,
    "activation": MODEL | {"device"},
    "store": MODEL | {"metadata/text", "metadata/disk", "device"},
}
ALLOWED["ops"] = MODEL | {"metadata/text", "metadata/disk", "device", "lock", "archive", "plan", "activation", "store"}
ALLOWED["report"] = MODEL | {"activation", "ops"}
ALLOWED["nbdkit"] = BASE | {"ops"}
ALLOWED["cli"] = ALLOWED["ops"] | {"ops", "report"}
ALLOWED["capi"] = {"base", "ops", "cli"}

# Libraries that stay in few files: heavy to compile, or the kernel's.
ONLY_IN = {
    "CLI/": {"cli/parse.cc"},
    "spdlog/": {"cli/logging.cc"},
    "nlohmann/": {"cli/json_", "cli/ensure_spec.cc"},
    "libdevmapper.h": {"activation/", "device/filter.cc", "report/engine.cc"},
    "blkid": {"device/signatures.cc", "device/image_partition.cc"},
    "liburing.h": {"device/ring.cc"},
}

SRC = pathlib.Path(__file__).resolve().parent.parent / "src"
INCLUDE = re.compile(r'\s*#\s*include\s*(["<])([^">]+)[">]')


def layer_of(path):
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] == "metadata" else parts[0]


def main():
    problems = []
    for file in sorted(SRC.rglob("*.[hc]*")):
        name = file.relative_to(SRC).as_posix()
        layer = layer_of(name)
        if layer not in ALLOWED and name != "main.cc":  # which may include anything
            problems.append(f"src/{name}: {layer} has no row in ALLOWED")
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            kind, target = match.groups()
            other = layer_of(target)
            if kind == "<" and other in ALLOWED:
                problems.append(f"src/{name}:{number}: <{target}> is our own: it stands in quotes")
            if kind == '"' and layer in ALLOWED:
                if other != layer and other not in ALLOWED[layer]:
                    problems.append(f"src/{name}:{number}: {layer} must not include {other}")
            for library, places in ONLY_IN.items():
                if kind == "<" and target.startswith(library) and not any(name.startswith(p) for p in places):
                    problems.append(f"src/{name}:{number}: <{target}> belongs in {', '.join(sorted(places))}")
    print("\n".join(problems) or "layers: every include points downward")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
