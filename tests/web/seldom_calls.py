"""The pages of an application as they are seldom met: closed, too early, begun, resumed, sent, deleted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from limits import RateLimitItemPerMinute

from tests.web.applicants import ADA, NOWHERE, Site, filled, mark_of
from tests.web.desk import Form
from web.limiting import Limits, Rate

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


async def seldom_calls(folder):
    """All of them, by name."""
    found = {}
    for group in (_closed, _elsewhere, _begun, _often):
        site = Site(folder / group.__name__, temporal_address=NOWHERE, record_timeout=0.5)
        site.store.migrate()
        found |= {f"apply-{name}": page for name, page in (await group(site)).items()}
        site.store.close()
    return found


async def _closed(site):
    found = {"unknown": await site.get("/apply/nothing/2022")}
    site.open(name="next")
    for name, days in {
        "early": {"opens": 3},
        "late": {"opens": -20, "closes": -1},
        "closed-long-ago": {"opens": -90, "closes": -60},
    }.items():
        site.open(name=name, **days)
        found[name] = await site.get(site.path)
        found[f"{name}-sent"] = await site.post(site.path, step="save", email=ADA)
    return found


async def _elsewhere(site):
    site.open(change=_without_this_page)
    return {"elsewhere": await site.get(site.path)}


async def _begun(site):
    """From the first page to what is sent, with every way to go wrong between."""
    row = site.open(name="open")
    found = {"open": await site.get(site.path)}
    found["faults"] = await site.post(site.path, step="check")
    found["again-fault"] = await site.post(site.path, step="link", again="nowhere")
    found["link-mailed"] = await site.post(site.path, step="link", again=ADA)
    found["mailed"] = await site.browser.post(site.path, data=filled(site, row))
    path = site.link()
    found["confirm"] = await site.get(path)
    found["confirm-fault"] = await site.post(path, step="confirm")
    await site.post(path, mine="yes")
    found["resume"] = await site.get(path)
    found["saved"] = await site.browser.post(path, data=filled(site, row, step="save"))
    long = {"name": LONG, next(iter(_texts(found["resume"]))): f"{LONG} " * 300}
    found["saved-too-long"] = await site.browser.post(
        path, data={**filled(site, row, step="save"), **long}
    )
    found["check"] = checked = await site.browser.post(path, data=filled(site, row))
    found["check-fault"] = await site.post(path, step="send", mark=mark_of(checked))
    other = await site.begin(row, draft="d-two")
    found["confirm-another"] = await site.get(other)
    await site.post(path, step="send", sure="yes", mark=mark_of(checked))
    found["sent"] = await site.get(path)
    dropped = await site.begin(row, email="bob@example.org", draft="d-three")
    await site.post(dropped, mine="yes")
    found["dropped"] = await site.post(dropped, step="drop", gone="yes")
    begun = await site.begin(row, email="cleo@example.org", draft="d-four")
    await site.post(begun, mine="yes")
    _close(site, row)
    found["closed-with-a-draft"] = await site.get(begun)
    return found


async def _often(site):
    row = site.open(name="often")
    site.use(Limits({Rate.MAIL: RateLimitItemPerMinute(1)}))
    await site.browser.post(site.path, data=filled(site, row))
    often = await site.browser.post(site.path, data=filled(site, row, email="dan@example.org"))
    return {"often": often}


def _texts(page):
    """The names of the fields that take long answers."""
    return [name for name, one in Form(page.text).controls.items() if one.type == "textarea"]


def _close(site, row):
    """Moves a cohort's last day into the past."""
    closed = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    with site.store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE cohorts SET closes = ? WHERE id = ?", (closed, row.id))


def _without_this_page(definition):
    """The same program, which takes applications on another site alone."""
    stages = definition.program.stages
    channel = stages.application.channel.model_copy(update={"here": False})
    application = stages.application.model_copy(update={"channel": channel})
    stages = stages.model_copy(update={"application": application})
    return replace(definition, program=definition.program.model_copy(update={"stages": stages}))
