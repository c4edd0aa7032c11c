"""The `run-cases` command: chooses cases, tells each its story in one lab, reports, leaves nothing."""

import argparse
import fnmatch
import random
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path

import cases as tables
from labkit.shell import LabError

from . import case as kinds
from . import catalogue, junit, report
from .ferry import default_binary
from .plain import PlainScene
from .results import LAB, Result, Results
from .scene import Scene
from .stage import Stage

ROOT = LAB.parent.parent
# Not VMFERRY_LAB_NAME: a developer's lab of that name must not be touched.
LAB_NAME = "cases"


class Runner:
    def __init__(self, options):
        self._options = options
        self._binary = options.binary.resolve()
        self._results = Results(options.results, self._binary)
        self._seed = self._results.seed(options.seed, random.SystemRandom().randrange(1 << 31))
        self._stage = Stage(options.lab_name)
        self._done = []

    def run(self, chosen):
        print(f"{len(chosen)} cases, seed {self._seed}, binary {self._binary}", flush=True)
        begin = time.monotonic()
        self._stage.close()  # what a killed run left
        try:
            for case in chosen:
                self._take(case)
                if self._options.report and case.plain:
                    self._take_plain(case)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave half a lab
            self._stage.close()
            if self._options.junit:
                junit.write(self._options.junit, self._done)
            if self._options.report:
                report.write(self._options.report, chosen, self._results)
        verdicts = [result.verdict for result in self._done]
        print(f"{verdicts.count('passed')} passed, {verdicts.count('failed')} failed, "
              f"{verdicts.count('skipped')} skipped in {time.monotonic() - begin:.0f} s", flush=True)
        return 1 if "failed" in verdicts else 0

    def _take(self, case):
        kept = None if self._options.fresh else self._results.passed_before(case.name)
        if kept:
            self._report(kept, "kept  ")
            return
        begin = time.monotonic()
        try:
            problems, remark = self._tell(case)
        except Exception as error:  # whatever it is, the next case still runs
            problems, remark = [_story_of(error)], ""
        result = Result(case.name, "failed" if problems else "passed", round(time.monotonic() - begin, 1),
                        remark, problems)
        self._results.keep(result)
        self._report(result, "FAILED" if problems else "ok    ")
        if problems:
            self._stage.spoil()

    def _take_plain(self, case):
        """The same story with virsh. Whatever it leaves is no failure, but nothing of it is trusted afterwards."""
        name = report.PLAIN + case.plain
        if not self._options.fresh and self._results.passed_before(name):
            return
        begin = time.monotonic()
        try:
            with self._stage.guest(case) as (lab, guest):
                directory = lab.names.work / "ferry" / f"plain-{len(self._done):03}"
                chance = random.Random(f"{self._seed} {case.name}")
                with PlainScene(case, lab, guest, self._binary, directory, chance) as scene:
                    remark = _told_plainly(scene)
            if not scene.is_whole:
                self._stage.drop_guest()
            verdict = "passed"
        except Exception as error:  # the next case still runs
            remark, verdict = _story_of(error), "failed"
            self._stage.spoil()
        result = Result(name, verdict, round(time.monotonic() - begin, 1), remark, [])
        self._results.keep(result)
        print(f"{'virsh ' if verdict == 'passed' else 'UNTOLD'} {result.seconds:6.1f} s  {case.plain:44} {remark}",
              flush=True)

    def _report(self, result, word):
        self._done.append(result)
        print(f"{word} {result.seconds:6.1f} s  {result.name:44} {result.remark}", flush=True)
        for problem in result.problems:
            print("                 " + problem.replace("\n", "\n                 "), flush=True)

    def _tell(self, case):
        """(problems, remark) of one case."""
        chance = random.Random(f"{self._seed} {case.name}")
        with self._stage.guest(case) as (lab, guest):
            directory = lab.names.work / "ferry" / f"{len(self._done):03}"
            scene = None
            try:
                with Scene(case, lab, guest, self._binary, directory, chance) as scene:
                    remark = _judged_story(scene)
                return scene.problems, remark
            finally:
                if scene is None or scene.problems or sys.exc_info()[0]:
                    self._keep_evidence(case, lab, scene, directory)

    def _keep_evidence(self, case, lab, scene, directory):
        place = self._results.directory / "failed" / case.name.replace("/", "-")
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        if directory.exists():
            shutil.copytree(directory, place / "ferry", ignore=shutil.ignore_patterns("tmp", "mnt*"))
        for host in lab.hosts.values():
            for log in (host.work / "log").rglob("*.log"):
                shutil.copy(log, place / f"{host.name}-{log.name}")
        if scene:
            rows = scene.observer.timeline(scene.guest.name, scene.begin - 1)
            (place / "timeline").write_text("".join(f"{when - scene.begin:9.3f}  {text}\n" for when, text in rows))
        print(f"                 evidence: {place}", flush=True)


def _judged_story(scene):
    """Tells the story, judges its end, then migrates again. Returns the remark for the report."""
    case = scene.case
    run = case.story(scene)
    words = []
    if run is not None:
        words.append(str(run))
        if case.expect.exits:
            scene.check_exit(run, *case.expect.exits)
    if case.expect.place != kinds.TOLD:
        words.insert(0, scene.judge(case.expect.place))
        words += _judged_outage(scene)
    if case.again and not scene.problems:
        scene.full_speed()
        scene.rebase()
        scene.move()
    scene.judge_history()
    return ", ".join(words + scene.notes)


def _told_plainly(scene):
    """Tells the story to virsh; what vmferry should have answered is not asked of it."""
    try:
        scene.case.story(scene)
    except LabError as error:
        if "virsh has no" in str(error) or "nothing of libvirt" in str(error):
            raise
        scene.notes.append(str(error).splitlines()[0][:120])
    return scene.left()


def _judged_outage(scene):
    outage, most = scene.outage_s(), scene.case.expect.outage_s
    if outage is None:
        return []
    scene.check(most is None or outage <= most, f"the guest was silent for {outage:.1f} s, allowed are {most} s")
    return [f"gap {outage * 1000:.0f} ms"]


def _story_of(error):
    if isinstance(error, LabError):
        return str(error)
    return "".join(traceback.format_exception(error)).rstrip()


def _chosen(options):
    every = kinds.load_all(tables)
    wanted = [case for case in every if options.scope == "all" or case.core]
    if options.only:
        wanted = [case for case in every if any(fnmatch.fnmatch(case.name, f"{text}*") for text in options.only)]
    index, count = options.shard
    wanted = wanted[index - 1::count]
    # Cases that share a lab and a guest follow each other; else the order is the tables'.
    keys = list(dict.fromkeys((case.profile, case.guest) for case in wanted))
    return sorted(wanted, key=lambda case: keys.index((case.profile, case.guest)))


def _shard(text):
    index, _, count = text.partition("/")
    if not (index.isdigit() and count.isdigit() and 1 <= int(index) <= int(count)):
        raise argparse.ArgumentTypeError("like 1/4")
    return int(index), int(count)


def _options():
    parser = argparse.ArgumentParser(prog="run-cases", description=__doc__)
    parser.add_argument("--scope", choices=("core", "all"), default="core")
    parser.add_argument("--only", action="append", metavar="PATTERN", help="cases whose name begins with PATTERN")
    parser.add_argument("--list", action="store_true", help="names only")
    parser.add_argument("--faults", action="store_true", help="print the catalogue of faults with its cases")
    parser.add_argument("--report", type=Path, metavar="FILE.md",
                        help="tell the stories to plain virsh as well; write FILE.md and FILE.json")
    parser.add_argument("--shard", type=_shard, default=(1, 1), metavar="I/N")
    parser.add_argument("--seed", type=int, help="of random moments; printed by each run")
    parser.add_argument("--fresh", action="store_true", help="repeat what has passed with this binary")
    parser.add_argument("--junit", type=Path, metavar="FILE")
    parser.add_argument("--results", type=Path, default=ROOT / "build/results/lab-cases", metavar="DIRECTORY")
    parser.add_argument("--binary", type=Path, default=default_binary(ROOT),
                        help="default: $VMFERRY, or what tests/run builds")
    parser.add_argument("--lab-name", default=LAB_NAME, help="shards at one time need different ones")
    return parser.parse_args()


def _stop(number, _frame):
    raise SystemExit(128 + number)


def main():
    options = _options()
    chosen = _chosen(options)
    if options.faults:
        print(catalogue.text(kinds.load_all(tables)), end="")
        return 0
    if options.list:
        print("\n".join(case.name for case in chosen))
        return 0
    if not options.binary.exists():
        print(f"run-cases: there is no {options.binary}: build it, or name another with --binary",
              file=sys.stderr)
        return 1
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        return Runner(options).run(chosen)
    except LabError as error:
        print(f"run-cases: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("run-cases: interrupted, the lab is removed", file=sys.stderr)
        return 130
