"""What the samples of one load say: ratios with their intervals, and whether each move ended as it should."""

import ratio

METRICS = (("gap_s", "guest silent"), ("call_s", "whole call"))
# Times the best peer's: silence, and the whole call where it counts.
AIMS = {"vmferry-copy": (1.0, 1.1)}
AIMED_GAP = 0.7


def compare(samples, tools):
    """Ratios of the medians of the moves that came to their end, for each metric and peer."""
    moved = {tool: [one for one in samples if one["tool"] == tool and one["end"] == "moved"] for tool in tools}
    rows = []
    for name, title in METRICS:
        for peer in tools[1:]:
            ours, theirs = ([sample[name] for sample in moved[tool]] for tool in (tools[0], peer))
            found = ratio.of_medians(ours, theirs)._asdict() if ours and theirs else {}
            rows.append({"metric": title, "peer": peer, **found, "ours_median_s": ratio.median(ours) if ours else None,
                         "peer_median_s": ratio.median(theirs) if theirs else None})
    return rows


def ends(samples, tools):
    """{tool: {"moved": .., "back": .., "unclean": .., "of": ..}}."""
    return {tool: {**{end: sum(one["tool"] == tool and one["end"] == end for one in samples)
                      for end in ("moved", "back", "unclean")},
                   "of": sum(one["tool"] == tool for one in samples)} for tool in tools}


def verdict(rows, counted, tools):
    """One sentence on the best peer: the shortest median silence among those that move the guest at all."""
    gaps = {row["peer"]: row for row in rows if row["metric"] == METRICS[0][1] and "value" in row}
    able = [peer for peer in gaps if 2 * counted[peer]["moved"] >= counted[peer]["of"]]
    unclean = counted[tools[0]]["unclean"]
    clean = f"{tools[0]} ended cleanly in {counted[tools[0]]['of'] - unclean} of {counted[tools[0]]['of']}"
    if not able:
        return {"clean": not unclean, "text": f"{clean}; no peer moved the guest in half of its moves, "
                                              "or vmferry did not: nothing to compare"}
    best = min(able, key=lambda peer: gaps[peer]["peer_median_s"])
    aims = zip(METRICS, AIMS.get(tools[0], (AIMED_GAP,)))
    found = [(title, next(row["value"] for row in rows if row["metric"] == title and row["peer"] == best), aim)
             for (_, title), aim in aims]
    told = ", ".join(f"{title} {value:.2f} x, aimed at {aim}: {'met' if value <= aim else 'MISSED'}"
                     for title, value, aim in found)
    return {"clean": not unclean, "best": best, "gap_ratio": found[0][1],
            "met": all(value <= aim for _, value, aim in found),
            "text": f"{clean}; against the best peer, {best}: {told}"}


def _milliseconds(seconds):
    return "-" if seconds is None else f"{seconds * 1000:.0f} ms"


def table(rows, counted, sentence, tools):
    """Markdown."""
    lines = ["| metric | peer | ratio | 90 % interval | ours | peer's | moved: ours, peer's |",
             "|---|---|---|---|---|---|---|"]
    for row in rows:
        of_medians = f"**{row['value']:.2f}** | {row['low']:.2f} to {row['high']:.2f}" if "value" in row else "- | -"
        ours, peer = counted[tools[0]], counted[row["peer"]]
        lines.append(f"| {row['metric']} | {row['peer']} | {of_medians} | {_milliseconds(row['ours_median_s'])} | "
                     f"{_milliseconds(row['peer_median_s'])} | {ours['moved']} of {ours['of']}, "
                     f"{peer['moved']} of {peer['of']} |")
    return "\n".join(lines) + f"\n\n{sentence}.\n"
