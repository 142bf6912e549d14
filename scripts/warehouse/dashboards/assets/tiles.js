// The tiles of a role page, its alerts, and the filters they follow.

const TILE_GRAINS = ["week", "month", "quarter"];
let byTile;

const tileKey = (kpi, grain, period, type, id) => [kpi, grain, period, type, id].join("\u0001");

function scope() {
  if (state.rep) return ["rep", state.rep];
  if (state.team) return ["team", state.team];
  return ["company", "all"];
}

const inScope = (row) => row.scope_type === scope()[0] && row.scope_id === scope()[1];

function settleScope(known) {
  if (state.team && !known.has(`team ${state.team}`)) state.team = "";
  if (state.rep && !known.has(`rep ${state.rep}`)) state.rep = "";
  const rep = DATA.reps.find((each) => each.rep_id === state.rep);
  if (rep && state.team && rep.team_id !== state.team) state.team = "";
}

function scopeFilters(known) {
  const sorted = (list) => list.sort((one, other) => one[1].localeCompare(other[1], state.lang));
  const ids = (type) => [...known].filter((each) => each.startsWith(type + " ")).map((each) => each.slice(type.length + 1));
  const teamOf = new Map(DATA.reps.map((each) => [each.rep_id, each.team_id]));
  // the day somebody leaves is the last one in the team
  const left = new Set(DATA.reps.filter((each) => each.left_date && each.left_date < DATA.asOf).map((each) => each.rep_id));
  const teams = sorted(ids("team").map((id) => [id, scopeName("team", id)]));
  const reps = sorted(ids("rep").filter((id) => !state.team || teamOf.get(id) === state.team).map((id) => [id, scopeName("rep", id) + (left.has(id) ? ` (${w("has_left")})` : "")]));
  return [
    select("team", w("team"), [["", w("all_teams")], ...teams], state.team, (team) => choose({ team, rep: "" })),
    select("rep", w("rep"), [["", w("all_reps")], ...reps], state.rep, (rep) => choose({ rep })),
  ];
}

function sparkline(values, target, described, isOpen = false) {
  const there = values.filter((each) => each !== null);
  if (there.length < 2) return h("p", { class: "note spark" }, PAGE === "index" ? "–" : w("no_trend"));
  const all = target === null ? there : [...there, target];
  const low = Math.min(...all);
  const high = Math.max(...all);
  const x = (index) => 3 + (index * 214) / Math.max(values.length - 1, 1);
  const y = (value) => (high === low ? 20 : 36 - ((value - low) / (high - low)) * 32);
  const runs = [];
  let run = [];
  values.forEach((value, index) => {
    if (value === null) {
      if (run.length) runs.push(run);
      run = [];
    } else run.push(`${x(index).toFixed(1)},${y(value).toFixed(1)}`);
  });
  if (run.length) runs.push(run);
  const last = values.length - 1;
  return h(
    "svg",
    { class: "spark", viewBox: "0 0 220 40", preserveAspectRatio: "none", role: "img", "aria-label": described },
    target !== null && h("line", { x1: 0, x2: 220, y1: y(target), y2: y(target), stroke: "var(--muted)", "stroke-dasharray": "3 3", "vector-effect": "non-scaling-stroke", "stroke-width": 1 }),
    runs.map((points) => h("polyline", { points: (points.length === 1 ? [points[0], points[0]] : points).join(" "), fill: "none", stroke: "var(--accent)", "stroke-width": 1.8, "stroke-linecap": "round", "stroke-linejoin": "round", "vector-effect": "non-scaling-stroke" })),
    values[last] !== null && h("line", { x1: x(last), x2: x(last), y1: y(values[last]), y2: y(values[last]), stroke: "var(--accent)", "stroke-width": 7.5, "stroke-linecap": "round", "vector-effect": "non-scaling-stroke" }),
    // hollow where the last value can still change
    isOpen && values[last] !== null && h("line", { x1: x(last), x2: x(last), y1: y(values[last]), y2: y(values[last]), stroke: "var(--paper)", "stroke-width": 4, "stroke-linecap": "round", "vector-effect": "non-scaling-stroke" }),
  );
}

function trendSays(values, unit) {
  const there = values.filter((each) => each !== null);
  return there.length ? w("trend_says", { n: values.length, low: number(Math.min(...there), unit), high: number(Math.max(...there), unit), last: number(there[there.length - 1], unit) }) : w("no_trend");
}

const trend = (row) => JSON.parse(row.trend || "[]");
// a forecast is of the whole period, and is compared with whole ones
const isComparedSoFar = (row) => row.is_partial_period && row.kpi_code !== "forecast_bookings_amount";

function reasonOf(row) {
  const found = DATA.reasons.find((each) => each.kpi_code === row.kpi_code && each.period_grain === row.period_grain && each.period_start_date === row.period_start_date);
  return found ? said(found, "reasons") : null;
}

// the name of a KPI, which leads to what it is
const kpiName = (kpi) => (DATA.isDocumented ? h("a", { href: documentation(`kpis/${kpi.kpi_code}`) }, said(kpi, "label")) : said(kpi, "label"));

function tile(kpi, row) {
  const { unit } = kpi;
  const isTrusted = isUsable(row);
  const status = isTrusted ? row.status : row.trust_status;
  // that data cannot be used is no bad result
  const tone = (isTrusted && TONES[status]) || "calm";
  const values = trend(row);
  const facts = [];
  const fact = (key, text, title) => facts.push(h("dt", { title }, w(key)), h("dd", {}, text));
  if (row.ci_low !== null && row.ci_high !== null) fact("interval", spread(row.ci_low, row.ci_high, unit), w("interval_says"));
  // velocity is in money per day everywhere on its tile: the value says so
  const money = unit === "EUR_per_day" ? "EUR" : unit;
  if (row.previous_value !== null) fact("before", number(row.previous_value, money), w(isComparedSoFar(row) ? "before_says_so_far" : "before_says"));
  if (row.same_period_last_year_value !== null) fact("last_year", number(row.same_period_last_year_value, money), w(isComparedSoFar(row) ? "last_year_says_so_far" : "last_year_says"));
  fact("trust", h("span", { class: "status " + (TONES[row.trust_status] || "calm"), "data-trust": row.trust_status }, shape(row.trust_status), w(`trust_${row.trust_status}`)));
  const reason = row.trust_status === "trusted" ? null : reasonOf(row);
  const isChosen = state.kpi === kpi.kpi_code;
  return h(
    "li",
    { class: `tile${isTrusted ? "" : " untrusted"}${isChosen ? " chosen" : ""}`, "data-kpi": kpi.kpi_code, "data-value": row.value, "data-status": status },
    h(
      "div",
      { class: "row" },
      h("h3", { title: typeset(said(kpi, "description")) }, kpiName(kpi)),
      h("button", { type: "button", class: "why", id: `why-${kpi.kpi_code}`, "aria-pressed": String(isChosen), "aria-label": w("why_of", { kpi: said(kpi, "label") }), onclick: () => { choose({ kpi: kpi.kpi_code, by: "" }); document.getElementById("why").scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" }); } }, w("why_short")),
    ),
    valueOf(row),
    h("div", { class: "row against" }, status && status !== "no_target" && badge(status), row.target_value !== null && h("span", {}, row.attainment_rate === null ? w("target_is", { target: number(row.target_value, unit) }) : w("attained", { share: number(row.attainment_rate, "rate"), target: number(row.target_value, unit) }))),
    row.attainment_rate !== null && h("div", { class: `bar ${tone}`, "aria-hidden": "true" }, h("i", { style: `width:${Math.min(100, Math.max(0, row.attainment_rate * 80))}%` }), h("b", { style: "left:80%" })),
    sparkline(values, row.target_value, trendSays(values, unit), row.is_partial_period || row.is_mature === false),
    h("p", { class: "comment" }, typeset(said(row, "comment"))),
    reason && h("p", { class: "reason" }, typeset(reason)),
    h("dl", {}, facts),
  );
}

function valueOf(row) {
  const text = said(row, "formatted_value") ?? "–";
  // "per day" is read after the number, not with it
  const [, value, per] = text.match(/^(.*?)((?:\s|\u202f)(?:per|par)(?:\s|\u202f).*)?$/);
  return h("p", { class: "value" }, value, per && h("span", { class: "per" }, per));
}

function alertList(alerts) {
  return h(
    "ul",
    { class: "alerts" },
    alerts.map((each) => h("li", { class: TONES[each.severity] }, badge(each.severity), h("p", {}, typeset(said(each, "message"))), h("p", {}, typeset(said(each, "suggested_analysis"))))),
  );
}

function alertSection(alerts) {
  return h("section", { id: "alerts" }, h("div", { class: "head" }, h("h2", {}, w("alerts"))), alerts.length ? alertList(alerts) : h("p", { class: "note" }, w("no_alerts")));
}

// which dashboards a page lists the alerts of: the company's on those of who answers for it, its own on the others
function alertsHere() {
  const isWide = PAGE === "sales_director" || PAGE === "executive";
  const own = new Set(DATA.kpis.map((each) => each.kpi_code));
  return DATA.alerts.filter((each) => (scope()[0] === "company" ? isWide || own.has(each.kpi_code) : inScope(each))).slice(0, 5);
}

function rolePage(sections) {
  if (!DATA.tiles.length) return [heading(w(`lede_${PAGE}`)), nothing(w("nothing_built"))];
  const there = new Set(DATA.tiles.map((row) => `${row.scope_type} ${row.scope_id}`));
  settleScope(there);
  const rows = DATA.tiles.filter(inScope);
  const times = settlePeriod(rows, TILE_GRAINS, "month");
  const shown = rows.filter((row) => row.period_grain === state.grain && row.period_start_date === state.period);
  const kpis = DATA.kpis.filter((kpi) => shown.some((row) => row.kpi_code === kpi.kpi_code));
  byTile ??= new Map(DATA.tiles.map((row) => [tileKey(row.kpi_code, row.period_grain, row.period_start_date, row.scope_type, row.scope_id), row]));
  if (!kpis.some((kpi) => kpi.kpi_code === state.kpi)) state.kpi = usualKpi(kpis, shown);
  const missing = DATA.kpis.filter((kpi) => !kpis.includes(kpi)).map((kpi) => said(kpi, "label"));
  const period = times.periods.find((each) => each.period_start_date === state.period);
  return [
    heading(w(`lede_${PAGE}`)),
    h("div", { class: "filters", role: "group", "aria-label": w("filters") }, periodFilters(times), scopeFilters(there)),
    h("p", { class: "shown", role: "status" }, `${scopeName(...scope())} · ${period ? periodLabel(period) : ""}`),
    h("h2", { class: "vh" }, w("tiles")),
    h("ul", { class: "tiles" }, kpis.map((kpi) => tile(kpi, shown.find((row) => row.kpi_code === kpi.kpi_code)))),
    missing.length ? h("p", { class: "note", id: "missing" }, w("missing_tiles", { kpis: missing.join(", ") })) : null,
    alertSection(alertsHere()),
    sections.map((section) => section()),
  ];
}

// what the page explains first: what is off its target, else the first headline with a value
function usualKpi(kpis, shown) {
  const rowOf = (kpi) => shown.find((row) => row.kpi_code === kpi.kpi_code);
  const off = kpis.find((kpi) => ["missed", "at_risk"].includes(rowOf(kpi).status));
  const first = kpis.find((kpi) => kpi.is_headline && rowOf(kpi).value !== null);
  return (off || first || kpis[0] || {}).kpi_code || null;
}
