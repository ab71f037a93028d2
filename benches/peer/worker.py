"""A process of its own for each peer: a compilation that hangs can be ended, one that fails leaves nothing behind, and the
thread pools of two libraries do not meet. `python -m peer.worker NAME` answers lines of JSON, `Worker` is the other end."""
import json
import os
import select
import statistics
import subprocess
import sys
import tempfile
import time

EXACT = ["jax-hessian", "jax-scan", "jax-folx"]
EXACT += ["torch-loop", "torch-loop-compiled", "torch-hessian", "torch-hessian-compiled", "torch-products-compiled"]
OTHERS = ["jax", "torch", "torch-compiled"]
# The peers that have each objective.
PEERS = {"esm": EXACT, "ssm": OTHERS, "ssm_vr": OTHERS, "dsm": OTHERS}


# Seconds of steps on a GPU between two looks at the clock.
BURST = 0.02


class Failed(Exception):
    """Why a peer has no number."""


class Worker:
    """A peer, asked from outside. Once failed, `make` starts it afresh."""

    def __init__(self, name, device="cpu", products="3xtf32"):
        self.name, self.device, self.products, self.process = name, device, products, None

    def make(self, objective, shape, patience):
        """Builds a step and warms it up. Gives its first `loss`, and the `seconds` of a step."""
        if self.process is None:
            self.errors = tempfile.TemporaryFile()
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self.errors}
            here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
            command = [sys.executable, "-m", "peer.worker", self.name, self.device, self.products]
            self.process = subprocess.Popen(command, cwd=here, **pipes)
        return self.ask({"make": [objective, shape]}, patience)

    def time(self, seconds, patience):
        """Median seconds of a step over `seconds`: of three steps at least, but of one if that takes three times as long."""
        return self.ask({"time": seconds}, patience)["seconds"]

    def ask(self, question, patience):
        try:
            self.process.stdin.write(json.dumps(question).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # It has ended, and reading says how.
        ready, _, _ = select.select([self.process.stdout], [], [], patience)
        line = self.process.stdout.readline() if ready else b""
        answer = json.loads(line) if line else {}
        if line and "error" not in answer:
            return answer
        reason = answer.get("error") or (self.last_words() if ready else f"no answer in {patience:.0f} s")
        self.end()
        raise Failed(reason)

    def last_words(self):
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").split("\n")
        return "ended: " + next((line for line in reversed(lines) if line.strip()), "without a word")

    def end(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def reason(error):
    """What an exception says, in one line; the compilers of PyTorch put it after a general remark."""
    lines = [line.strip() for line in str(error).split("\n") if line.strip()] or [""]
    cause = [line for line in lines if line.startswith(("Developer debug context:", "got RuntimeError"))]
    text = (cause or lines)[0].removeprefix("Developer debug context:").strip()
    return f"{type(error).__name__}: {text}"[:200]


def timed(step, count=1):
    """Seconds of a step: `count` of them, one after the other, and then the wait for the last."""
    start = time.perf_counter()
    for _ in range(count):
        step.one()
    step.wait()
    return (time.perf_counter() - start) / count


def answer(steps, state, question, device):
    if "make" in question:
        from .network import Network
        objective, shape = question["make"]
        state["step"] = None
        state["step"] = step = steps[objective](Network(shape))
        loss = step.loss()
        timed(step)
        seconds = timed(step)
        # On a GPU a step is called before the one before it is done.
        state["burst"] = max(1, int(BURST / seconds)) if device != "cpu" else 1
        return {"loss": loss, "seconds": seconds}
    seconds, times, start = question["time"], [], time.perf_counter()
    while not times or (took := time.perf_counter() - start) < seconds or (len(times) < 3 and took < 3 * seconds):
        times.append(timed(state["step"], state["burst"]))
    return {"seconds": statistics.median(times)}


def main(name, device, products):
    # What libraries print goes elsewhere than the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    if name.startswith("jax"):
        from .in_jax import PEERS, settle
    else:
        from .in_torch import PEERS, settle
    settle(device, products)
    state = {}
    for line in sys.stdin:
        try:
            said = answer(PEERS[name], state, json.loads(line), device)
        except Exception as error:  # Whatever a compiler raises is the reason that is printed.
            said = {"error": reason(error)}
        print(json.dumps(said), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
