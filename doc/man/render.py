"""Writes pages, as page.py makes them, for man(1) and for browsers; for these with an index."""
import html
import re
import textwrap

CALL = r"\b(?P<call>ct_[a-z0-9_]+)\(\)"
CONSTANT = r"(?<![\w-])(?:CT_[A-Z0-9_]+\*?|E[A-Z0-9]{3,}|NULL)(?![\w*])"
ROFF_MARK = re.compile(CALL + r"|(?<![\w/])(?P<page>[a-z](?:[\w.+]|\\-)*)\((?P<section>\d)\)|" + CONSTANT)
HTML_MARK = re.compile(CALL + "|" + CONSTANT)
WIDTH = 76


# --------------------------------------------------------------------- roff

def escape(text):
    """Text in which roff sees nothing of its own."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return text.replace("'", "\\(aq").replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")


def roff_text(text):
    """Flowing text, a sentence to a line: roff then knows where sentences end."""
    lines = []
    for sentence in re.sub(r"(?<=[a-z)][.:]) (?=[A-Z])", "\n", text).split("\n"):
        marked = ROFF_MARK.sub(roff_mark, escape(sentence))
        lines += textwrap.wrap(marked, WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join(guard(line) for line in lines)


def roff_mark(match):
    if match["call"]:
        return f"\\fB{match['call']}\\fP(3)"
    if match["page"]:
        return f"\\fB{match['page']}\\fP({match['section']})"
    return f"\\fB{match[0]}\\fP"


def guard(line):
    return "\\&" + line if line.startswith((".", "'")) else line


def roff_code(text):
    lines = [guard(escape(line)) for line in text.expandtabs(8).strip("\n").split("\n")]
    return "\n".join([".in +4n", ".nf", *lines, ".fi", ".in"])


def roff_refs(refs):
    lines = [f".BR {escape(name)} ({section})," for name, section in refs]
    lines[-1] = lines[-1].rstrip(",")
    return "\n".join(lines)


def roff(title, section, version, date, blocks):
    out = [f".TH {title.upper()} {section} \"{date}\" \"libcontainer {version}\" \"libcontainer\"", ".ad l", ".nh"]
    fresh = True  # right behind a heading, where no paragraph is begun
    for kind, *rest in blocks:
        if kind == "head":
            out.append(f".SH {rest[0]}" if " " not in rest[0] else f".SH \"{rest[0]}\"")
        elif kind == "name":
            out.append("\n".join(textwrap.wrap(f"{rest[0]} \\- {escape(rest[1])}", WIDTH,
                                              break_on_hyphens=False)))
        elif kind == "item":
            term = escape(rest[0]) if rest[0] != "-" else "\\(bu"
            out += [".TP" if term != "\\(bu" else ".TP 2", f"\\fB{term}\\fP", roff_text(rest[1])]
        elif kind == "refs":
            out.append(roff_refs(rest[0]))
        else:
            out += [] if fresh else [".PP"]
            out.append(roff_text(rest[0]) if kind == "text" else roff_code(rest[0]))
        fresh = kind == "head"
    return "\n".join(out) + "\n"


# --------------------------------------------------------------------- HTML

STYLE = """body{max-width:46em;margin:2em auto;padding:0 1em;font:16px/1.5 sans-serif}
pre{background:#f4f4f4;padding:.6em;overflow-x:auto}dt{font-weight:bold}h2{font-size:1.1em}
@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}pre{background:#222}a{color:#8bf}}"""


def link(name, section, known):
    text = html.escape(f"{name}({section})")
    return f'<a href="{name}.{section}.html">{text}</a>' if f"{name}.{section}" in known else text


def html_text(text, known):
    return HTML_MARK.sub(lambda match: link(match["call"], "3", known) if match["call"] else
                         f"<b>{match[0]}</b>", html.escape(text, quote=False))


def begin(title):
    return ["<!DOCTYPE html>", '<html lang="en"><head><meta charset="utf-8">', f"<title>{title}</title>",
            f"<style>{STYLE}</style></head><body>"]


def end(out, version):
    return "\n".join(out + [f"<p><small>libcontainer {version}</small></p>", "</body></html>"]) + "\n"


def index(version, headers, known):
    """The page that leads to all others: the calls of each header, with what they are for."""
    out = begin("libcontainer") + ["<h1>libcontainer</h1>", "<p>Containers for any C program: " +
                                   f"{link('libcontainer', '7', known)} is the overview.</p>"]
    for header in headers:
        if header.calls:
            out.append(f'<h2 id="{header.name}">container/{header.name}</h2>\n<dl>')
            out += [f"<dt>{link(call.name, '3', known)}</dt><dd>{html_text(call.purpose, known)}</dd>"
                    for call in header.calls]
            out.append("</dl>")
    return end(out, version)


def page(title, section, version, blocks, known, header):
    """A page; header names the one that it belongs to, or is empty."""
    way = f' / <a href="index.html#{header}">container/{header}</a>' if header else ""
    out = begin(f"{title}({section})") + [f'<p><a href="index.html">libcontainer</a>{way}</p>',
                                          f"<h1>{title}({section})</h1>"]
    for kind, *rest in blocks:
        if kind == "head":
            out.append(f"<h2>{html.escape(rest[0])}</h2>")
        elif kind == "name":
            out.append(f"<p><b>{rest[0]}</b> - {html.escape(rest[1])}</p>")
        elif kind == "item":
            term = html_text(rest[0], known) if rest[0] != "-" else "&bull;"
            out.append(f"<dl><dt>{term}</dt><dd>{html_text(rest[1], known)}</dd></dl>")
        elif kind == "refs":
            out.append("<p>" + ", ".join(link(*ref, known) for ref in rest[0]) + "</p>")
        elif kind == "text":
            out.append(f"<p>{html_text(rest[0], known)}</p>")
        else:
            out.append(f"<pre>{html.escape(rest[0].expandtabs(8), quote=False)}</pre>")
    return end(out, version)
