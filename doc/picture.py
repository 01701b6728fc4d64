#!/usr/bin/env python3
"""Draws what a command has printed, as a picture of a terminal.

Usage: ./dev demo | doc/picture.py draw './dev demo' > doc/demo.svg
       doc/picture.py same PICTURE.svg < TEXT   whether it is the same text but for its numbers

Nothing in a picture is made up: what it shows is what was read, but for the end of a kernel's
release ("6.1.0-18-amd64" is "6.1.0"), which is the machine's business.
"""
import difflib
import html
import re
import sys

WIDTH, HEIGHT, LEFT, TOP = 8.4, 19, 20, 58  # of a character, of a line; where the text begins
HEADING = re.compile(r"(  .+\?  )(\$ .*)")
ROW = re.compile(r'<text class="line"[^>]*>(.*?)</text>')
STYLE = """.line{font:14px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#d8dee9;white-space:pre}
.bold{font-weight:bold;fill:#fff}.dim{fill:#7b8794}"""


def cleaned(text):
    """The lines that are shown."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = re.sub(r"( on Linux [0-9.]+)\S*", r"\1", text)
    return [line.rstrip() for line in text.strip("\n").split("\n")]


def span(kind, text):
    return f'<tspan class="{kind}">{html.escape(text, quote=False)}</tspan>'


def styled(line, number):
    heading = HEADING.fullmatch(line)
    if heading:
        return span("bold", heading[1]) + span("dim", heading[2])
    return span("bold", line) if number <= 1 else html.escape(line, quote=False)


def draw(command):
    lines = [f"$ {command}"] + cleaned(sys.stdin.read())
    width = round(max(map(len, lines)) * WIDTH + 2 * LEFT)
    height = round(len(lines) * HEIGHT + TOP + 8)
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
          f'viewBox="0 0 {width} {height}">\n<title>{html.escape(command)}</title>\n<style>{STYLE}</style>\n'
          f'<rect width="{width}" height="{height}" rx="10" fill="#1d2330"/>')
    for place, colour in enumerate(("#ff5f57", "#febc2e", "#28c840")):
        print(f'<circle cx="{24 + 20 * place}" cy="22" r="6" fill="{colour}"/>')
    for number, line in enumerate(lines):
        if line:
            print(f'<text class="line" xml:space="preserve" x="{LEFT}" y="{TOP + number * HEIGHT}">'
                  f'{styled(line, number)}</text>')
    print("</svg>")


def text_of(picture):
    """The lines in a picture, without the command."""
    with open(picture, encoding="utf-8") as file:
        rows = [html.unescape(re.sub(r"<[^>]*>", "", row)) for row in ROW.findall(file.read())]
    return rows[1:]


def compared(line):
    """A line without what differs from one machine to the next."""
    line = re.sub(r"^( *)/ \w+$", r"\1/ FILESYSTEM", line)  # of the directory for temporary files
    line = re.sub(r"\b(USER|root) +(TIME|\d+:\d\d) ", r"\1 ", line)  # some busybox has that column
    return re.sub(r"\s+", " ", re.sub(r"\d+(\.\d+)*", "N", line)).strip()


def same(picture):
    """Compares what both say, whatever numbers there are and however wide they made a column."""
    said, seen = ([compared(line) for line in lines if line]
                  for lines in (text_of(picture), cleaned(sys.stdin.read())))
    sys.stdout.writelines(difflib.unified_diff([line + "\n" for line in said], [line + "\n" for line in seen],
                                               "picture", "printed"))
    return said != seen


if __name__ == "__main__":
    if sys.argv[1] == "draw":
        draw(sys.argv[2])
    else:
        sys.exit(same(sys.argv[2]))
