"""Pages that are seldom met, made on purpose so that they are looked at: by axe, and in pictures.

`seldom(...)` gives them by name. Applications are in tests/web/seldom_calls.py.
"""

from datetime import timedelta

from limits import RateLimitItemPerMinute

from residency.definition import form_of
from residency.errors import RefusedError, UnavailableError, UnconfirmedError
from residency.forms import sample_answers
from residency.wire import Exit, Said, Tag
from tests.web.seldom_calls import seldom_calls
from tests.web.standing_in import HERE, MENTOR, READER, RESIDENT, crowded, now, staged
from web.app import make_app
from web.limiting import Limits, Rate

AWAY = UnavailableError("Nobody is there.")
WHY = "The cluster was away for two weeks, and half of the runs have to be made anew."
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
STAGES = {
    "judge-": "application",
    "revise": "application",
    "review": "application",
    "decide-screening": "screening",
    "offer": "offer",
    "item-": "onboarding",
    "appoint": "onboarding",
}


def answers(stage, kind):
    """An answer in every field of a kind's form, as a browser sends them."""
    form_id = stage.row.plan["kinds"][kind].get("form")
    if not form_id:
        return {}
    form = form_of(stage.store.definitions.get(stage.row.definition), form_id)
    return {
        f"answer-{name}": "yes" if value is True else value
        for name, value in sample_answers(form).items()
    }


async def kinds(stage):
    """Every kind of task of the plan: as it opens, and with nothing filled in."""
    coordinator = stage.row.coordinators[0]
    stage.told(Tag.FLAGGED, submission="s-why", flag="extend", weeks=2, item="m2", by=MENTOR)
    stage.said("s-why", MENTOR, text=f"{WHY} {LONG}")
    stage.said("s-wish", RESIDENT, text=WHY)
    day = f"{now() + timedelta(days=20):%Y-%m-%d}"
    wish = "a-flags/handle-date/1/1"
    report = "milestones/report/m3/1"
    stage.told(Tag.NOTED, report, submission="s-wish", action=wish, wished=day, by=RESIDENT)
    shift = {"kind": "extension", "days": 14, "first": "2027-03-01", "last": "2027-12-14"}
    stage.told(Tag.SHIFTED, **shift)
    items = {"check-date": "m2", "appoint": "mentors", "correct-address": RESIDENT}
    found = {}
    for kind in [*stage.row.plan["kinds"], "check-date"]:
        by = (stage.row.plan["kinds"].get(kind) or {"by": "coordinators"})["by"]
        person = {"resident": RESIDENT, "mentors": MENTOR, "coordinators": coordinator}.get(
            by, READER
        )
        flags = kind.startswith(("handle-", "hearing"))
        item = items.get(kind, "1" if flags else kind.partition("-")[2] if "-m" in kind else "")
        where = next((at for of, at in STAGES.items() if kind.startswith(of)), "milestones")
        where = "flags" if flags else "selection" if kind == "select" else where
        path = stage.ask(kind, person, stage=where, item=item or "")
        page = await stage.get(path)
        found[f"kind-{kind}"] = page
        found[f"kind-{kind}-faults"] = await stage.press(path, page, step="check")
    return found


async def answering(stage):
    """What comes after a task's form: checked, away, refused, recorded, taken back."""
    found = {}
    path = stage.ask("report", RESIDENT, item="m4")
    page = await stage.get(path)
    given = answers(stage, "report")
    found["nothing-to-keep"] = await stage.press(path, page, step="save")
    check = await stage.press(path, page, **given, step="check")
    found["check"] = check
    for name, error in (
        ("away", AWAY),
        ("unconfirmed", UnconfirmedError("Nobody has said yet.")),
        ("refused", RefusedError("It has moved on.", code="wrong-stage")),
    ):
        stage.residencies.answer = error
        found[f"confirm-{name}"] = await stage.press(path, check, step="confirm", sure="yes")
    found["draft"] = page = await stage.get(path)
    found["draft-kept"] = await stage.press(path, page, step="save", **{"answer-done": "More."})
    check = await stage.press(path, page, step="check")
    found["check-sure-fault"] = await stage.press(path, check, step="confirm")
    stage.residencies.answer = Said()
    key = "milestones/report/m4/1"
    stage.residencies.effect = stage.done(key, RESIDENT)
    found["recorded"] = await stage.press(path, check, step="confirm", sure="yes")
    found["already-recorded-undo"] = closed = await stage.get(path)
    found["undo-fault"] = await stage.press(f"{path}/undo", closed, step="undo")
    stage.residencies.answer = RefusedError("Too late.", code="too-late")
    found["undo-refused"] = await stage.press(f"{path}/undo", closed, step="undo", sure="yes")
    stage.residencies.answer = Said()
    stage.residencies.effect = stage.reopened(key, RESIDENT)
    found["undone"] = await stage.press(f"{path}/undo", closed, step="undo", sure="yes")
    return found


async def typed_names(stage):
    """What can't be undone: a name is typed for it."""
    path = stage.ask("offer", RESIDENT, stage="offer", item="again")
    page = await stage.get(path)
    check = await stage.press(
        path, page, **answers(stage, "offer"), outcome="accepted", step="check"
    )
    return {
        "check-name": check,
        "check-name-fault": await stage.press(path, check, step="confirm", name="Somebody"),
    }


async def standing(stage):
    """Tasks that ask nothing (any more), or of somebody else."""
    done = {"state": "done", "by": MENTOR, "closed_at": now() - timedelta(days=1)}
    paths = {
        "waived": stage.ask("report", RESIDENT, item="m5", state="waived", closed_at=now()),
        "lapsed": stage.ask("offer", RESIDENT, stage="offer", state="lapsed", closed_at=now()),
        "lead": stage.ask("sign-off", RESIDENT, MENTOR, item="m6", rule="lead"),
        "first-was-faster": stage.ask(
            "evaluate",
            MENTOR,
            READER,
            stage="presentation",
            item="presentation",
            rule="any",
            **done,
        ),
        "late": stage.ask("report", RESIDENT, item="m7", due=now() - timedelta(days=3)),
        "round-2": stage.ask("report", RESIDENT, item="m8", number=2),
    }
    second = "presentation/evaluate/presentation/1"
    found = {name: await stage.get(path) for name, path in paths.items()}
    found["somebody-was-faster"] = await stage.get(stage.task(second, READER))
    found["lead"] = await stage.get(stage.task("milestones/sign-off/m6/1", MENTOR))
    return found


async def later(stage):
    path = stage.ask("report", RESIDENT, item="m9")
    page = await stage.get(f"{path}/later")
    wish = {"day": f"{now() + timedelta(days=20):%Y-%m-%d}", "reason": f"{WHY} {LONG}"}
    early = {**wish, "day": f"{now():%Y-%m-%d}"}
    found = {
        "later": page,
        "later-faults": await stage.press(f"{path}/later", page),
        "later-no-later": await stage.press(f"{path}/later", page, **early),
    }
    stage.residencies.answer = AWAY
    found["later-away"] = await stage.press(f"{path}/later", page, **wish)
    stage.residencies.answer = Said()
    found["later-asked"] = await stage.press(f"{path}/later", page, **wish)
    stage.ask("handle-date", stage.row.coordinators[0], stage="flags", item="7")
    action = "a-flags/handle-date/7/1"
    key = "milestones/report/m9/1"
    stage.told(Tag.NOTED, key, action=action, wished=wish["day"], by=RESIDENT)
    found["later-waiting"] = await stage.get(f"{path}/later")
    found["later-waiting-task"] = await stage.get(path)
    return found


async def own(stage):
    """What people say on their own page, and what the page is afterwards."""
    me, found = stage.me(RESIDENT), {}
    given = {
        f"withdraw/{HERE}": {"reason": f"{WHY} {LONG}", "name": "Person 1"},
        f"concern/{HERE}": {"reason": f"{WHY} {LONG}"},
        "address": {"email": "a.new.and.rather.long.address@subdomain.of.an.example.org"},
    }
    for part, typed in given.items():
        name, path = part.partition("/")[0], f"{me}/{part}"
        found[name] = page = await stage.get(path)
        found[f"{name}-faults"] = await stage.press(path, page, step="check")
        if name == "address":
            page = found["address-check"] = await stage.press(path, page, **typed, step="check")
        stage.residencies.answer = AWAY
        found[f"{name}-away"] = await stage.press(path, page, **typed, step="confirm")
        found[f"{name}-kept"] = await stage.get(path)
        stage.residencies.answer = Said()
        if name == "address":
            stage.residencies.effect = stage.moved(RESIDENT, typed["email"])
        stage.store.drafts.drop(RESIDENT, HERE, "correct-address" if name == "address" else name)
        found[f"{name}-done"] = await stage.press(path, page, **typed, step="confirm")
        if name == "concern":
            stage.residencies.answer = Said(code="again", data={"at": now().isoformat()})
            found["concern-again"] = await stage.press(path, page, **typed, step="confirm")
    found["mentor-concern"] = await stage.get(f"{stage.me(MENTOR)}/concern/{HERE}")
    found["me"] = await stage.get(me)
    await stage.send("POST", f"{me}/calendar", [("keep", "yes")])
    found["me-calendar"] = await stage.get(me)
    found["me-mentor"] = await stage.get(stage.me(MENTOR))
    found["me-coordinator"] = await stage.get(stage.me(stage.row.coordinators[0]))
    found["me-reviewer"] = await stage.get(stage.me(READER))
    for how in (Exit.COMPLETED, Exit.WITHDRAWN, Exit.TERMINATED):
        stage.end(how.value)
        found[f"me-{how.value}"] = await stage.get(me)
    found["ended-task"] = await stage.get(stage.task("milestones/report/m3/1", RESIDENT))
    found["ended-withdraw"] = await stage.get(f"{me}/withdraw/{HERE}")
    found["ended-address"] = await stage.get(f"{me}/address")
    return found


async def refused(stage):
    """What can't be taken, and what does not work."""
    post, me = "application/x-www-form-urlencoded", stage.me(RESIDENT)
    found = {
        "dead-link": await stage.get("/t/forged"),
        "no-page": await stage.get("/nowhere"),
        "405": await stage.send("PUT", "/link"),
        "415": await stage.send("POST", "/link", **{"Content-Type": f"{post}; charset=utf-16"}),
        "400": await stage.send("POST", "/link", **{"Content-Type": "multipart/form-data"}),
        "413": await stage.send("POST", "/link", **{"Content-Length": "9000000"}),
        "403": await stage.send("POST", "/link", **{"Sec-Fetch-Site": "cross-site"}),
        "link": await stage.get("/link"),
        "link-faults": await stage.send("POST", "/link", [("email", "nowhere")]),
        "link-sent": await stage.send("POST", "/link", [("email", f"{LONG}@example.org"[:90])]),
    }
    app = stage.app
    limits = dict.fromkeys((Rate.READ, Rate.MAIL), RateLimitItemPerMinute(1))
    stage.app = make_app(stage.house, limits=Limits(limits))
    for name in ("link-once", "link-often"):
        found[name] = await stage.send("POST", "/link", [("email", "a@example.org")])
    for name in ("read-once", "429"):
        found[name] = await stage.get(me)
    stage.app = app
    stage.store.close()
    path = stage.house.settings.data / "residency.db"
    path.unlink()
    path.mkdir()
    found["no-database"] = await stage.get(me)
    return {name: page for name, page in found.items() if not name.endswith("-once")}


async def seldom(folder, database, row):
    """All of them, by name; each group has a copy of a crowded database of its own."""
    found = {}
    for group in (kinds, answering, typed_names, standing, later, own, refused):
        stage = staged(folder / group.__name__, database, row)
        found |= await group(stage)
        stage.store.close()
    return found


async def all_seldom(folder):
    """These and those of applications, made in an empty folder."""
    path = folder / "residency.db"
    row = crowded(path, residencies=4)
    return await seldom(folder, path, row) | await seldom_calls(folder / "calls")
