"""An application by the link that was mailed to its address: confirm, go on, check, send."""

from __future__ import annotations

from dataclasses import replace

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.background import BackgroundTask

from store.applications import Application
from store.ids import derived, new
from web.callpages import closed, form, show, takes
from web.calls import Call, FaultyError, Typed, call_of, languages
from web.door import DeadLinkError, Door
from web.inviting import write_again
from web.typed import Posted, one, said


class Linked:
    """An application by the link that was mailed to its address."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def show(self, request: Request, application: Application, *, path: str) -> Response:
        call = self._call(application)
        if application.sent is not None:
            return self._receipt(request, call, application)
        if not takes(self._door, call):
            return closed(self._door, request, call, draft=application)
        if application.confirmed is None:
            return self._confirm(request, call, application, path=path)
        return form(self._door, request, call, typed=call.kept(application), path=path)

    def take(
        self, request: Request, application: Application, posted: Posted, *, path: str
    ) -> Response | Application:
        """What a posted page does; an application that was sent just now has to be started."""
        call = self._call(application)
        if application.sent is not None:
            return RedirectResponse(path, status_code=303)
        if not takes(self._door, call):
            return self.show(request, application, path=path)
        if application.confirmed is None:
            return self._confirmed(request, call, application, posted, path=path)
        step = one(posted, "step")
        if step == "send":
            return self._send(request, call, application, posted, path=path)
        if step == "drop" and one(posted, "gone") == "yes":
            return self._dropped(request, call, application)
        # A browser sends the fields that were left empty, too; a program that opens links may not.
        if step not in ("save", "check") or "name" not in posted:
            return self.show(request, application, path=path)
        typed, kept = replace(call.read(posted), email=application.email), call.kept(application)
        fitting, too_long = call.fitting(typed)
        if _said(fitting) == _said(kept):
            fitting = kept
        else:
            self._save(call, application, fitting)
        shown = typed if too_long else fitting  # What does not fit stands on the page alone.
        if step == "save":
            return form(
                self._door, request, call, typed=shown, path=path, faults=too_long, saved=True
            )
        return self._check(request, call, shown, path=path)

    def _save(self, call: Call, application: Application, typed: Typed) -> None:
        self._door.store.applications.save(
            replace(
                application,
                given=typed.given,
                identity=dict(typed.identity),
                zone=typed.zone,
                locale=typed.locale,
                changed=call.now,
            )
        )

    def _call(self, application: Application) -> Call:
        row = self._door.store.cohorts.get(application.cohort)
        if row is None:
            raise DeadLinkError
        return call_of(self._door.store, row)

    # The address

    def _others(self, application: Application) -> list[Application]:
        """Other applications of this address, whose owner has confirmed it there."""
        found = self._door.store.applications.of_address(application.cohort, application.email)
        return [each for each in found if each.id != application.id and each.confirmed]

    def _confirm(
        self,
        request: Request,
        call: Call,
        application: Application,
        *,
        path: str,
        fault: str = "",
    ) -> Response:
        return show(
            self._door,
            request,
            call,
            "apply-confirm.html",
            status=422 if fault else 200,
            zone=application.zone,
            email=application.email,
            path=path,
            fault=fault,
            others=self._others(application),
        )

    def _confirmed(
        self,
        request: Request,
        call: Call,
        application: Application,
        posted: Posted,
        *,
        path: str,
    ) -> Response:
        store, choice = self._door.store.applications, one(posted, "mine")
        others = self._others(application)
        if choice == "no":
            return self._dropped(request, call, application)
        if choice == "other" and others:
            store.drop(application.id)
            link = self._door.links.application(others[0].id)
            return RedirectResponse(link[len(self._door.links.base) :], status_code=303)
        if choice != "yes":
            fault = "Please choose one of these."
            return self._confirm(request, call, application, path=path, fault=fault)
        store.confirm(application.id, at=call.now)
        for other in others:
            store.drop(other.id)
        return RedirectResponse(path, status_code=303)

    def _dropped(self, request: Request, call: Call, application: Application) -> Response:
        self._door.store.applications.drop(application.id)
        return show(self._door, request, call, "apply-dropped.html", email=application.email)

    # Sending

    def _check(
        self, request: Request, call: Call, typed: Typed, *, path: str, problem: str = ""
    ) -> Response:
        """What would be sent, exactly; or what is wrong with it."""
        try:
            applicant, identity = call.checked(typed)
        except FaultyError as error:
            return form(self._door, request, call, typed=typed, path=path, faults=error.faults)
        assert call.form is not None  # As above: it was answered.
        about = [
            ("Your name", applicant.name),
            ("Your address", applicant.email),
            ("Time zone", applicant.zone or call.zone),
            ("Language of mails", languages()[applicant.locale]),
        ]
        if call.tracks:
            about.append(("Track", call.tracks[applicant.track]))
        return show(
            self._door,
            request,
            call,
            "apply-check.html",
            status=409 if problem else 200,
            zone=typed.zone,
            path=path,
            about=about,
            answers=call.pairs(call.form, applicant.answers or {}),
            identity=call.pairs(call.identity, identity) if call.identity else [],
            mark=typed.mark,
            problem=problem,
        )

    def _send(
        self,
        request: Request,
        call: Call,
        application: Application,
        posted: Posted,
        *,
        path: str,
    ) -> Response | Application:
        typed = call.kept(application)
        if one(posted, "mark") != typed.mark:
            problem = "It was changed meanwhile, on another page. Please look at it once more."
            return self._check(request, call, typed, path=path, problem=problem)
        if one(posted, "sure") != "yes":
            problem = "Please say that you want to send it."
            return self._check(request, call, typed, path=path, problem=problem)
        try:
            applicant, identity = call.checked(typed)
        except FaultyError:
            return self._check(request, call, typed, path=path)
        earlier = self._door.house.intake.earlier(call.row, application.email)
        if earlier is not None:
            now = self._door.store.applications.get(application.id)
            if now is not None and now.sent is not None:  # The other click of two, just now.
                return RedirectResponse(path, status_code=303)
            self._door.store.applications.drop(application.id)
            page = show(
                self._door, request, call, "apply-mailed.html", email=application.email, step="link"
            )
            page.background = BackgroundTask(write_again, self._door, call, application.email)
            return page
        checked = replace(
            application,
            given={"name": applicant.name, "track": applicant.track, "answers": applicant.answers},
            identity=identity,
        )
        sealed = self._door.store.applications.seal(checked, residency=new("r"), at=call.now)
        return sealed or RedirectResponse(path, status_code=303)

    def _receipt(self, request: Request, call: Call, application: Application) -> Response:
        kept = self._door.store.submissions.get(derived("s", application.residency))
        answers = kept.answers if kept else application.given.get("answers") or {}
        return show(
            self._door,
            request,
            call,
            "apply-sent.html",
            zone=application.zone,
            email=application.email,
            sent=application.sent,
            answers=call.pairs(call.form, answers) if call.form else [],
        )


def _said(typed: Typed) -> Typed:
    return replace(typed, answers=said(typed.answers), identity=said(typed.identity))
