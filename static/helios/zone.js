// The browser's time zone, for who chose "This browser's" in the settings: the server writes times.

const YEAR = 365 * 24 * 60 * 60;
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
const said = `helios_zone=${encodeURIComponent(zone)}`;

if (!document.cookie.split("; ").includes(said)) {
  document.cookie = `${said}; path=/; max-age=${YEAR}; samesite=lax`;
}
