"""From CUDA C++ to C++ that g++ compiles: launches, dynamic shared memory, and a few words no macro can catch.

Only tokens are replaced, never a line break, so every line keeps its number; a `#line` in front keeps the file's
name. What the preprocessor leaves out may be anything at all, so nothing here is an error: what cannot be run becomes
code that does not compile, and says why. Words put in here begin with `cuda_cpu_`: they may land in a macro's body,
where a parameter can have any other name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grader.cuda_cpu.lexer import Kind, Token, tokens
from grader.cuda_cpu.templates import CLOSING, OPENING, Templates, collect_templates, count_parameters, significant

SUFFIXES = (".cu", ".cuh")


@dataclass(frozen=True)
class Translated:
    """A file as g++ gets it."""

    text: bytes
    changed_lines: frozenset[int]
    """Lines whose columns are no longer the author's."""


def translate(files: Mapping[str, bytes]) -> dict[str, Translated]:
    """Translate the CUDA files among `files` (path in the box -> content); the others are left out."""
    sources = {
        path: tokens(content.decode("utf-8", errors="replace"))
        for path, content in files.items()
        if path.endswith(SUFFIXES)
    }
    templates = Templates()
    for listed in sources.values():
        collect_templates(listed, templates)
    return {path: _File(path, listed, templates).translated() for path, listed in sources.items()}


class _File:
    """One file on its way."""

    def __init__(self, path: str, listed: list[Token], templates: Templates) -> None:
        self._path = path
        self._out = [token.text for token in listed]
        self._tokens = listed
        self._order = significant(listed)
        self._texts = [listed[position].text for position in self._order]
        self._templates = templates
        self._touched: set[int] = set()
        self._namespace_scope = self._find_scopes()

    def translated(self) -> Translated:
        """Apply every rule."""
        for at, text in enumerate(self._texts):
            if text == "<<<":
                self._launch(at)
            elif text == "__shared__":
                self._shared(at)
            elif text == "__constant__" and {"const", "constexpr"} & set(self._texts[max(0, at - 3) : at + 4]):
                self._put(at, "")  # Its section is for what cudaMemcpyToSymbol may change.
            elif text == "__noinline__" and self._before(at) != "(":
                self._put(at, "__attribute__((noinline))")
            elif text in ("asm", "__asm__", "__asm"):
                self._assembly(at)
        name = self._path.replace("\\", "").replace('"', "")
        return Translated(f'#line 1 "{name}"\n{"".join(self._out)}'.encode(), frozenset(self._changed_lines()))

    def _before(self, at: int) -> str:
        return self._texts[at - 1] if at > 0 else ""

    def _put(self, at: int, text: str) -> None:
        self._out[self._order[at]] = text
        self._touched.add(self._order[at])

    def _changed_lines(self) -> Iterable[int]:
        line = 1
        for position, token in enumerate(self._tokens):
            if position in self._touched:
                yield line
            line += token.text.count("\n")

    # Launches

    def _launch(self, at: int) -> None:
        end = self._closing_chevron(at + 1)
        start = self._callee_start(at - 1)
        if end is None or start is None:
            return
        callee = "".join(self._spelled(start, at)).strip()
        shown = callee.replace("\\", "\\\\").replace('"', '\\"')
        if self._needs_deduction(start, at):
            call = f'::cuda_cpu_template("{shown}", [](auto... cuda_cpu_a) {{ {callee}(cuda_cpu_a...); }})'
            for index in range(start, at):
                self._put(index, "")
            self._put(at - 1, call)
        else:
            self._put(start, f'::cuda_cpu_kernel("{shown}", {self._out[self._order[start]]}')
            self._put(at - 1, f"{self._out[self._order[at - 1]]})")
        self._put(at, ".cuda_cpu_on(")
        self._put(end, ")")

    def _spelled(self, start: int, end: int) -> Iterable[str]:
        """The callee's own words on one line."""
        for position in range(self._order[start], self._order[end - 1] + 1):
            yield " " if self._tokens[position].kind is Kind.SPACE else self._tokens[position].text

    def _needs_deduction(self, start: int, end: int) -> bool:
        """Whether the callee alone does not name one function: a template without all of its arguments."""
        texts = self._texts[start:end]
        named = texts.index("<") - 1 if "<" in texts else len(texts) - 1
        name = texts[named] if named >= 0 else ""
        if "<" not in texts:
            return name in self._templates.parameters
        expected = self._templates.parameters.get(name)
        return expected is None or count_parameters(texts, named + 1) != expected

    def _closing_chevron(self, at: int) -> int | None:
        depth = 0
        for index in range(at, min(at + 2000, len(self._texts))):
            text = self._texts[index]
            if text in OPENING:
                depth += 2 if text == "[[" else 1
            elif text in CLOSING:
                depth -= 1
                if depth < 0:
                    return None
            elif text == ">>>" and depth == 0:
                return index
            elif text == "<<<" or (text == ";" and depth == 0):
                return None
        return None

    def _callee_start(self, at: int) -> int | None:
        """Walk back over `a::b<c, d>`, `kernels[i]`, `table.kernel`, `(*pointer)`."""
        while at >= 0:
            text = self._texts[at]
            if text in (">", ">>", ">>>"):
                at = self._matching_angle(at)
                continue
            if text in (")", "]"):
                at = self._matching_bracket(at)
                if text == ")":
                    return at if at >= 0 else None
                at -= 1
                continue
            if self._tokens[self._order[at]].kind is not Kind.WORD:
                return None
            if self._before(at) in ("::", ".", "->"):
                at -= 1
                if self._texts[at] == "::" and (at == 0 or not self._continues(at - 1)):
                    return at
                at -= 1
                continue
            return at
        return None

    def _continues(self, at: int) -> bool:
        return self._tokens[self._order[at]].kind is Kind.WORD or self._texts[at] in (">", ">>")

    def _matching_angle(self, at: int) -> int:
        depth = 0
        for index in range(at, max(-1, at - 400), -1):
            text = self._texts[index]
            if text in (">", ">>", ">>>"):
                depth += len(text)
            elif text == "<":
                depth -= 1
                if depth <= 0:
                    return index - 1
            elif text in (";", "{", "}"):
                break
        return -1

    def _matching_bracket(self, at: int) -> int:
        depth = 0
        for index in range(at, max(-1, at - 400), -1):
            if self._texts[index] in CLOSING:
                depth += 1
            elif self._texts[index] in OPENING:
                depth -= 1
                if depth == 0:
                    return index
        return -1

    # Shared memory

    def _find_scopes(self) -> list[bool]:
        """For every token, whether it stands outside functions and classes."""
        outside, stack = [], [True]
        for at, text in enumerate(self._texts):
            if text == "{":
                words = self._texts[max(0, at - 4) : at]
                opens_namespace = "namespace" in words and not {";", "}", ")"} & set(words[words.index("namespace") :])
                stack.append(stack[-1] and (opens_namespace or words[-2:-1] == ["extern"]))
            elif text == "}" and len(stack) > 1:
                stack.pop()
            outside.append(stack[-1])
        return outside

    def _shared(self, at: int) -> None:
        first = at
        while first > 0 and self._texts[first - 1] in ("extern", "volatile", "const", "static", "alignas", ")"):
            if self._texts[first - 1] == ")":
                opening = self._matching_bracket(first - 1)
                if opening < 1 or self._texts[opening - 1] not in ("__align__", "alignas", "__attribute__"):
                    break
                first = opening
            first -= 1
        before = self._texts[first:at]
        if "extern" in before or self._texts[at + 1 : at + 2] == ["extern"]:
            self._dynamic(first, at)
            return
        if "static" in before:
            self._put(first + before.index("static"), "")
        self._put(first, f"CUDA_CPU_GUARD({at}) {self._out[self._order[first]]}")

    def _dynamic(self, first: int, at: int) -> None:
        """`extern __shared__ T name[];` becomes a reference to the launch's dynamic shared memory."""
        end = next((i for i in range(at, min(at + 60, len(self._texts))) if self._texts[i] in (";", "{", "=")), None)
        if end is None or self._texts[end] != ";":
            return
        kept, index = [], first
        while index < end:
            text = self._texts[index]
            if text in ("extern", "__shared__"):
                self._put(index, "")
            elif text in ("__align__", "alignas", "__attribute__"):
                close = self._closing_bracket(index + 1, end)
                for inner in range(index, close + 1):
                    self._put(inner, "")
                index = close
            else:
                kept.append(index)
            index += 1
        bracket = next((i for i in kept if self._texts[i] == "["), None)
        if bracket is None or kept.index(bracket) < 2:
            return
        name = kept[kept.index(bracket) - 1]
        kind = " ".join(self._texts[i] for i in kept[: kept.index(name)])
        extent = "".join(self._texts[i] for i in kept[kept.index(bracket) :])
        words = self._texts[name]
        for index in kept:
            self._put(index, "")
        scope = "[[maybe_unused]] static " if self._namespace_scope[at] else "[[maybe_unused]] "
        value = f"reinterpret_cast<{kind} (&){extent}>(::cuda_cpu::dynamic_shared)"
        self._put(name, f"{scope}{kind} (&{words}){extent} = {value}")

    def _closing_bracket(self, at: int, end: int) -> int:
        depth = 0
        for index in range(at, end):
            if self._texts[index] in OPENING:
                depth += 1
            elif self._texts[index] in CLOSING:
                depth -= 1
                if depth == 0:
                    return index
        return end - 1

    # Assembly

    def _assembly(self, at: int) -> None:
        following = at + 1
        while following < len(self._texts) and self._texts[following] in ("volatile", "__volatile__", "goto", "inline"):
            self._put(following, "")
            following += 1
        if following < len(self._texts) and self._texts[following] == "(":
            self._put(at, "CUDA_CPU_NO_PTX")
