#!/usr/bin/env python3
"""Runs what a document tells its reader to type, and compares what it says will be seen.

Usage: console.py run DOCUMENT RESULT.json [LABEL]   in the current directory
       console.py list RESULT.json              the blocks: a line number and the first command
       console.py check RESULT.json LINE        compare one block, by its line

A block begins with ```console, or with that and a label: then it is for those who ask for that label,
being nothing to type on any machine. In it, a line that begins with "# " is a command, and one with
"> " goes on with it; the lines below are what is seen. All commands of a document are typed
into one bash, one after the other, so a directory or a variable stays as for the reader.

Compared loosely: any amount of white space is the same; a number of one digit is that number,
any longer one just a number; "..." and "…" are anything, alone on a line any lines.
"""
import json
import os
import re
import subprocess
import sys

BLOCK = re.compile(r"^```console(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TOKEN = re.compile(r"\.\.\.|…|\d+(?:\.\d+)+|\d\d+|= \d+|\s+")
MARK = "\x04"
LIMIT_S = 1500  # protects against hangs alone


def commands(block):
    """Pairs of a command and the text below it."""
    found = []
    for line in block.splitlines():
        if line.startswith("# "):
            found.append([line[2:], []])
        elif line.startswith("> ") and not found[-1][1]:
            found[-1][0] += "\n" + line[2:]
        else:
            found[-1][1].append(line)
    return [(command, "\n".join(text)) for command, text in found]


def pattern(text):
    """A regular expression for one line of a document."""
    if text.strip() in ("...", "…"):
        return r"(?:.*\n)*?"
    text = text.strip()
    parts, end = [], 0
    for token in TOKEN.finditer(text):
        parts.append(re.escape(text[end:token.start()]))
        end = token.end()
        if token.group() in ("...", "…"):
            parts.append(r".*")
        elif token.group().isspace():
            parts.append(r"\s+")
        elif token.group().startswith("= "):
            parts.append(r"= \d+")
        else:
            parts.append(r"\d+(?:\.\d+)*")
    return r"[ \t]*" + "".join(parts) + re.escape(text[end:]) + r"[ \t]*\n"


def seen_as_said(said, seen):
    expression = "".join(pattern(line) for line in said.strip("\n").splitlines() if line.strip())
    lines = "".join(line + "\n" for line in seen.splitlines() if line.strip())
    return re.fullmatch(expression, lines) is not None


def run(document, result, label=None):
    with open(document, encoding="utf-8") as file:
        text = file.read()
    blocks = []
    script = "exec 2>&1\n"
    for block in BLOCK.finditer(text):
        if block.group(1) != label:
            continue
        line = text.count("\n", 0, block.start()) + 1
        pairs = commands(block.group(2))
        blocks.append({"line": line, "steps": [{"command": c, "said": s} for c, s in pairs]})
        for command, _ in pairs:
            script += f"printf '{MARK}'\n{command}\n"
    script += "kill -KILL $(jobs -p) 2> /dev/null\n"
    # Files: no process has the script in its arguments, where ps would show it, and what
    # still runs in the background keeps nobody waiting.
    with open(result + ".sh", "w", encoding="utf-8") as file:
        file.write(script)
    with open(result + ".out", "wb") as out:
        subprocess.run(["bash", result + ".sh"], stdin=subprocess.DEVNULL, stdout=out,
                       check=False, timeout=LIMIT_S)
    with open(result + ".out", encoding="utf-8", errors="replace") as out:
        outputs = out.read().split(MARK)[1:]
    steps = [step for block in blocks for step in block["steps"]]
    for number, step in enumerate(steps):
        step["seen"] = outputs[number] if number < len(outputs) else None
    with open(result, "w", encoding="utf-8") as file:
        json.dump(blocks, file)
    return 0 if len(outputs) == len(steps) and steps else 1


def check(result, line):
    with open(result, encoding="utf-8") as file:
        block = next(b for b in json.load(file) if b["line"] == line)
    good = True
    for step in block["steps"]:
        if step["seen"] is None or not seen_as_said(step["said"], step["seen"]):
            good = False
            print(f"# {step['command']}\nshould show:\n{step['said']}\nshowed:\n{step['seen']}")
    return 0 if good else 1


def list_blocks(result):
    with open(result, encoding="utf-8") as file:
        for block in json.load(file):
            print(block["line"], block["steps"][0]["command"].splitlines()[0])
    return 0


if __name__ == "__main__":
    verb, *rest = sys.argv[1:]
    if verb == "run":
        sys.exit(run(*rest))
    if verb == "list":
        sys.exit(list_blocks(*rest))
    sys.exit(check(rest[0], int(rest[1])))
