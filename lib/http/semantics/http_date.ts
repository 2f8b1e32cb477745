/** Dates in HTTP (RFC 9110 §5.6.7): one format to send, three to accept. */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const TIME = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;
/** `Sun, 06 Nov 1994 08:49:37 GMT` */
const IMF_FIXDATE = new RegExp(
  String.raw`^[A-Z][a-z]{2}, (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) ${TIME} GMT$`,
);
/** `Sunday, 06-Nov-94 08:49:37 GMT` */
const RFC_850_DATE = new RegExp(
  String.raw`^[A-Z][a-z]{5,8}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) ${TIME} GMT$`,
);
/** `Sun Nov  6 08:49:37 1994` */
const ASCTIME_DATE = new RegExp(
  String.raw`^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[\d ]\d) ${TIME} (?<year>\d{4})$`,
);

/**
 * Formats a date as an IMF-fixdate, e.g. `Sun, 06 Nov 1994 08:49:37 GMT`.
 *
 * @param seconds whole seconds since 1970
 */
export function formatHttpDate(seconds: number): string {
  return new Date(seconds * 1000).toUTCString();
}

/**
 * Parses a date in any of the three formats. Returns seconds since 1970, or null if the text is not
 * such a date: a recipient ignores a condition whose date is invalid (RFC 9110 §13.1.3).
 *
 * @param now milliseconds since 1970: a two-digit year means the latest such year that is at most
 *   50 years in the future
 */
export function parseHttpDate(text: string, now: number = Date.now()): number | null {
  const found = (IMF_FIXDATE.exec(text) ?? RFC_850_DATE.exec(text) ?? ASCTIME_DATE.exec(text))
    ?.groups;
  if (found === undefined) return null;
  const month = MONTHS.indexOf(found.month);
  const [day, hour, minute, second] = [found.day, found.hour, found.minute, found.second]
    .map(Number);
  if (month < 0 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return null;
  let year = Number(found.year);
  if (found.year.length === 2) {
    const thisYear = new Date(now).getUTCFullYear();
    year += thisYear - thisYear % 100;
    if (year > thisYear + 50) year -= 100;
  }
  return Date.UTC(year, month, day, hour, minute, second) / 1000;
}
