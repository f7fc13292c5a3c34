"""Each rule of clearance broken in turn: some test must notice. `make mutants` runs them all and writes docs/mutants.md.

`python -m tests.clearance.mutants 2/4` breaks the second quarter of them only, and writes nothing.

Not part of `make test`, for it runs the pure tests of this folder once per broken rule, four seconds each; that every line named here
still exists is (tests/clearance/test_mutants.py).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "photobank" / "clearance"
PURE = ("test_cases.py", "test_ages.py", "test_properties.py", "test_redaction.py")


class Mutant(NamedTuple):
    """A rule in words, and the one line that keeps it: replaced, the rule is broken."""

    rule: str
    file: str
    line: str
    broken: str


MUTANTS = (
    Mutant("A photo that is not ready goes nowhere", "policy.py", "if facts.state is not AssetState.READY:", "if False:"),
    Mutant("A photo in quarantine goes nowhere", "policy.py", "if facts.quarantined:", "if False:"),
    Mutant("A photo locked by hand goes nowhere", "policy.py", "if facts.locked_by_hand:", "if False:"),
    Mutant("A legal hold keeps a photo in", "policy.py", "if facts.hold:", "if False:"),
    Mutant(
        "A redacted face shows nobody",
        "policy.py",
        "face.person_id is not None and not face.redacted",
        "face.person_id is not None",
    ),
    Mutant("A redacted face needs no decision", "policy.py", "if not face.redacted\n        and", "if"),
    Mutant("An ignored face needs no decision", "policy.py", "and face.state is not FaceState.IGNORED\n        ", ""),
    Mutant(
        "A face confirmed as nobody is not settled",
        "policy.py",
        "and not (face.state is FaceState.CONFIRMED and face.person_id is not None)",
        "and face.state is not FaceState.CONFIRMED",
    ),
    Mutant("Somebody named without a box counts", "policy.py", "sorted(boxed | facts.tagged, key=str)", "sorted(boxed, key=str)"),
    Mutant(
        "Only confirmed faces name somebody",
        "policy.py",
        "if face.state is FaceState.CONFIRMED and face.person_id is not None and not",
        "if face.person_id is not None and not",
    ),
    Mutant("Photos still being looked at wait", "policy.py", "if not facts.faces_done:", "if False:"),
    Mutant("A photo of nobody needs somebody to say so", "policy.py", "elif not people and not found:", "elif False:"),
    Mutant(
        "The detector is trusted only where that was set",
        "policy.py",
        "(rules.trust_detector and facts.faces_done)",
        "facts.faces_done",
    ),
    Mutant(
        "A trusted detector must have looked", "policy.py", "(rules.trust_detector and facts.faces_done)", "rules.trust_detector"
    ),
    Mutant(
        "Inside use asks for consent unless the house has a basis",
        "policy.py",
        "return not use.outside and not self._rules.internal_needs_consent",
        "return not use.outside",
    ),
    Mutant(
        "The basis of the house is for inside use only",
        "policy.py",
        "return not use.outside and not self._rules.internal_needs_consent",
        "return not self._rules.internal_needs_consent",
    ),
    Mutant(
        "Everybody on the photo must be covered",
        "policy.py",
        "*(cell.reason for cell in cells if cell.reason)",
        "*(cell.reason for cell in cells[:1] if cell.reason)",
    ),
    Mutant(
        "The earliest end counts", "policy.py", "return Verdict(use.key, state, min(ends", "return Verdict(use.key, state, max(ends"
    ),
    Mutant("Only grants about this photo count", "policy.py", "if grant.scope.covers(asset, grant.signatures):", "if True:"),
    Mutant(
        "A grant for other uses grants nothing here",
        "person.py",
        "if not _names(grant, use):\n            continue",
        "if False:\n            continue",
    ),
    Mutant(
        "A grant holds only in the countries it names", "person.py", "if not places.covers(grant.territories, wanted):", "if False:"
    ),
    Mutant(
        "A grant for some countries is none for the world",
        "territory.py",
        "wanted <= expand(granted)",
        "bool(wanted & expand(granted))",
    ),
    Mutant(
        "A no ends the basis of the house",
        "person.py",
        "terms.extend(house_terms(said, lifting))",
        "terms.extend(house_terms([], lifting))",
    ),
    Mutant(
        "Declining or not ticking ends the basis of the house",
        "person.py",
        "said = [*said, *answers_no(in_scope, use)]",
        "said = list(said)",
    ),
    Mutant("Only what holds now covers", "person.py", "in_force = [one for one in terms if one.holds(at)]", "in_force = terms"),
    Mutant("A term begins", "terms.py", "return self.begin <= at and", "return"),
    Mutant("An end is exclusive", "terms.py", "(self.end is None or at < self.end)", "(self.end is None or at <= self.end)"),
    Mutant(
        "A draft grants nothing",
        "terms.py",
        "if grant.draft or grant.declined_at is not None:",
        "if grant.declined_at is not None:",
    ),
    Mutant("What was declined grants nothing", "terms.py", "if grant.draft or grant.declined_at is not None:", "if grant.draft:"),
    Mutant(
        "Under age, the person's own signature is not enough",
        "terms.py",
        "if grant.signed_at is not None and grant.signed_at >= of_age:",
        "if grant.signed_at is not None:",
    ),
    Mutant("As many guardians as are needed", "terms.py", "if len(in_time) < needed:", "if not in_time:"),
    Mutant("A guardian signs before the birthday", "terms.py", "if moment < of_age)", "if True)"),
    Mutant(
        "A guardian's grant ends on the birthday",
        "terms.py",
        "return Signature(max(complete, grant.signed_at or complete), of_age)",
        "return Signature(max(complete, grant.signed_at or complete))",
    ),
    Mutant(
        "A minor of unknown age is not an adult",
        "terms.py",
        "if person.minor or grant.guardians_signed:",
        "if grant.guardians_signed:",
    ),
    Mutant(
        "Guardians without a birth date tell of a minor",
        "terms.py",
        "if person.minor or grant.guardians_signed:",
        "if person.minor:",
    ),
    Mutant(
        "A release takes no withdrawal",
        "terms.py",
        "if not grant.regime.ends_at_a_no:\n            continue",
        "if False:\n            continue",
    ),
    Mutant("One use can be withdrawn", "terms.py", "if granted.withdrawn_at is not None:", "if False:"),
    Mutant(
        "A whole paper can be withdrawn",
        "terms.py",
        "if grant.withdrawn_at is not None:\n                    said",
        "if False:\n                    said",
    ),
    Mutant(
        "A no ends what was signed before, on whichever paper", "terms.py", "if said and grant.regime.ends_at_a_no:", "if False:"
    ),
    Mutant("A no does not end what is signed after it", "terms.py", "for no in said if signed.at <= no.at)", "for no in said)"),
    Mutant("A record ends on its date", "terms.py", "if grant.valid_until is not None:", "if False:"),
    Mutant("A use ends on its own date", "terms.py", "if len(own) == len(granted):", "if False:"),
    Mutant("What both sides ended has ended", "terms.py", "if grant.ended_at is not None:", "if False:"),
    Mutant("What was replaced has ended", "terms.py", "if grant.superseded_at is not None:", "if False:"),
    Mutant("A guardian's signature carries no further than the birthday", "terms.py", "if signed.until is not None:", "if False:"),
    Mutant("A record begins on its date", "terms.py", "begin = max(signed.at, grant.valid_from or signed.at)", "begin = signed.at"),
    Mutant(
        "Of many ends the first counts",
        "terms.py",
        "else min(ends, key=lambda pair: (pair[0], -",
        "else max(ends, key=lambda pair: (pair[0], -",
    ),
    Mutant("After a no the house waits for a signature", "terms.py", "begin = None\n        elif", "begin = at\n        elif"),
    Mutant("One comes of age at the set age", "../kernel/birthdays.py", "year = born.year + age", "year = born.year + age - 1"),
    Mutant(
        "Born on a leap day, one turns of age on 1 March",
        "../kernel/birthdays.py",
        "day = date(year, 3, 1)",
        "day = date(year, 2, 28)",
    ),
    Mutant("A birthday begins where the organisation is", "../kernel/birthdays.py", "ZoneInfo(time_zone)", "UTC"),
    Mutant(
        "A typing error widens no permission", "territory.py", "_NAMES.get(plain, frozenset({plain}))", "_NAMES.get(plain, EEA)"
    ),
    Mutant(
        "A folder's grant is for that folder", "facts_types.py", "return not self.ids.isdisjoint(asset.folder_path)", "return True"
    ),
    Mutant(
        "An event's grant is for that event",
        "facts_types.py",
        "return asset.event_id is not None and asset.event_id in self.ids",
        "return True",
    ),
    Mutant("A photo's grant is for that photo", "facts_types.py", "return asset.id in self.ids and all(", "return all("),
    Mutant(
        "Who signed for a photo signed for the picture it showed",
        "facts_types.py",
        "all(asset.picture_at(at) == asset.picture_at() for at in signed)",
        "True",
    ),
    Mutant("Whose consent ends soon stays in sight", "redaction.py", "if not reason.state.allowed]", "]"),
    Mutant("Faces nobody decided about are hidden", "redaction.py", "if reason.face_id is not None}", "if False}"),
    Mutant("Who is in the way is hidden", "redaction.py", "if reason.person_id is not None}", "if False}"),
    Mutant(
        "Only confirmed faces are hidden for a person's sake",
        "redaction.py",
        "(face.state is FaceState.CONFIRMED and face.person_id in unwilling)",
        "face.person_id in unwilling",
    ),
    Mutant("A face of unknown place stays in the way", "redaction.py", "if face.id in can_hide\n        and (", "if ("),
    Mutant("Others stay in sight", "redaction.py", "if face.id in hidden else face", "if hidden else face"),
    Mutant(
        "What is left when faces are hidden goes through the same rules",
        "redaction.py",
        "judge.decide(with_hidden(facts, hidden), use)",
        "replace(judge.decide(facts, use), allowed=bool(hidden))",
    ),
    Mutant(
        "Without anything hidden, redaction is no help",
        "redaction.py",
        "bool(self.hidden) and self.verdict.allowed",
        "self.verdict.allowed",
    ),
)

UNBROKEN = Mutant("Nothing", "policy.py", "", "")


def noticed(mutant: Mutant) -> bool:
    """Does some test fail on a copy of the tree in which this rule is broken."""
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder)
        for part in ("photobank", "tests"):
            shutil.copytree(ROOT / part, there / part, ignore=shutil.ignore_patterns("__pycache__", "e2e", "*.woff2"))
        rule = there / "photobank" / "clearance" / mutant.file
        rule.write_text(rule.read_text().replace(mutant.line, mutant.broken, 1))
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--noconftest", "-p", "no:cacheprovider", "-p", "no:randomly"]
        tests = [str(there / "tests" / "clearance" / name) for name in PURE]
        env = os.environ | {"PYTHONPATH": str(there), "PHOTOBANK_TEST_EXAMPLES": "150"}
        done = subprocess.run([*command, "--rootdir", str(there), *tests], cwd=there, env=env, capture_output=True, check=False)
        return done.returncode == 1


def main(part: str = "1/1") -> int:
    """Break them all, or this part of them, two at a time; gives 1 when one goes unnoticed."""
    if noticed(UNBROKEN):
        sys.stderr.write("the tests fail on unbroken rules; mend them first\n")
        return 2
    which, parts = map(int, part.split("/"))
    chosen = MUTANTS[which - 1 :: parts]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(noticed, chosen))
    if parts == 1:
        _write_down(found)
    for one, seen in zip(chosen, found, strict=True):
        if not seen:
            sys.stderr.write(f"nobody notices: {one.rule} ({one.file})\n")
    sys.stdout.write(f"{sum(found)} of {len(found)} broken rules were noticed\n")
    return 0 if all(found) else 1


def _write_down(found: list[bool]) -> None:
    rows = [
        f"| {one.rule} | `{one.file.removeprefix('../')}` | {'yes' if seen else '**no**'} |"
        for one, seen in zip(MUTANTS, found, strict=True)
    ]
    head = [
        "# Rules broken on purpose",
        "",
        "`make mutants` breaks each rule of clearance in turn, in a copy of the tree, and runs the pure tests of `tests/clearance` on it.",
        f"A rule that no test misses is a rule that nobody checks. {sum(found)} of {len(found)} were noticed.",
        "",
        "| rule | in | noticed |",
        "|---|---|---|",
    ]
    (ROOT / "docs" / "mutants.md").write_text("\n".join([*head, *rows, ""]))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
