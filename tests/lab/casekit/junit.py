"""JUnit XML, as tests/support/sum_junit.py and CI systems read it."""

import re
from xml.etree import ElementTree


def write(path, results, suite="lab"):
    root = ElementTree.Element("testsuites")
    element = ElementTree.SubElement(
        root, "testsuite", name=suite, tests=str(len(results)),
        failures=str(sum(result.verdict == "failed" for result in results)),
        skipped=str(sum(result.verdict == "skipped" for result in results)),
        time=f"{sum(result.seconds for result in results):.1f}")
    for result in results:
        case = ElementTree.SubElement(element, "testcase", classname=suite, name=result.name,
                                      time=f"{result.seconds:.1f}")
        text = _printable("\n".join(result.problems))
        if result.verdict == "failed":
            ElementTree.SubElement(case, "failure", message=_printable(result.remark)[:200]).text = text
        elif result.verdict == "skipped":
            ElementTree.SubElement(case, "skipped", message=_printable(result.remark))
        elif result.remark:
            ElementTree.SubElement(case, "system-out").text = _printable(result.remark)
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _printable(text):
    """XML has no place for control characters, which a log may hold."""
    return re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd]", "?", text)
