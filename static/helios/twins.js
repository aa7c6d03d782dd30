// The command and the call beside a form, as the form stands now: what helios_site/twins.py says of it
// when the page is made.
const CALM = /^[\w@%+=:,./-]+$/;
const quoted = (text) => (CALM.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`);

function given(form, { field, kind, required }, known) {
  const parts = [...form.querySelectorAll(`[name="${field}"]`)];
  const on = parts.filter(({ type, checked }) => !["checkbox", "radio"].includes(type) || checked);
  const values = on.map(({ value }) => value.trim().replace(/^C:\\fakepath\\/, "")).filter(Boolean);
  if (kind === "switch") return values.length > 0;
  if (kind === "truth" && parts.length) return values.at(-1) === "on" ? "on" : "off";
  const capitals = required ? [field.toUpperCase()] : [];
  if (kind === "list") return values.length ? values : capitals;
  const value = values.at(-1) ?? known[field] ?? capitals[0] ?? "";
  return kind === "number" && value !== "" && Number.isFinite(Number(value)) ? Number(value) : value;
}

const isNothing = (value) => value === "" || value === false || (Array.isArray(value) && !value.length);

function commandOf({ command, values }, said) {
  const words = [`python manage.py ${command}`];
  for (const { field, flag } of values) {
    const value = said[field];
    if (flag === null || isNothing(value)) continue;
    const told = value === true ? [] : [value].flat().map((one) => quoted(String(one)));
    if (flag.endsWith("=")) words.push(flag + told[0]);
    else words.push(...(flag ? [flag, ...told] : told));
  }
  return words.join(" ");
}

function put(body, { key, kind }, value) {
  const names = key.split(".");
  const last = names.pop();
  const inner = names.reduce((outer, name) => (outer[name] ??= {}), body);
  const listed = () => value.split(",").map((word) => word.trim()).filter(Boolean);
  inner[last] = kind === "truth" ? value === "on" : kind === "words" ? listed() : value;
}

function callOf({ method, address, values }, said) {
  const [body, parts, asked] = [{}, [], []];
  let place = address;
  for (const one of values) {
    const { field, key, kind } = one;
    const value = said[field];
    if (place.includes(`{${field}}`)) place = place.replace(`{${field}}`, encodeURIComponent(value));
    else if (key === null || isNothing(value)) continue;
    else if (kind === "query") asked.push(`${key}=${encodeURIComponent(value)}`);
    else if (kind.startsWith("file")) parts.push(`  -F ${key}=${kind === "file" ? "@" : ""}${quoted(value)}`);
    else put(body, one, value);
  }
  const query = asked.length ? `?${asked.join("&")}` : "";
  const lines = [`curl -X ${method} ${quoted(place + query)}`, '  -H "Authorization: Bearer $HELIOS_TOKEN"'];
  if (Object.keys(body).length) {
    lines.push("  -H 'Content-Type: application/json'", `  -d ${quoted(JSON.stringify(body))}`);
  }
  return [...lines, ...parts].join(" \\\n");
}

function say(form) {
  for (const { dataset: { twin } } of form.querySelectorAll(".twins[open] [data-twin]")) {
    const spec = JSON.parse(document.getElementById(twin).textContent);
    const said = Object.fromEntries(spec.values.map((one) => [one.field, given(form, one, spec.known)]));
    const command = document.getElementById(`${twin}-cli`);
    if (command) command.textContent = commandOf(spec, said);
    const call = document.getElementById(`${twin}-curl`);
    if (call) call.textContent = callOf(spec, said);
  }
}

for (const kind of ["input", "change", "toggle"]) {
  document.addEventListener(kind, ({ target }) => {
    const form = target.closest("form");
    if (form?.querySelector(".twins")) say(form);
  }, true);
}
