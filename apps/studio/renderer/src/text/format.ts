/** Numbers and times as the studio writes them. */

const grouped = new Intl.NumberFormat("en-US");

/** `1204` as `1,204`. */
export const formatCount = (n: number): string => grouped.format(n);

/** A fraction as `42 %`. */
export const formatPercent = (fraction: number): string => `${Math.round(fraction * 100)} %`;

/** Bytes in powers of 1024, three digits at most: `3.4 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toPrecision(2)} ${units[unit]!}`;
}

/** A measured value with about four significant digits and no needless zeros; `–` for none. */
export const formatValue = (value: number | null | undefined): string => formatDigits(value, 4);

/** A measured value with `digits` significant digits and no needless zeros; `–` for none. */
export function formatDigits(value: number | null | undefined, digits: number): string {
  if (value === undefined || value === null || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return value.toExponential(2).replace("-", "−").replace("e−", "e-");
  return String(Number(value.toPrecision(digits))).replace("-", "−");
}

/** A value with a fixed number of digits behind the point, so that it does not jump while it changes. */
export const formatFixed = (value: number, digits: number): string => value.toFixed(digits).replace("-", "−");

/** Seconds as `0:07.3` (frames), for the player. */
export function formatClock(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - minutes * 60).toFixed(1).padStart(4, "0")}`;
}

/** A span as people say it: `3 s`, `4 min 10 s`, `2 h 05 min`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, "0")} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, "0")} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

/** How long ago an instant was: `now`, `3 min ago`, a date when over a week. */
export function formatAgo(iso: string, nowMs: number): string {
  const seconds = (nowMs - Date.parse(iso)) / 1000;
  if (seconds < 45) return "now";
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`;
  if (seconds < 7 * 86_400) return `${Math.round(seconds / 86_400)} d ago`;
  return iso.slice(0, 10);
}
