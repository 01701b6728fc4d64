#!/usr/bin/env python3
"""Somebody at a terminal: runs a program on a new pseudo-terminal and does what the steps say.

Usage: type.py STEP... -- PROGRAM [ARGUMENT...]

    see TEXT        wait until TEXT has been shown since the last step that saw something
    type TEXT       type it; \\n, \\003 and the like are what they are in C
    mode raw|cooked wait until the terminal has this mode
    send SIGNAL     send it to the program: TERM, KILL, ...
    run COMMAND     run it in a shell; {pid} is the program, {child} its first child that is no keeper
    size ROWS COLS  give the terminal another size
    count N         wait until N bytes have been shown since the last step that saw something
    stopped         wait until the program is stopped
    hangup          close the terminal

Then it waits for the end of the program, reading all. Prints what was shown, and as the last line
"code N" or "signal N" and whether the modes of the terminal are those of before: "same" or
"changed"; "gone" if it has hung up.
"""
import errno
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time

PATIENCE_S = 100


class Terminal:
    def __init__(self, program):
        self.master, self.slave = pty.openpty()
        self.resize(33, 101)
        # Not the modes that a new one has anyway.
        modes = termios.tcgetattr(self.slave)
        modes[3] &= ~termios.ECHOK
        modes[6][termios.VERASE] = b"\x08"
        termios.tcsetattr(self.slave, termios.TCSANOW, modes)
        self.before = termios.tcgetattr(self.slave)
        self.shown = self.unseen = b""
        self.at_end = False
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
            for stream in range(3):
                os.dup2(self.slave, stream)
            os.closerange(3, 256)
            os.execv(program[0], program)

    def resize(self, rows, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        """Whether something was shown in this time."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            got = os.read(self.master, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            got = b""
        self.at_end = not got
        self.shown += got
        self.unseen += got
        return bool(got)

    def wait(self, is_there, what):
        end = time.monotonic() + PATIENCE_S
        while not is_there():
            if time.monotonic() > end:
                sys.exit(f"{what} did not come; shown was: {self.shown!r}")
            self.read(0.02)

    def see(self, text):
        wanted = text.encode()
        self.wait(lambda: wanted in self.unseen, repr(text))
        self.unseen = self.unseen[self.unseen.index(wanted) + len(wanted):]

    def count(self, number):
        self.wait(lambda: len(self.unseen) >= number, f"{number} bytes")
        self.unseen = self.unseen[number:]

    def is_raw(self):
        return not termios.tcgetattr(self.slave)[3] & (termios.ICANON | termios.ECHO)

    def state(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0]

    def end(self):
        status = None
        while status is None:
            done, value = os.waitpid(self.pid, os.WNOHANG)
            if done:
                status = value
            elif self.master is None:
                time.sleep(0.02)
            else:
                self.read(0.02)
        while self.master is not None and self.read(0):
            pass
        if os.WIFSIGNALED(status):
            return f"signal {os.WTERMSIG(status)}"
        return f"code {os.WEXITSTATUS(status)}"

    def modes(self):
        if self.master is None:
            return "gone"
        return "same" if termios.tcgetattr(self.slave) == self.before else "changed"


def child_of(pid):
    """The container's process: a child that is no keeper, which has no other mnt namespace."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        for child in file.read().split():
            if os.readlink(f"/proc/{child}/ns/mnt") != os.readlink(f"/proc/{pid}/ns/mnt"):
                return child
    return "none"


def main():
    words = sys.argv[1:]
    steps, program = words[:words.index("--")], words[words.index("--") + 1:]
    terminal = Terminal(program)
    while steps:
        verb, steps = steps[0], steps[1:]
        taken = {"stopped": 0, "hangup": 0, "size": 2}.get(verb, 1)
        words, steps = steps[:taken], steps[taken:]
        if verb == "see":
            terminal.see(words[0].encode().decode("unicode_escape"))
        elif verb == "type":
            os.write(terminal.master, words[0].encode().decode("unicode_escape").encode("latin-1"))
        elif verb == "mode":
            terminal.wait(lambda: terminal.is_raw() == (words[0] == "raw"), f"mode {words[0]}")
        elif verb == "send":
            os.kill(terminal.pid, getattr(signal, "SIG" + words[0]))
        elif verb == "run":
            command = words[0].replace("{pid}", str(terminal.pid))
            command = command.replace("{child}", child_of(terminal.pid))
            subprocess.run(command, shell=True, check=True)
        elif verb == "size":
            terminal.resize(int(words[0]), int(words[1]))
        elif verb == "count":
            terminal.count(int(words[0]))
        elif verb == "stopped":
            terminal.wait(lambda: terminal.state() == "T", "the stop")
        elif verb == "hangup":
            os.close(terminal.slave)
            os.close(terminal.master)
            terminal.master = None
        else:
            sys.exit(f"no such step: {verb}")
    how = terminal.end()
    sys.stdout.flush()
    sys.stdout.buffer.write(terminal.shown)
    print(f"\n{how}, modes {terminal.modes()}")


main()
