"""From a docstring to a page, as a list of blocks that render.py can write.

A block is (kind, text) with one of the kinds head, text, code, or ("item", term, text). Also
says which of the parts that a page must have a docstring lacks.
"""
import re

from headers import LABELS, one_line

CLAIM = {"Changes": "CHANGES IN THE CALLER", "Threads": "THREADS", "Errors": "ERRORS",
         "Needs": "REQUIREMENTS", "Source": "SOURCES", "Since": "HISTORY"}
REFERENCE = re.compile(r"^as (?:for|in|from )?\s*(ct_\w+)\(\)[.,;]?(.*)$", re.IGNORECASE)
ERRNO = re.compile(r"\bE[A-Z0-9]{2,}\b")
MANUAL = re.compile(r"\b([a-z][\w.+-]*)\((\d)\)")
# How a docstring says whose something is and how long it has to live.
OWNERSHIP = re.compile(r"free with|freed|closed? with|borrowed|cop(?:y|ied)|own(?:s|ed)\b|duplicated|"
                       r"stays? (?:as|open)|left open|opened now|not kept|not changed|kept open|"
                       r"lives? as long|constant string|handed|passed to|filled|where to (?:put|write)|"
                       r"looked at during the call|untouched|gone then", re.IGNORECASE)
WIDTH = 72  # of a prototype
UNITS = {"_ms": "millisecond", "_ns": "nanosecond", "_bytes": "byte", "size": "byte", "ticks": "tick"}


class Manual:
    """All headers, and what pages need to know of each other."""

    def __init__(self, headers):
        self.headers = headers
        self.calls = {call.name: call for header in headers for call in header.calls}
        self.types = {name: text for header in headers for name, text in header.types.items()}
        self.constants = {name: text for header in headers for name, text in header.constants.items()}

    def follow(self, text, pick):
        """The text, and behind it what the call says that it refers to; pick finds it there."""
        reference = REFERENCE.match(text.strip())
        seen = set()
        while reference and reference[1] not in seen:
            seen.add(reference[1])
            there = pick(self.calls[reference[1]]) if reference[1] in self.calls else None
            if not there:
                break
            text = text.rstrip().rstrip(".,;") + ": " + there
            reference = REFERENCE.match(there.strip())
        return text

    def param(self, call, name):
        return self.follow(call.about.get(name, ""), lambda other: other.about.get(name))

    def part(self, call, label):
        return self.follow(call.parts.get(label, ""), lambda other: other.parts.get(label))


# ------------------------------------------------------------------- checks

def lacks_cause(text):
    """The errnos of an Errors part beside which no word stands."""
    bare = []
    for clause in re.split(r";|\.(?:\s|$)", text):
        words = re.sub(r"\b(and|or|step|CT_STEP_\w+)\b|[^\w]", " ", ERRNO.sub(" ", clause))
        if not words.strip() and not re.search(r"ct_\w+\(\)", clause):
            bare += ERRNO.findall(clause)
    return [errno for errno in bare if errno != "ENOMEM"]


def needs_owner(type_, name):
    """Whether a parameter or result is something that somebody must own."""
    if name == "err" or re.fullmatch(r"(const )?ct_(?!seccomp_arg|extract_options)\w+ \*", type_):
        return name.startswith("ret_") and type_.endswith("**")
    return type_.endswith("*") or bool(re.search(r"\bfds?$", name))


def complaints(manual, call):
    """What the page of a call would lack, as sentences."""
    found = [f"{call.name}: no {label}" for label in LABELS if label != "Example" and
             not call.parts.get(label)]
    if not call.purpose.endswith(".") or len(call.purpose) > 120:
        found.append(f"{call.name}: the purpose is no short sentence: {call.purpose!r}")
    if [name for _, name in call.params] != list(call.about):
        found.append(f"{call.name}: has {[name for _, name in call.params]}, tells of {list(call.about)}")
    if call.returns != "void" and not call.ret:
        found.append(f"{call.name}: no @return")
    for errno in lacks_cause(call.parts.get("Errors", "")):
        found.append(f"{call.name}: no cause of {errno}")
    for type_, name in call.params:
        said = manual.param(call, name)
        if needs_owner(type_, name) and not OWNERSHIP.search(said):
            found.append(f"{call.name}: whose is {name}? {said!r}")
        for ending, unit in UNITS.items():
            if said and name.endswith(ending) and unit not in said + call.purpose:
                found.append(f"{call.name}: in which unit is {name}? {said!r}")
    if call.returns.endswith("*") and not OWNERSHIP.search(call.ret):
        found.append(f"{call.name}: whose is the result? {call.ret!r}")
    return found


# ------------------------------------------------------------------- blocks

def paragraphs(text):
    """Blocks of a text: what is indented keeps its lines, all else flows."""
    blocks = []
    for part in re.split(r"\n\s*\n", text.strip("\n")) if text.strip() else []:
        flow, lines = [], part.split("\n")
        while lines:
            code = []
            while lines and lines[0].startswith("  "):
                code.append(lines.pop(0))
            if code:
                blocks += [("text", one_line(" ".join(flow)))] * bool(flow) + [("code", "\n".join(code))]
                flow = []
            elif lines[0].startswith("- "):
                blocks += [("text", one_line(" ".join(flow)))] * bool(flow)
                flow = [lines.pop(0)[2:]]
                while lines and re.match(r"  ?\S", lines[0]):
                    flow.append(lines.pop(0))
                blocks.append(("item", "-", one_line(" ".join(flow))))
                flow = []
            else:
                flow.append(lines.pop(0))
        blocks += [("text", one_line(" ".join(flow)))] * bool(flow)
    return blocks


def spread(text):
    """Blocks of a part: a table if it is one, else an item for each errno that it explains."""
    first, _, rest = text.partition("\n")
    indents = [len(line) - len(line.lstrip()) for line in rest.split("\n") if line.strip()]
    rest = "\n".join(line[min(indents, default=0):] for line in rest.split("\n"))
    if re.search(r"^[A-Z]\S*  +\S", rest, re.MULTILINE):
        return [("text", sentence(first)), ("code", rest)]
    return [("text", sentence(one_line(text)))]


def errors(text):
    """Blocks of an Errors part."""
    blocks = spread(text)
    if len(blocks) > 1:
        return blocks
    blocks = []
    for clause in clauses(one_line(text)):
        match = re.match(r"((?:E[A-Z0-9]{2,}(?:, | and | or )?)+)\s*(.*)", clause)
        if match:
            blocks.append(("item", match[1].strip(" ,"), sentence(match[2] or "memory is short")))
        else:
            blocks.append(("text", sentence(clause)))
    return blocks


def clauses(text):
    return [clause.strip() for clause in re.split(r";\s", text) if clause.strip()]


def declarations(manual, call):
    """The types and constants that the page of a call should show."""
    said = " ".join([call.prototype(), call.body, call.ret] +
                    [manual.param(call, name) for _, name in call.params])
    blocks = []
    for name, text in manual.types.items():
        if name != "ct_error" and re.search(rf"\b{name}\b", said):
            blocks.append(("code", text))
    masks = [mask[:-1] for mask in re.findall(r"\bCT_[A-Z_]+_\*", said)]
    lines = [text for name, text in manual.constants.items()
             if any(name.startswith(mask) for mask in masks) and not name.endswith("_INIT")]
    return blocks + [("code", "\n".join(lines))] * bool(lines)


def see_also(manual, call):
    said = " ".join([call.body, call.ret, *call.about.values(), *call.parts.values()])
    ours = sorted(name for name in set(re.findall(r"\b(ct_\w+)\(\)", said))
                  if name in manual.calls and name != call.name)
    theirs = dict.fromkeys(MANUAL.findall(call.parts.get("Source", "")))
    return [(name, "3") for name in ours] + list(theirs) + [("libcontainer", "7")]


def broken(prototype):
    """A long prototype in several lines, broken behind commas."""
    lines, line = [], prototype
    while len(line) > WIDTH:
        cut = line.rindex(", ", 0, WIDTH) + 1
        lines.append(line[:cut])
        line = " " * 8 + line[cut + 1:]
    return "\n".join(lines + [line])


def sentence(text):
    """A part that goes on behind its label, as a sentence of its own."""
    text = text.strip()
    if re.match(r"[a-z]\w*[ ,.:;]", text):
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", ":")) or not text else text + "."


def where_to_look(call):
    """How a caller learns more than the number."""
    if any(name == "err" for _, name in call.params):
        return ("Of each failure err tells step, object, kernel call, a sentence, and in "
                "ct_error.cure what usually helps.")
    if call.name.startswith("ct_spec_") and call.returns == "int":
        return ("The spec remembers the first mistake: ct_spec_check() and ct_spawn() tell it "
                "with a sentence and what usually helps.")
    return ""


def call_page(manual, call):
    """The blocks of a call's page."""
    purpose = call.purpose.rstrip(".")
    blocks = [("head", "NAME"), ("name", call.name, purpose[0].lower() + purpose[1:]),
              ("head", "LIBRARY"), ("text", "Containers for any program (libcontainer, -lcontainer)"),
              ("head", "SYNOPSIS"),
              ("code", f"#include <container/{call.header}>\n\n{broken(call.prototype())}"),
              ("head", "DESCRIPTION"), ("text", call.purpose), *paragraphs(call.body)]
    if call.params:
        blocks.append(("head", "PARAMETERS"))
        blocks += [("item", name, sentence(manual.param(call, name))) for _, name in call.params]
    if call.ret:
        blocks += [("head", "RETURN VALUE"), ("text", sentence(call.ret))]
    for label, title in CLAIM.items():
        text = manual.part(call, label)
        blocks.append(("head", title))
        if label == "Errors":
            blocks += errors(text) + [("text", where_to_look(call))] * bool(where_to_look(call))
        elif label == "Since":
            blocks.append(("text", f"Since libcontainer {text.strip().rstrip('.')}."))
        else:
            blocks += spread(text)
    if call.parts.get("Example"):
        blocks += [("head", "EXAMPLES"), ("text", "A whole program, among the examples: " +
                    one_line(call.parts["Example"]).rstrip(".") + ".")]
    shown = declarations(manual, call)
    if shown:
        blocks += [("head", "TYPES AND CONSTANTS"), *shown]
    return blocks + [("head", "SEE ALSO"), ("refs", see_also(manual, call))]


def overview(manual):
    """The blocks of libcontainer(7): each header's opening comment, and its calls."""
    blocks = [("head", "NAME"), ("name", "libcontainer", "containers for any C program"),
              ("head", "SYNOPSIS"),
              ("code", "#include <container/container.h>\n\n"
                       "cc program.c $(pkg-config --cflags --libs container)"),
              ("head", "DESCRIPTION")]
    for header in manual.headers:
        intro = header.intro
        if header.name == "container.h":
            blocks += paragraphs(intro)
            continue
        blocks += [("head", "container/" + header.name), *paragraphs(intro)]
        if header.name == "error.h":
            blocks.append(("code", header.types["ct_error"]))
        for call in header.calls:
            blocks.append(("item", call.name + "()", call.purpose))
    return blocks + [("head", "SEE ALSO"),
                     ("refs", [("namespaces", "7"), ("cgroups", "7"), ("capabilities", "7"),
                               ("seccomp", "2"), ("clone", "2"), ("pivot_root", "2")])]
