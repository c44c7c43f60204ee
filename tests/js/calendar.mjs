// Reads calendars with ical.js and prints what it understood, one object for each event.
// Usage: node calendar.mjs FILE...
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const moment = (time) => (time.isDate ? time.toString() : time.toJSDate().toISOString());

function person(property) {
  return { name: property.getParameter("cn") ?? "", address: property.getFirstValue() };
}

function event(component) {
  const found = new ICAL.Event(component);
  const organizer = component.getFirstProperty("organizer");
  return {
    uid: found.uid,
    sequence: Number(found.sequence ?? 0),
    start: moment(found.startDate),
    end: moment(found.endDate),
    summary: found.summary,
    description: found.description ?? "",
    location: found.location ?? "",
    status: component.getFirstPropertyValue("status") ?? "",
    organizer: organizer ? person(organizer) : null,
    attendees: component.getAllProperties("attendee").map(person),
  };
}

const read = process.argv.slice(2).map((path) => {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(path, "utf8")));
  return {
    method: calendar.getFirstPropertyValue("method"),
    events: calendar.getAllSubcomponents("vevent").map(event),
  };
});
console.log(JSON.stringify(read));
