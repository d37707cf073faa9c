"""Runs the real window under an X server of its own and uses it as a person does: with the pointer, the keyboard and what another program lets
go of over it. What stands where is asked of it as a screen reader asks. Only the standard library; the programs come with `test` of installer/packages.*."""
import json
import mmap
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "netns"))
import namespaces  # noqa: E402
import wherry_process  # noqa: E402
from wherry_process import LOOPBACK, PATIENCE, ProgramTest  # noqa: E402

DESKTOP = os.environ.get("WHERRY_DESKTOP", "wherry-desktop")
DRAG_SOURCE = os.environ.get("WHERRY_DRAG_SOURCE", "drag_source")
SCREEN_READER = os.environ.get("WHERRY_SCREEN_READER", "screen_reader")
SCREEN = (1600, 1000)
CLICK_AGAIN = 3  # seconds until a click that has done nothing is made again
LOOK_AGAIN = 0.1  # seconds between two looks at what a window shows
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
"""


def check_tools():
    missing = [tool for tool in ("Xvfb", "xdotool", "dbus-daemon") if not shutil.which(tool)]
    if missing:
        raise RuntimeError(f"missing: {', '.join(missing)}. The lines with `test` in installer/packages.* name their packages; tests/run.sh installs them")


def end(process):
    if process.poll() is None:
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


class Node:
    """Something on the screen that has a role and a name."""

    def __init__(self, told, window):
        self.role, self.name, self.description = told["role"], told["name"], told["description"]
        self.states, self.window = set(told["states"]), window
        self.x, self.y, self.width, self.height = told["at"] or (0, 0, 0, 0)
        self.children = [Node(child, window) for child in told["children"]]

    def all(self):
        yield self
        for child in self.children:
            yield from child.all()

    @property
    def middle(self):
        return self.x + self.width // 2, self.y + self.height // 2

    def holds(self, other):
        x, y = other.middle
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height

    def __repr__(self):
        return f"{self.role} {self.name!r} at {self.x},{self.y} {self.width}x{self.height} {sorted(self.states)}"


class Screen:
    """An X server without a screen, and a message bus on which the window is read."""

    def __init__(self, folder, cleanup, size=SCREEN):
        check_tools()
        folder.mkdir(parents=True, mode=0o700)
        self.size = size
        self.folder = folder
        with (folder / "xvfb.log").open("wb") as log:
            server = subprocess.Popen(["Xvfb", "-displayfd", "1", "-screen", "0", f"{size[0]}x{size[1]}x24", "-nolisten", "tcp", "-fbdir", str(folder)],
                                      stdout=subprocess.PIPE, stderr=log)
        cleanup(end, server)
        display = server.stdout.readline().decode().strip()
        assert display, f"no X server: {(folder / 'xvfb.log').read_text()}"
        socket, config = folder / "bus", folder / "bus.conf"
        config.write_text(BUS.format(path=socket))
        bus = subprocess.Popen(["dbus-daemon", "--nofork", "--nopidfile", "--print-address", "--config-file", str(config)], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
        cleanup(end, bus)
        assert bus.stdout.readline(), "no message bus"
        address = f"unix:path={socket}"
        self.environment = {**os.environ, "DISPLAY": f":{display}", "DBUS_SESSION_BUS_ADDRESS": address, "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
                            "QT_QPA_PLATFORM": "xcb", "QT_QUICK_BACKEND": "software", "QT_SCALE_FACTOR": "1", "LANG": "C.UTF-8", "LANGUAGE": "C",
                            "XDG_CONFIG_HOME": str(folder / "config"), "XDG_DATA_HOME": str(folder / "data"),
                            "XDG_RUNTIME_DIR": str(folder), "WHERRY_NO_DIALOGS": "1"}
        for name in ("WAYLAND_DISPLAY", "XAUTHORITY", "AT_SPI_BUS_ADDRESS", "QT_STYLE_OVERRIDE"):
            self.environment.pop(name, None)

        self.unread = {**self.environment, "DBUS_SESSION_BUS_ADDRESS": "disabled:"}  # a reader reads one program

    def run(self, *words):
        done = subprocess.run(["xdotool", *map(str, words)], env=self.environment, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, f"xdotool {words}: {done.stderr}"
        return done.stdout

    def pixels(self, count):
        """So many pixels from all over the screen, as the X server has them in the file that it maps."""
        with (self.folder / "Xvfb_screen0").open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as whole:
            first = len(whole) - 4 * self.size[0] * self.size[1]  # behind a head of its own
            step = 4 * (self.size[0] * self.size[1] // count | 1)
            return [whole[at:at + 4] for at in range(first, len(whole) - 3, step)]

    def move(self, x, y):
        self.run("mousemove", x, y)

    def click(self, x, y):
        self.run("mousemove", x, y, "click", 1)

    def keys(self, *names):
        self.run("key", *names)

    def type(self, text):
        self.run("type", "--delay", "1", text)


class Window:
    """The program wherry-desktop. `told`: more of its command line; `run_in`: words before it, as of `ip netns exec`; `unread`: a second one on a
    screen, of which it cannot be said what it shows."""

    def __init__(self, screen, home, out, *told, cleanup, run_in=(), mdns=False, unread=False):
        self.screen, self.home, self.out = screen, Path(home), Path(out)
        self.out.mkdir(parents=True, exist_ok=True)
        self._log = (screen.folder / f"{self.home.name}.log").open("ab+")
        cleanup(self._log.close)
        if not unread:
            self.reader = subprocess.Popen([SCREEN_READER], env=screen.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            cleanup(end, self.reader)
            assert self.reader.stdout.readline() == "ready\n", "no reader of the screen"
        network = [] if mdns else ["--no-mdns", "--set", f"network.listen={LOOPBACK}"]
        self.command = [*run_in, DESKTOP, "--home", str(home), "--set", f"receive.out={out}", *network, *told]
        self.process = subprocess.Popen(self.command, env=screen.unread if unread else screen.environment, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)
        cleanup(end, self.process)

    def log(self):
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace")

    def kill(self):
        """As a crash or the system does it: nothing is tidied up."""
        self.process.kill()
        self.process.wait()
        self.reader.stdin.close()
        self.reader.wait()

    def windows(self):
        assert self.process.poll() is None, f"the window has ended with {self.process.returncode}: {self.log()}"
        self.reader.stdin.write("tree\n")
        self.reader.stdin.flush()
        told = json.loads(self.reader.stdout.readline().replace("\u00a0", " ").replace("\\u00a0", " "))  # numbers keep to their units
        return [Node(window, self) for window in told or []]

    def turn(self):
        """Seconds until the window's thread has answered."""
        began = time.monotonic()
        self.reader.stdin.write("turn\n")
        self.reader.stdin.flush()
        assert self.reader.stdout.readline() == "true\n"
        return time.monotonic() - began

    def nodes(self):
        return [node for window in self.windows() for node in window.all()]

    def find(self, name, role=None, enabled=True):
        """Those on the screen whose whole name matches."""
        return [node for node in self.nodes() if re.fullmatch(name, node.name) and role in (None, node.role) and "showing" in node.states and
                node.width > 0 and (not enabled or "enabled" in node.states)]

    def wait_for(self, name, role=None, enabled=True, patience=PATIENCE):
        return self.wait_until(lambda: next(iter(self.find(name, role, enabled)), None), f"{role or 'something'} called {name!r}", patience)

    def is_gone(self, name, role=None):
        return not self.find(name, role, enabled=False)

    def wait_until(self, what, words, patience=PATIENCE):
        limit = time.monotonic() + patience
        while True:
            found = what()
            if found:
                return found
            assert time.monotonic() < limit, f"no {words} within {patience} s in\n{self.story()}"
            time.sleep(LOOK_AGAIN)

    def story(self):
        def lines(node, depth):
            if "showing" in node.states or not depth:
                yield f"{'  ' * depth}{node}"
                for child in node.children:
                    yield from lines(child, depth + 1)
        return "\n".join([line for window in self.windows() for line in lines(window, 0)] + [self.log()[-2000:]])

    def click(self, name, role=None, button=None, until=None):
        """Or a button in it, by its name. `until`: what a click has to bring about; as people do, it is clicked again when that does not happen,
        because it stood still no longer, or not yet, when the pointer got there."""
        limit = time.monotonic() + PATIENCE
        while True:
            self.screen.click(*self.still(name, role, button).middle)
            again = time.monotonic() + CLICK_AGAIN
            while until and time.monotonic() < again:
                if until():
                    return
                time.sleep(LOOK_AGAIN)
            if not until:
                return
            assert time.monotonic() < limit, f"a click on {name!r} does nothing:\n{self.story()}"

    def still(self, name, role=None, button=None):
        def inside():
            outer = next(iter(self.find(name, role)), None)
            return outer and next((node for node in self.find(button, "push button") if outer.holds(node)), None)

        before = None
        while True:
            node = self.wait_until(inside, f"{button!r} in {name!r}") if button else self.wait_for(name, role)
            if before == (node.x, node.y, node.width, node.height):
                return node
            before = (node.x, node.y, node.width, node.height)

    def drop(self, paths, onto, cleanup, role=None):
        """Drags these from another program; returns what that program was told of the end, as "released copy"."""
        source = subprocess.Popen([DRAG_SOURCE, *map(str, paths)], env=self.screen.unread, stdout=subprocess.PIPE, text=True)
        cleanup(end, source)  # it lives on: the files are asked of it after the drop
        assert source.stdout.readline() == "ready\n"
        target = self.still(onto, role)
        x, y = self.screen.size[0] - 30, self.screen.size[1] - 30
        to_x, to_y = target.middle
        run = self.screen.run
        run("mousemove", x, y, "mousedown", 1, "mousemove", x - 10, y - 10)
        released = []
        waiting = threading.Thread(target=lambda: released.append(source.stdout.readline().strip()))
        waiting.start()
        # The pointer comes to rest over the target and moves there until the drag is over: a target that is slow takes part late.
        run("mousemove", (x + to_x) // 2, (y + to_y) // 2, "mousemove", to_x, to_y)
        self.wait_until(lambda: self._hovering(to_x, to_y), "mark that a drop would be taken")
        run("mouseup", 1)
        waiting.join(PATIENCE)
        assert released, f"the drag never ended: {self.story()}"
        return released[0]

    def _hovering(self, x, y):
        self.screen.run("mousemove", x + 2, y, "mousemove", x, y)
        return self.find(r"Drop (to send|here).*", enabled=False)


class DesktopTest(ProgramTest):
    """Windows with homes of their own, each on a screen of its own."""

    def screen(self, name, **options):
        return Screen(self.folder / f"screen-{name}", self.addCleanup, **options)

    def window(self, name, *told, screen=None, **options):
        window = Window(screen or self.screen(name), self.folder / f"home-{name}", self.folder / f"in-{name}", *told, cleanup=self.addCleanup, **options)
        return window

    def command(self, window, *arguments):
        """`wherry` in a terminal of the same person: it uses the engine of the window."""
        return self.run_wherry(*arguments, home=window.home)


__all__ = ["DesktopTest", "LOOPBACK", "PATIENCE", "ProgramTest", "Screen", "Window", "namespaces", "wherry_process"]
