// What every page has: its data, what is chosen, words, elements, filters and charts.
const THEMES = ["auto", "light", "dark"];
const GRAINS = ["week", "month", "quarter", "year"];
const PAGE = document.body.dataset.page;
let DATA;
let state;
let drawn = 0; // the charts of an earlier choice are not put into the page of a later one

async function unpacked() {
  const packed = Uint8Array.from(atob(document.getElementById("data").textContent), (each) => each.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const data = JSON.parse(await new Response(stream).text());
  for (const [name, table] of Object.entries(data)) {
    // of drivers there are tens of thousands, of which a choice shows a dozen
    if (table && Array.isArray(table.columns) && name !== "drivers" && name !== "words") data[name] = table.rows.map((row) => asObject(table.columns, row));
  }
  return data;
}

function asObject(columns, row) {
  const made = {};
  for (let index = 0; index < columns.length; index++) made[columns[index]] = row[index];
  return made;
}

// the rows of a table that was not unpacked that have all of the wanted values
function matching({ columns, rows }, wanted) {
  const tests = Object.entries(wanted).map(([name, value]) => [columns.indexOf(name), value]);
  return rows.filter((row) => tests.every(([index, value]) => row[index] === value)).map((row) => asObject(columns, row));
}

// words

function w(key, values = {}) {
  const text = DATA.words[key]?.[state.lang === "fr" ? 1 : 0] ?? key.replace(/^[a-z]+_/, "").replaceAll("_", " ");
  return typeset(text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole));
}

// French wants an unbreakable space before its tall punctuation
function typeset(text) {
  if (text === null) return text;
  return state.lang === "fr" ? text.replace(/ ([:»])/g, "\u00a0$1").replace(/« /g, "«\u00a0").replace(/ ([;!?%€])/g, NARROW + "$1") : text;
}

// what is read of a chart and of a cell, as each language writes a colon and a semicolon
const labelled = (name, text) => w("labelled", { name, text });
const listed = (texts) => texts.join(typeset(state.lang === "fr" ? " ; " : "; "));

const said = (row, name) => row[`${name}_${state.lang}`] ?? row[`${name}_en`];
const number = (value, unit = "count") => formatted(value, unit, state.lang, DATA.currency);
const spread = (low, high, unit) => range(low, high, unit, state.lang, DATA.currency);
const between = (low, high, unit) => (low === null ? "–" : `${number(low, unit)} – ${number(high, unit)}`);
const change = (value, unit) => signed(value, unit, state.lang, DATA.currency);
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function periodName(grain, start, isShort = false) {
  const found = (DATA.periods || []).find((each) => each.period_grain === grain && each.period_start_date === start);
  if (grain === "week") return (isShort ? "" : w("week_of") + " ") + day(start, state.lang, { day: "numeric", month: "short", ...(isShort ? {} : { year: "numeric" }) });
  if (grain === "quarter" && found) return w(isShort ? "quarter_short" : "quarter_long", { n: found.fiscal_quarter, year: isShort ? String(found.fiscal_year).slice(2) : found.fiscal_year });
  if (grain === "year" && found) return w("year_long", { year: found.fiscal_year });
  return day(start, state.lang, isShort ? { month: "short", year: "numeric" } : { month: "long", year: "numeric" });
}

// on an axis a year is said where it begins, and at the end, which a narrow axis has place for
function axisName(grain, rows, index) {
  const start = rows[index].period_start_date;
  const isPlain = grain === "month" && index < rows.length - 1 && rows[index - 1]?.period_start_date.slice(0, 4) === start.slice(0, 4);
  return isPlain ? day(start, state.lang, { month: "short" }) : periodName(grain, start, true);
}

function periodLabel(period) {
  const name = capital(periodName(period.period_grain, period.period_start_date));
  return period.is_partial_period ? `${name} (${w("to_day", { day: day(DATA.asOf, state.lang, { day: "numeric", month: "short" }) })})` : name;
}

const stageName = (stage) => w(`stage_${stage}`);
const stepName = (from, to) => `${stageName(from)} → ${stageName(to)}`;

function repName(id) {
  const rep = DATA.reps.find((each) => each.rep_id === id);
  if (id === "unallocated") return w("unallocated");
  return rep && rep.rep_name ? rep.rep_name : id;
}

function scopeName(type, id) {
  if (type === "company") return w("whole_company");
  if (type === "rep") return repName(id);
  return { unallocated: w("unallocated"), unknown: w("unknown") }[id] ?? id;
}

// elements: text is only ever set as text, so that nothing in the data can be code

function h(tag, attributes = {}, ...children) {
  const made = ["svg", "path", "polyline", "line", "circle", "polygon", "rect", "title"].includes(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const SHAPES = {
  ahead: ["polygon", { points: "6,1 11.5,11 0.5,11" }],
  on_track: ["circle", { cx: 6, cy: 6, r: 5 }],
  at_risk: ["polygon", { points: "6,0 12,6 6,12 0,6" }],
  missed: ["polygon", { points: "6,11 0.5,1 11.5,1" }],
  too_early: ["circle", { cx: 6, cy: 6, r: 4.2, fill: "none", "stroke-width": 1.8 }],
  not_trusted: ["path", { d: "M2 2L10 10M10 2L2 10", fill: "none", "stroke-width": 2.2 }],
  degraded: ["path", { d: "M6 1L11.5 11H0.5ZM6 4.4V7.4M6 8.6V9.8", fill: "none", "stroke-width": 1.4 }],
  no_target: ["path", { d: "M2 6H10", fill: "none", "stroke-width": 1.8 }],
};
Object.assign(SHAPES, {
  immature: SHAPES.too_early, top: SHAPES.ahead, typical: SHAPES.on_track, needs_support: SHAPES.missed, not_enough_data: SHAPES.too_early, ramping: ["path", { d: "M2 11V8M6 11V5M10 11V2", fill: "none", "stroke-width": 2 }],
  fresh: SHAPES.on_track, ok: SHAPES.on_track, late: SHAPES.at_risk, stale: SHAPES.missed, trusted: SHAPES.on_track, no_source: SHAPES.no_target,
  incomplete: SHAPES.at_risk, uncastable: SHAPES.missed, empty: SHAPES.no_target, low: SHAPES.missed, failed: SHAPES.missed, excused: SHAPES.too_early,
  critical: SHAPES.missed, important: SHAPES.at_risk, info: SHAPES.ahead,
});
const TONES = {
  ahead: "good", on_track: "good", top: "good", fresh: "good", ok: "good", trusted: "good", info: "good",
  at_risk: "warn", late: "warn", degraded: "warn", incomplete: "warn", important: "warn",
  missed: "bad", needs_support: "bad", stale: "bad", uncastable: "bad", not_trusted: "bad", low: "bad", failed: "bad", critical: "bad",
};

function shape(status) {
  const [tag, attributes] = SHAPES[status] || SHAPES.no_target;
  return h("svg", { viewBox: "0 0 12 12", "aria-hidden": "true", fill: "currentColor", stroke: attributes.fill === "none" ? "currentColor" : "none", class: TONES[status] || "calm" }, h(tag, attributes));
}

const badge = (status, words = `status_${status}`) => h("span", { class: `status ${TONES[status] || "calm"}`, "data-status": status }, shape(status), w(words));

function table(caption, headers, rows, { text = [0], kind = "", hidden = false } = {}) {
  const scroll = h(
    "div",
    { class: "scroll", tabindex: "0", role: "group", "aria-label": caption },
    h(
      "table",
      { class: kind },
      h("caption", { class: hidden ? "vh" : null }, caption),
      h("thead", {}, h("tr", {}, headers.map((each, index) => h("th", { scope: "col", class: text.includes(index) ? "text" : null }, each)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, index) => (cell instanceof HTMLElement && cell.tagName === "TD" ? cell : h(index ? "td" : "th", { scope: index ? null : "row", class: text.includes(index) ? "text" : null }, cell)))))),
    ),
  );
  return scroll;
}

const behind = (...given) => h("details", {}, h("summary", {}, w("as_table")), table(...given));

// what is chosen is in the address, so that a link or a bookmark brings it back and the other pages keep it

function chosen() {
  const said = new URLSearchParams(location.hash.slice(1));
  const browser = (navigator.language || "en").toLowerCase().startsWith("fr") ? "fr" : "en";
  const among = (name, known, otherwise) => (known.includes(said.get(name)) ? said.get(name) : otherwise);
  return {
    lang: among("lang", ["en", "fr"], browser),
    theme: among("theme", THEMES, "auto"),
    grain: among("grain", GRAINS, null),
    period: said.get("period"),
    team: said.get("team") || "",
    rep: said.get("rep") || "",
    kpi: said.get("kpi"),
    by: said.get("by"),
  };
}

const address = () => "#" + new URLSearchParams(Object.entries(state).filter(([name, value]) => value && !(name === "theme" && value === "auto"))).toString();

function choose(changes) {
  Object.assign(state, changes);
  // a page opened from a file may not write its history, but always its own hash
  location.replace(address());
  show();
}

// filters

function select(id, label, options, value, onchange) {
  return h(
    "label",
    { for: id },
    label,
    h("select", { id, onchange: (event) => onchange(event.target.value) }, options.map(([key, text]) => h("option", { value: key, selected: key === value }, text))),
  );
}

function buttons(id, label, options, value, onclick, isLabelled = true) {
  const group = h(
    "span",
    { class: "choice", role: "group", "aria-label": label },
    options.map(([key, text, lang]) => h("button", { type: "button", id: `${id}-${key}`, lang, "aria-pressed": String(key === value), onclick: () => onclick(key) }, text)),
  );
  return isLabelled ? h("span", { class: "labelled" }, h("span", { "aria-hidden": "true" }, label), group) : group;
}

const periodsOf = (grain, known) => DATA.periods.filter((each) => each.period_grain === grain && known.has(`${grain} ${each.period_start_date}`));

// the running period once a third of it has passed, before that the last whole one: two days of a month say nothing
function usualPeriod(periods) {
  const [newest, before] = periods;
  if (!newest) return null;
  const passed = (new Date(DATA.asOf) - new Date(newest.period_start_date)) / (new Date(newest.period_end_date) - new Date(newest.period_start_date));
  return (newest.is_partial_period && passed < 1 / 3 && before ? before : newest).period_start_date;
}

// grain and period that the page has rows of
function settlePeriod(rows, grains, usual) {
  const known = new Set(rows.map((row) => `${row.period_grain} ${row.period_start_date}`));
  const there = grains.filter((grain) => periodsOf(grain, known).length);
  if (!there.includes(state.grain)) Object.assign(state, { grain: there.includes(usual) ? usual : there[0] || usual, period: null });
  const periods = periodsOf(state.grain, known);
  if (!periods.some((each) => each.period_start_date === state.period)) state.period = usualPeriod(periods);
  return { grains: there, periods };
}

function periodFilters({ grains, periods }) {
  return [
    buttons("grain", w("grain"), grains.map((grain) => [grain, w(grain)]), state.grain, (grain) => choose({ grain, period: null })),
    select("period", w("period"), periods.map((each) => [each.period_start_date, periodLabel(each)]), state.period, (period) => choose({ period })),
  ];
}

// charts: drawn one by one after the page is there, and again when what is chosen changes

const LETTER = 6.8; // pixels of a letter of a label, and of a line of letters
const LINE = 14;
let waiting = [];

function chart(name, rows, described, unit = "count", height = null, ends = null) {
  const place = h("div", { class: "chart", role: "img", "aria-label": described, "data-chart": name });
  waiting.push({ place, name, rows, unit, height, ends });
  return place;
}

// a label in lines no longer than a place, told by the length of a letter
function inLines(text, limit) {
  const lines = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length && longer.length * LETTER < limit) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join("\n");
}

// room for the text at the ends of bars, in units of the axis: `ends` are the least and the greatest value drawn
function makeRoom(rows, [low, high], width, limit) {
  const longest = (name) => Math.max(...rows.flatMap((row) => (row[name] ?? "").split("\n").map((line) => line.length)));
  const plot = Math.max(120, width - Math.min(limit, longest("label") * LETTER) - 16);
  const text = Math.min(longest("text") * LETTER + 10, plot * 0.42);
  const sides = (low < 0 ? 1 : 0) + (high > 0 || low >= 0 ? 1 : 0);
  const scale = (high - low || 1) / Math.max(plot - sides * text, 40);
  rows.forEach((row, index) => (row.edge = index % 2 && low < 0 ? low - text * scale : high + text * scale));
}

const VEGA_CONFIG = {
  background: "transparent",
  font: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  aria: false,
  customFormatTypes: true,
  view: { stroke: null },
  axis: { labelColor: "var(--muted)", titleColor: "var(--muted)", domainColor: "var(--line)", tickColor: "var(--line)", gridColor: "var(--faint)", labelFontSize: 12, labelLimit: 240, titleFontWeight: "normal" },
  text: { fontSize: 12, color: "var(--ink)" },
};

async function draw() {
  const mine = ++drawn;
  document.body.dataset.drawn = "";
  const library = document.getElementById("library");
  if (!library) {
    document.body.dataset.drawn = "yes";
    return;
  }
  // the library is read once the figures are there to be seen
  await new Promise((seen) => requestAnimationFrame(() => setTimeout(seen)));
  if (!window.vegaEmbed) document.body.append(h("script", {}, library.textContent));
  if (mine !== drawn) return;
  const due = waiting;
  waiting = [];
  for (const { place, name, rows, unit, height, ends } of due) {
    if (mine !== drawn) return;
    const limit = place.clientWidth < 480 ? 120 : 210;
    const spec = JSON.parse(JSON.stringify(DATA.charts[name]).replaceAll('"UNIT"', JSON.stringify(unit)).replaceAll('"labelLimit":210', `"labelLimit":${limit}`));
    // bars have a height of their own, and labels beside them that may be long
    if (height) rows.forEach((row) => (row.label = inLines(row.label, limit)));
    if (ends) makeRoom(rows, ends, place.clientWidth, limit);
    // what nobody has a value of (a target, a year before) is no layer
    spec.layer = spec.layer.filter(({ encoding }) => ["x", "y"].every((side) => rows.some((row) => (row[encoding[side].field] ?? null) !== null)));
    spec.datasets = { rows };
    if (height) spec.height = Math.max(height, ...rows.map((row) => rows.length * (row.label.split("\n").length * LINE + 4)));
    const { view } = await window.vegaEmbed(place, spec, { actions: false, renderer: "svg", ast: true, config: VEGA_CONFIG, tooltip: { theme: "custom" }, expressionFunctions: { kpi: (value, unit) => onAxis(value, unit, state.lang, DATA.currency) } });
    // the place says in words what the drawing shows, and the table below says it all
    view.container().querySelector("svg").setAttribute("aria-hidden", "true");
  }
  if (mine === drawn) document.body.dataset.drawn = "yes";
}

// the page

function frame() {
  const pages = ["index", "sdr", "account_executive", "sales_director", "executive", "people", "quality"];
  document.getElementById("pages").setAttribute("aria-label", w("pages"));
  document.getElementById("pages").replaceChildren(
    h("ul", {}, pages.map((page) => h("li", {}, h("a", { href: `${page}.html${address()}`, "aria-current": page === PAGE ? "page" : null }, w(`page_${page}`))))),
  );
  document.getElementById("tools").replaceChildren(
    buttons("lang", w("language"), [["en", "English", "en"], ["fr", "Français", "fr"]], state.lang, (lang) => choose({ lang }), false),
    h("select", { id: "theme", "aria-label": w("theme"), onchange: (event) => choose({ theme: event.target.value }) }, THEMES.map((each) => h("option", { value: each, selected: each === state.theme }, w(`theme_${each}`)))),
    h("button", { type: "button", id: "print", onclick: () => window.print() }, w("print")),
  );
  const skip = document.getElementById("skip");
  skip.textContent = w("skip");
  skip.onclick = () => document.getElementById("main").focus();
  const guides = h("p", {}, h("a", { href: documentation("kpis/index") }, w("definitions")), " · ", h("a", { href: documentation("guides/read-the-numbers") }, w("guide")));
  document.getElementById("foot").replaceChildren(h("p", {}, w("foot", { day: day(DATA.asOf, state.lang) })), DATA.isDocumented ? guides : "", ...DATA.leftOut.map((each) => h("p", {}, w(each))));
}

// a page of the documentation that is published beside the dashboards
const documentation = (page) => `../docs/${page}${state.lang === "fr" ? ".fr" : ""}.html`;

const heading = (lede) => [h("h1", {}, w(`page_${PAGE}`)), h("p", { class: "lede" }, lede), h("p", { class: "lede" }, DATA.asOf ? w("as_of", { day: day(DATA.asOf, state.lang) }) : w("nothing_yet"))];

const nothing = (text) => h("p", { class: "notice" }, text);

function show() {
  const focused = document.activeElement && document.activeElement.id;
  const root = document.documentElement;
  root.lang = state.lang;
  if (state.theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = state.theme;
  waiting = [];
  const content = PAGES[PAGE]();
  document.title = `${w(`page_${PAGE}`)} – ${w("title")}`;
  document.getElementById("main").replaceChildren(...content.flat(3).filter(Boolean));
  frame();
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  document.body.dataset.shown = "yes";
  draw();
}

async function start() {
  state = chosen();
  const title = document.querySelector("h1");
  if (state.lang === "fr") title.textContent = title.dataset.fr;
  if (!window.DecompressionStream) {
    document.getElementById("too-old").hidden = false;
    return;
  }
  DATA = await unpacked();
  show();
  window.addEventListener("hashchange", () => {
    if (location.hash !== address()) {
      state = chosen();
      show();
    }
  });
}
