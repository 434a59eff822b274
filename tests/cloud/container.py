"""The relay's container without a container engine: its binary in a root that holds nothing else,
in network, mount and process namespaces of its own, with what the task definition says."""

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

# The port inside through which the relay reaches the API outside.
HOME_PORT = 9000
# linux/prctl.h.
PR_CAPBSET_DROP = 24
CAPABILITIES = 64
LISTENING = "0A"
# Shorter than the start period: nothing is far away here.
HEALTHY_S = 30
# A subnet of both families, whose range of IPv6 is for documentation (RFC 3849).
ADDRESS6 = "2001:db8::2"
NETWORK = [
    "link set lo up",
    "link add net0 type veth peer name net1",
    "link set net1 up",
    "link set net0 up",
    "addr add 10.20.0.2/25 dev net0",
    f"addr add {ADDRESS6}/64 dev net0 nodad",
    "route add default dev net0",
    "-6 route add default dev net0",
]
# What every container has beside its image (OCI runtime specification, "Default devices"), as far
# as a program needs it.
DEVICES = ["dev/null", "dev/random", "dev/urandom"]
CGROUPS = Path("/sys/fs/cgroup")


class Container:
    """A task that runs. `given` has `container` and `task`, both as ECS describes them, the
    program, the API's path and the emulator's port, and secrets by their names."""

    def __init__(self, given):
        self.folder = tempfile.TemporaryDirectory(prefix="sightline-container-")
        root = Path(self.folder.name) / "root"
        for folder in ("dev", "proc"):
            (root / folder).mkdir(parents=True)
        shutil.copy(given["program"], root / "sightline-relay")
        (root / "sightline-relay").chmod(0o755)
        self.door = str(Path(self.folder.name) / "home")
        self.server = forward(listen_unix(self.door), lambda: connect_tcp(given["port"]))
        command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child"]
        self.process = subprocess.Popen(
            [*command, sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.say({**given, "root": str(root), "door": self.door})

    def say(self, words):
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()

    def hears(self):
        """Returns the next report. It says `error` when the machine or the relay refuses."""
        line = self.process.stdout.readline()
        assert line, f"the container's process ended with {self.process.wait(10)}"
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.server.close()
        self.folder.cleanup()


def possible():
    """Returns why this machine plays no container, or nothing."""
    if os.geteuid() != 0:
        return "only root may change its root folder"
    done = subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "true"], capture_output=True, text=True)
    return done.stderr.strip()


# ---- inside ----


def inside():
    given = json.loads(sys.stdin.readline())
    try:
        run(given)
    except Exception as error:
        report(error=f"{type(error).__name__}: {error}")


def run(given):
    container = given["container"]
    for command in NETWORK:
        subprocess.run(["ip", *command.split()], check=True)
    for control in container["systemControls"]:
        Path("/proc/sys", control["namespace"].replace(".", "/")).write_text(control["value"])
    root = Path(given["root"])
    subprocess.run(["mount", "--bind", root, root], check=True)
    for device in DEVICES:
        (root / device).touch()
        subprocess.run(["mount", "--bind", f"/{device}", root / device], check=True)
    subprocess.run(["mount", "-t", "proc", "proc", root / "proc"], check=True)
    if container["readonlyRootFilesystem"]:
        subprocess.run(["mount", "-o", "remount,ro,bind", given["root"]], check=True)
    forward(listen_tcp(), lambda: connect_unix(given["door"]))
    groups = limited(given["task"])
    environment = {one["name"]: one["value"] for one in container["environment"]}
    environment |= given["secrets"]
    environment["SIGHTLINE_HOME"] = f"ws://127.0.0.1:{HOME_PORT}{given['path']}"
    written = Path(given["door"]).with_name("log")
    enter = lambda: become(given["root"], container, groups)
    with open(written, "wb") as log:
        relay = subprocess.Popen(
            ["/sightline-relay"], env=environment, preexec_fn=enter, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
    try:
        healthy_s = waits_until_healthy(container, environment, enter, relay, written)
        memory = memory_of(groups)
        report(healthy_s=healthy_s, ports=ports(), limits=len(groups), memory_mib=memory, log=written.read_text())
        sys.stdin.read()
        begun = time.monotonic()
        relay.send_signal(signal.SIGTERM)
        status = relay.wait(container["stopTimeout"])
        report(status=status, stopped_s=round(time.monotonic() - begun, 1), log=written.read_text())
    finally:
        relay.kill()
        relay.wait()
        for group in groups:
            group.rmdir()


def waits_until_healthy(container, environment, enter, relay, written):
    """Asks as ECS does. Returns after how many seconds the relay was healthy."""
    check = container["healthCheck"]
    assert check["command"][0] == "CMD", check
    begun = time.monotonic()
    while time.monotonic() < begun + min(check["startPeriod"], HEALTHY_S):
        assert relay.poll() is None, f"the relay ended with {relay.returncode}: {written.read_text()[-2000:]}"
        asked = subprocess.run(
            check["command"][1:],
            env=environment,
            preexec_fn=enter,
            timeout=check["timeout"],
            capture_output=True,
            text=True,
        )
        if asked.returncode == 0:
            return round(time.monotonic() - begun, 1)
        # ECS asks every `interval` seconds; a rehearsal has less time.
        time.sleep(0.25)
    raise TimeoutError(f"not healthy in time: {asked.stdout}{asked.stderr}{written.read_text()[-1000:]}")


def become(root, container, groups):
    """Turns this process into one of the container, between fork and exec."""
    for group in groups:
        (group / "cgroup.procs").write_text("0")
    os.chroot(root)
    os.chdir("/")
    assert container["linuxParameters"]["capabilities"]["drop"] == ["ALL"]
    libc = ctypes.CDLL(None)
    for capability in range(CAPABILITIES):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    user, group = (int(part) for part in container["user"].split(":"))
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)


def limited(task):
    """Makes control groups with the task's processor and memory. Returns those that this machine
    lets us make: version 2 has one folder, version 1 has one for each."""
    share = int(task["cpu"]) / 1024
    limits = {
        "memory": {"memory.limit_in_bytes": int(task["memory"]) << 20, "memory.max": int(task["memory"]) << 20},
        "cpu": {"cpu.cfs_quota_us": int(100_000 * share), "cpu.max": f"{int(100_000 * share)} 100000"},
    }
    made = []
    for name, files in limits.items():
        above = CGROUPS / name if (CGROUPS / name).is_dir() else CGROUPS
        group = above / f"sightline-rehearsal-{os.getpid()}-{name}"
        try:
            group.mkdir()
        except OSError:
            continue
        # The other version's file is not there.
        there = [(group / file, value) for file, value in files.items() if (group / file).exists()]
        for file, value in there:
            file.write_text(str(value))
        if there:
            made.append(group)
        else:
            group.rmdir()
    # In version 2 a process is in one group only.
    return made if len({group.parent for group in made}) == len(made) else made[:1]


def memory_of(groups):
    """Returns the most memory that was used, MiB, if a group counts it."""
    for group in groups:
        for name in ("memory.max_usage_in_bytes", "memory.peak"):
            if (group / name).exists():
                return int((group / name).read_text()) >> 20
    return None


def ports():
    """Returns what is listened on in this network, `udp 3478` or `tcp6 443`: on every address of
    IPv4, and on the network's own of IPv6."""
    found = set()
    # Four words of 32 bits, each as this machine has it in memory (proc_pid_net(5)).
    packed = socket.inet_pton(socket.AF_INET6, ADDRESS6)
    own = b"".join(packed[at : at + 4][::-1] for at in range(0, 16, 4)).hex().upper()
    for protocol, wanted in (("udp", "00000000"), ("tcp", "00000000"), ("udp6", own), ("tcp6", own)):
        for line in Path(f"/proc/net/{protocol}").read_text().splitlines()[1:]:
            words = line.split()
            address, port = words[1].split(":")
            if address == wanted and (protocol.startswith("udp") or words[3] == LISTENING):
                found.add(f"{protocol} {int(port, 16)}")
    return sorted(found)


def report(**words):
    print(json.dumps(words), flush=True)


# ---- from one network into the other ----


def forward(listener, connect):
    """Carries each connection that comes to the listener over to another. Returns the listener."""

    def serve():
        while True:
            try:
                near, _ = listener.accept()
                far = connect()
            except OSError:
                return
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=carry, args=(one, other), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return listener


def carry(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        target.close()


def listen_unix(path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    return listener


def connect_unix(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    return connection


def listen_tcp():
    listener = socket.create_server(("127.0.0.1", HOME_PORT))
    listener.listen()
    return listener


def connect_tcp(port):
    return socket.create_connection(("127.0.0.1", port))


if __name__ == "__main__":
    inside()
