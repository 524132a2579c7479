"""`python -m grader`: grade a folder on this machine, and prove that labs judge rightly."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from grader import fitness, kernels
from grader import lab as labs
from grader.benchmark import roofline
from grader.benchmark.roofline import RooflineFault, device
from grader.casework import Bench, GraderFault
from grader.contract import Verdict
from grader.exporting import NothingToExport, export
from grader.lab import Lab, LabError
from grader.languages import gpu
from grader.pipeline import Grading, grade
from grader.printing import print_event, print_result
from grader.proof import Proof, prove
from grader.sandbox import KINDS, Kind, Sandbox, SandboxUnavailable, open_sandbox
from grader.toolchain import Toolchain, current

OK, FAILED, USAGE, OUR_FAULT = 0, 1, 2, 3
_EPILOG = """\
exit status: 0 accepted, or everything proved; 1 not accepted, or a proof failed; 2 wrong usage;
3 the grader itself cannot work here (no sandbox, no toolchain, a broken lab)

examples:
  python -m grader run --lab lab-1.1-build-and-link --submission ~/my-solution
  python -m grader check-lab lab-1.1-build-and-link
  python -m grader check-lab --all --repeat 3
  python -m grader cuda content/modules/04-gpu-acceleration/code/kernel_transpose_tiled.cu
"""


class UsageError(Exception):
    """The command line asks for something that is not there."""


def find_labs(content: Path) -> dict[str, Path]:
    """Slug -> folder of every lab below a content folder."""
    return {path.parent.name: path.parent for path in sorted(content.glob("modules/*/labs/*/grading.yml"))}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m grader",
        description="Grade a submission on this machine, exactly as a grading machine does it, or check labs.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="print the result as JSON")
    shared.add_argument("--content", type=Path, default=_default_content(), metavar="DIR", help="the content folder")
    shared.add_argument(
        "--sandbox",
        choices=KINDS,
        default="auto",
        help="how to isolate the program; 'none' runs it with your own rights: only for code you wrote yourself",
    )
    run = commands.add_parser("run", parents=[shared], help="grade the files in a folder")
    run.add_argument("--lab", required=True, metavar="SLUG", help="the lab, such as lab-1.1-build-and-link")
    run.add_argument("--submission", required=True, type=Path, metavar="DIR", help="the folder with your files")
    run.add_argument("--seed", type=int, metavar="N", help="draw the inputs of an earlier run again (default: random)")
    check = commands.add_parser(
        "check-lab",
        parents=[shared],
        help="prove that a lab gives its reference full marks, and its starter and every mutant what they deserve",
    )
    check.add_argument("slug", nargs="*", metavar="SLUG", help="labs to check")
    check.add_argument("--all", action="store_true", help="check every lab")
    check.add_argument("--repeat", type=int, default=1, metavar="N", help="prove it with N different seeds")
    kernel = commands.add_parser(
        "cuda",
        parents=[shared],
        help="run a CUDA program on the processor, watch its memory accesses, and have nvcc compile it, where it is",
    )
    kernel.add_argument("file", type=Path, metavar="FILE.cu", help="the program; what it includes must lie beside it")
    kernel.add_argument("arguments", nargs="*", metavar="ARGUMENT", help="arguments of the program")
    peaks = commands.add_parser("roofline", parents=[shared], help="print what this machine can do at all")
    peaks.add_argument("--again", action="store_true", help="measure again and keep the better of both")
    export = commands.add_parser(
        "export-tests",
        parents=[shared],
        help="write the shown tests of a lab of functions as a pytest file, for your own machine",
    )
    export.add_argument("--lab", required=True, metavar="SLUG", help="the lab")
    export.add_argument("--out", required=True, type=Path, metavar="DIR", help="the folder to write into")
    export.add_argument("--seed", type=int, default=1, metavar="N", help="draw other inputs (default: 1)")
    return parser


def _default_content() -> Path:
    return Path(__file__).resolve().parent.parent / "content"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return {"run": _run, "check-lab": _check, "cuda": _cuda, "roofline": _roofline, "export-tests": _export}[
            options.command
        ](options)
    except UsageError as error:
        print(error, file=sys.stderr)
        return USAGE
    except (LabError, RooflineFault, SandboxUnavailable) as error:
        print(error, file=sys.stderr)
        return OUR_FAULT


def _machine(kind: str) -> tuple[Toolchain, Sandbox] | None:
    toolchain = current()
    if toolchain is None:
        print("The pinned engine has not been built yet. Build it: python -m grader.toolchain build", file=sys.stderr)
        return None
    sandbox = open_sandbox(cast(Kind, kind))
    if sandbox.name == "none":
        print(
            "WARNING: no sandbox. The program runs with your rights and can read and change your files.\n"
            "Use this only for code that you wrote yourself.",
            file=sys.stderr,
        )
    if problem := fitness.problem(sandbox, toolchain):
        print(problem, file=sys.stderr)
        return None
    return toolchain, sandbox


def _load(content: Path, slug: str) -> Lab:
    folders = find_labs(content)
    if slug not in folders:
        known = ", ".join(folders) or f"none below {content}"
        raise UsageError(f"There is no lab “{slug}”. Labs: {known}.")
    return labs.load_lab(folders[slug])


def _read_submission(folder: Path, lab: Lab) -> dict[str, bytes]:
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.")
    return {name: (folder / name).read_bytes() for name in lab.spec.entry.files if (folder / name).is_file()}


def _run(options: argparse.Namespace) -> int:
    lab = _load(options.content, options.lab)
    files = _read_submission(options.submission, lab)
    machine = _machine(options.sandbox)
    if machine is None:
        return OUR_FAULT
    toolchain, sandbox = machine
    seed = secrets.randbelow(2**31) if options.seed is None else options.seed
    on_event = (lambda event: None) if options.json else print_event
    grading = grade(lab, files, toolchain=toolchain, sandbox=sandbox, seed=seed, on_event=on_event)
    if options.json:
        print(json.dumps(as_json(lab, grading), indent=2, ensure_ascii=False))
    else:
        print_result(grading)
    if grading.fault:
        print(f"What failed: {grading.fault}", file=sys.stderr)
    if grading.verdict is Verdict.GRADER_ERROR:
        return OUR_FAULT
    return OK if grading.verdict is Verdict.ACCEPTED else FAILED


def as_json(lab: Lab, grading: Grading) -> dict[str, object]:
    """A grading as plain values, in the words of the report schema."""
    return {
        "lab": lab.slug,
        "lab_digest": lab.digest,
        "verdict": grading.verdict.value,
        "score": grading.score,
        "max_score": grading.max_score,
        "message": grading.message,
        "seed": grading.seed,
        "build_log": grading.build_log,
        "diagnostics": [row.model_dump(mode="json") for row in grading.diagnostics],
        "tests": [row.model_dump(mode="json") for row in grading.tests],
        "benchmarks": [row.model_dump(mode="json") for row in grading.benchmarks],
        "compiled": [row.model_dump(mode="json") for row in grading.compiled],
        "phases": grading.phases,
        "environment": grading.environment.model_dump(mode="json"),
    }


def _cuda(options: argparse.Namespace) -> int:
    main_file: Path = options.file
    if not main_file.is_file():
        raise UsageError(f"{main_file} is not a file.")
    beside = {*main_file.parent.glob("*.cuh"), *main_file.parent.glob("*.h"), *main_file.parent.glob("*.hpp")}
    files = {path.name: path.read_bytes() for path in [main_file, *sorted(beside)]}
    machine = _machine(options.sandbox)
    if machine is None:
        return OUR_FAULT
    try:
        studied = kernels.study(files, options.arguments, *machine)
    except ValueError as error:
        raise UsageError(f"{main_file}: {error}") from error
    if studied.plain is None:
        print(studied.built.log.decode(errors="replace") or studied.built.message, file=sys.stderr)
        return FAILED
    sys.stdout.write(studied.plain.stdout.decode(errors="replace"))
    sys.stderr.write(studied.plain.stderr.decode(errors="replace"))
    if studied.plain.limit is not None:
        print(f"Stopped: it reached the {studied.plain.limit.value} limit.", file=sys.stderr)
    print("\n".join(kernels.lines(studied)))
    clean = studied.plain.exit_code == 0 and not any(one.severity == "error" for one in studied.observed.findings)
    return OK if clean else FAILED


def _roofline(options: argparse.Namespace) -> int:
    sandbox = open_sandbox(cast(Kind, options.sandbox))
    found = roofline.of_this_machine(sandbox, again=options.again)
    missing = gpu.obstacle()
    on_device = None if missing else device.of_device(gpu.find_devices()[0], sandbox, again=options.again)
    if options.json:
        rows = {**found.model_dump(mode="json"), "gpu": on_device.model_dump(mode="json") if on_device else None}
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        print(roofline.table(found))
        print(device.table(on_device) if on_device else f"No GPU was measured. {missing}")
    return OK


def _export(options: argparse.Namespace) -> int:
    lab = _load(options.content, options.lab)
    machine = _machine(options.sandbox)
    if machine is None:
        return OUR_FAULT
    try:
        paths = export(Bench(lab, *machine), options.out, seed=options.seed)
    except NothingToExport as error:
        raise UsageError(str(error)) from error
    except GraderFault as error:
        print(f"What failed: {error}", file=sys.stderr)
        return OUR_FAULT
    names = [str(path) for path in paths]
    print(json.dumps(names) if options.json else "\n".join(["Written:", *names]))
    return OK


def _check(options: argparse.Namespace) -> int:
    slugs = list(find_labs(options.content)) if options.all else options.slug
    if not slugs:
        raise UsageError("Name a lab, or use --all.")
    loaded = [_load(options.content, slug) for slug in slugs]
    machine = _machine(options.sandbox)
    if machine is None:
        return OUR_FAULT
    folders = find_labs(options.content)
    proofs: list[Proof] = []
    for lab in loaded:
        for proof in prove(lab, folders[lab.slug], *machine, repeat=max(1, options.repeat)):
            proofs.append(proof)
            if not options.json:
                print(
                    f"{'ok    ' if proof.holds else 'FAILED'}  {lab.slug}  {proof.what:<28}  {proof.seen}", flush=True
                )
                for problem in proof.problems:
                    print(f"          {problem}", flush=True)
    failed = sum(not proof.holds for proof in proofs)
    if options.json:
        rows = [{"lab": p.lab, "what": p.what, "seen": p.seen, "problems": p.problems} for p in proofs]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        print(f"{len(proofs) - failed} of {len(proofs)} proved.")
    return FAILED if failed else OK
