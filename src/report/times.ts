/** Times as reports show them: UTC, which is said once, in words that age well. All arguments are epoch milliseconds. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const iso = (atMs: number) => new Date(atMs).toISOString();

/** 09:41 */
export const hourMinute = (atMs: number): string => iso(atMs).slice(11, 16);
/** 09:41:35 */
export const clock = (atMs: number): string => iso(atMs).slice(11, 19);

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** 27 Nov; with the year where that is another than now. */
export function day(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const year = at.getUTCFullYear() === new Date(nowMs).getUTCFullYear() ? '' : ` ${at.getUTCFullYear()}`;
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}${year}`;
}

/** 27 Nov 06:33 */
export const dayTime = (atMs: number, nowMs: number): string => `${day(atMs, nowMs)} ${hourMinute(atMs)}`;

/** The time alone on the same day as `nearMs`, with the date on another. */
export function timeNear(atMs: number, nearMs: number): string {
  return iso(atMs).slice(0, 10) === iso(nearMs).slice(0, 10) ? hourMinute(atMs) : dayTime(atMs, nearMs);
}

/** 21 min ago, for a day; then 27 Nov 06:33. */
export function ago(atMs: number, nowMs: number): string {
  const passed = nowMs - atMs;
  if (passed < MINUTE_MS) return 'just now';
  if (passed >= DAY_MS) return dayTime(atMs, nowMs);
  return passed < HOUR_MS ? `${Math.floor(passed / MINUTE_MS)} min ago` : `${Math.floor(passed / HOUR_MS)} h ago`;
}

/** 62 s · 1 min 35 s · 47 min · 3 h 20 min · 2 d 4 h */
export function duration(lengthMs: number): string {
  const seconds = Math.max(0, Math.round(lengthMs / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const whole = Math.round(seconds / 60);
  if (whole < 90) return `${whole} min`;
  const hours = Math.floor(whole / 60);
  if (hours < 48) return whole % 60 === 0 ? `${hours} h` : `${hours} h ${whole % 60} min`;
  const rest = Math.round(whole / 60) % 24;
  return rest === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${rest} h`;
}
