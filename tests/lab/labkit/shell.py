"""Running commands: one place that decides what a failure looks like."""

import subprocess


class LabError(Exception):
    """Something the lab needs did not work; the text says what and why."""


def run(argv, stdin=None, check=True, timeout=60):
    """Run a command to its end and return the CompletedProcess (text)."""
    try:
        done = subprocess.run(
            [str(word) for word in argv], input=stdin, text=True, timeout=timeout,
            capture_output=True, stdin=subprocess.DEVNULL if stdin is None else None)
    except subprocess.TimeoutExpired as error:
        raise LabError(f"no end within {timeout} s: {' '.join(map(str, argv))}") from error
    if check and done.returncode != 0:
        text = (done.stderr or done.stdout).strip()
        raise LabError(f"{' '.join(map(str, argv))}: exit {done.returncode}: {text}")
    return done


def output(argv, **options):
    """The stdout of a command that must succeed."""
    return run(argv, **options).stdout
