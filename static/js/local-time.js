// <time data-local="full|date|time|second|relative">: the server did not know the viewer's zone, the browser does.
const DAY = { day: "numeric", month: "short", year: "numeric" };
const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" };
const STYLES = { full: { ...DAY, ...CLOCK }, date: DAY, time: CLOCK, second: { ...CLOCK, second: "2-digit" } };

const format = (moment, style) => new Intl.DateTimeFormat("en-GB", STYLES[style]).format(moment);

export function start(root) {
  for (const element of root.querySelectorAll("time[data-local]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const style = element.dataset.local;
    const server = element.title;
    element.title = `${format(moment, "full")} (${server})`;
    if (STYLES[style]) element.textContent = format(moment, style);
    delete element.dataset.local;
  }
}
