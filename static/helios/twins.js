// The command and the call beside a form, as the form stands now: what helios_site/twins.py says of it
// when the page is made.
const CALM = /^[\w@%+=:,./-]+$/;
const quoted = (text) => (CALM.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`);

function given(form, { field, kind, required }, known) {
  const parts = [...form.querySelectorAll(`[name="${field}"]`)];
  const on = parts.filter(({ type, checked }) => !["checkbox", "radio"].includes(type) || checked);
  const values = on.map(({ value }) => value.trim().replace(/^C:\\fakepath\\/, "")).filter(Boolean);
  if (kind === "switch") return values.length > 0;
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
    if (flag) words.push(flag);
    if (value !== true) words.push(...[value].flat().map((one) => quoted(String(one))));
  }
  return words.join(" ");
}

function callOf({ method, address, values }, said) {
  const [body, parts, asked] = [{}, [], []];
  let place = address;
  for (const { field, key, kind } of values) {
    const value = said[field];
    if (place.includes(`{${field}}`)) place = place.replace(`{${field}}`, encodeURIComponent(value));
    else if (key === null || isNothing(value)) continue;
    else if (kind === "query") asked.push(`${key}=${encodeURIComponent(value)}`);
    else if (kind.startsWith("file")) parts.push(`  -F ${key}=${kind === "file" ? "@" : ""}${quoted(value)}`);
    else body[key] = value;
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
