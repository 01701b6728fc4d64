#!/usr/bin/env python3
"""Compares what lsns says with what ct_ns_list says.

Usage: compare_lsns.py BEFORE.json LSNS.json AFTER.json OWN...

BEFORE and AFTER are ours, LSNS is "lsns -o NS,TYPE,NPROCS,PID,USER --json", made between
them. OWN are the ids of the namespaces that lsns itself was in: there it counts itself.
A namespace whose lowest process changed from BEFORE to AFTER is left out; where processes
were added or ended between, any number from the one to the other will do. Exits with 1 and
names each difference, with 2 if there was nothing to compare.
"""
import json
import pwd
import sys


def user_name(uid):
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def ours(path):
    with open(path, encoding="utf-8") as file:
        rows = json.load(file)["namespaces"]
    return {row["id"]: row for row in rows if row["nprocs"]}


def theirs(path):
    with open(path, encoding="utf-8") as file:
        rows = json.load(file)["namespaces"]
    # A number is a string where lsns is old; a namespace without process has none.
    return {int(row["ns"]): row for row in rows if int(row["nprocs"] or 0)}


def differences(before, after, lsns_row, lsns_itself):
    expected = {"type": before["kind"], "pid": before["pid"], "user": user_name(before["uid"])}
    for key, value in expected.items():
        found = int(lsns_row[key]) if key == "pid" else lsns_row[key]
        if found != value:
            yield f"{before['name']}: {key} is {found} for lsns, {value} for us"
    least, most = sorted(row["nprocs"] + lsns_itself for row in (before, after))
    if not least <= int(lsns_row["nprocs"]) <= most:
        yield f"{before['name']}: {lsns_row['nprocs']} processes for lsns, {least} to {most} for us"


def is_same(before, after):
    return all(before[key] == after[key] for key in ("kind", "pid", "uid"))


def main(before_path, lsns_path, after_path, *own):
    before, lsns, after = ours(before_path), theirs(lsns_path), ours(after_path)
    both = [ns for ns in before if ns in after and is_same(before[ns], after[ns])]
    found = [f"{lsns[ns]['type']}:[{ns}] is unknown to us" for ns in lsns if ns not in before and ns not in after]
    for ns in both:
        if ns not in lsns:
            found.append(f"{before[ns]['name']} is unknown to lsns")
        else:
            found += differences(before[ns], after[ns], lsns[ns], str(ns) in own)
    print("\n".join(found) or f"{len(both)} namespaces agree")
    if not both:
        return 2
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
