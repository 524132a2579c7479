"""Calls that are right, and calls with one fault each."""

from grader.checks import Case, Context, Judgement, Run, right, wrong
from grader.checks.compare import Malformed
from grader.checks.config import answers_of, ask


def cases(context: Context) -> list[Case]:
    """Right, wrong, and as the sampler would see it."""
    a, b = context.rng.randint(-9, 9), context.rng.randint(10, 99)
    call = {"tool": "add", "a": a, "b": b}
    bad = [
        {**call, "c": 1},
        {**call, "a": str(a)},
        {**call, "tool": "sub"},
        {"tool": "add", "a": a},
        [call],
        {**call, "b": b + 0.5},
    ]
    text = f'{{"tool":"add","a":{a},"b":{b}}}'
    return [
        ask("takes", "call.json", "json_schema", [call], expected=True, note=str(call)),
        ask("refuses", "call.json", "json_schema", bad, expected=False),
        ask("grammar", "call.json", "json_schema", [{"$grammar": [text]}], note=text),
    ]


def judge(case: Case, run: Run, context: Context) -> Judgement:
    """As expected, each of them."""
    try:
        answers = answers_of(run)
    except Malformed as error:
        return wrong(str(error))
    if case.test == "grammar":
        return right() if answers[0][0]["accepted"] else wrong("The grammar refuses a right call.")
    good = all(answer["valid"] is case.expected for answer in answers)
    return right() if good else wrong("A right call is refused." if case.expected else "A wrong call is taken.")
