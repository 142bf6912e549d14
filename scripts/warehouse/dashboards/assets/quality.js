// The quality page: what the figures may be trusted for, and why not where they may not.

PAGES.quality = () => {
  if (!DATA.freshness.length && !DATA.trust.length) return [heading(w("lede_quality")), nothing(w("nothing_built"))];
  const times = settlePeriod(DATA.trust, ["week", "month", "quarter"], "month");
  const late = DATA.freshness.filter((each) => each.status !== "fresh").length;
  const now = DATA.trust.filter((each) => each.period_grain === state.grain && each.period_start_date === state.period);
  const trusted = now.filter((each) => each.trust_status === "trusted").length;
  const faulty = DATA.columns.filter((each) => ["incomplete", "uncastable"].includes(each.status)).reduce((sum, each) => sum + each.columns_count, 0);
  const sum = (value, label, tone) => h("div", {}, h("dt", {}, label), h("dd", { class: tone }, value));
  return [
    heading(w("lede_quality")),
    times.periods.length ? h("div", { class: "filters", role: "group", "aria-label": w("filters") }, periodFilters(times)) : null,
    h("dl", { class: "sums" }, sum(`${number(trusted)} / ${number(now.length)}`, w("kpis_trusted"), trusted < now.length ? "warn" : "good"), sum(`${number(DATA.freshness.length - late)} / ${number(DATA.freshness.length)}`, w("tables_fresh"), late ? "warn" : "good"), sum(number(faulty), w("columns_faulty"), faulty ? "warn" : "good"), sum(`${number(DATA.matches.filter((each) => !each.is_low).length)} / ${number(DATA.matches.length)}`, w("matches_fine"), DATA.matches.some((each) => each.is_low) ? "warn" : "good")),
    trustSection(times),
    checkSection(),
    freshnessSection(),
    matchSection(),
    completenessSection(),
  ];
};

function trustSection({ periods }) {
  if (!periods.length) return null;
  // the newest first: it is what a narrow screen shows
  const shown = periods;
  const rows = new Map(DATA.trust.filter((each) => each.period_grain === state.grain).map((each) => [`${each.kpi_code} ${each.period_start_date}`, each]));
  const lines = DATA.kpis
    .filter((kpi) => shown.some((period) => rows.has(`${kpi.kpi_code} ${period.period_start_date}`)))
    .sort((one, other) => said(one, "label").localeCompare(said(other, "label"), state.lang))
    .map((kpi) => [
      kpiName(kpi),
      ...shown.map((period) => {
        const row = rows.get(`${kpi.kpi_code} ${period.period_start_date}`);
        if (!row) return "";
        const status = w(`trust_${row.trust_status}`);
        const text = said(row, "reasons") ? labelled(status, said(row, "reasons")) : status;
        return h("td", { title: text, "data-trust": row.trust_status }, shape(row.trust_status), h("span", { class: "vh" }, text));
      }),
    ]);
  const reasons = [...new Set(DATA.trust.filter((each) => each.period_grain === state.grain && each.period_start_date === state.period && each.trust_status !== "trusted").map((each) => said(each, "reasons")).filter(Boolean))];
  const kpisFor = (reason) => DATA.trust.filter((each) => each.period_grain === state.grain && each.period_start_date === state.period && said(each, "reasons") === reason).map((each) => said(DATA.kpis.find((kpi) => kpi.kpi_code === each.kpi_code), "label")).join(", ");
  return section(
    "trust",
    w("trust_of_kpis"),
    reasons.length ? null : w("all_trusted"),
    reasons.length ? h("ul", { class: "alerts" }, reasons.map((reason) => h("li", { class: "warn" }, h("p", {}, typeset(reason)), h("p", {}, kpisFor(reason))))) : null,
    table(w("trust_of_kpis"), [w("kpi"), ...shown.map((period) => capital(periodName(state.grain, period.period_start_date, true)))], lines, { kind: "matrix", hidden: true }),
    h("ul", { class: "key" }, ["trusted", "degraded", "not_trusted", "no_source"].map((each) => h("li", {}, shape(each), `${w(`trust_${each}`)} – ${w(`trust_${each}_says`)}`))),
  );
}

// what the checks wrote of a finding, as [how they write it, the word that says it]; figures and days go into the word
const FOUND = [
  [/^none$/, "found_none"],
  [/^all$/, "found_all"],
  [/^nothing$/, "found_nothing"],
  [/^all that were there before$/, "found_all_before"],
  [/^anything, for want of a past$/, "found_anything"],
  [/^at least (?<low>.+)$/, "found_at_least"],
  [/^at most (?<high>.+)$/, "found_at_most"],
  [/^(?<count>\S+) months, the last (?<month>\d{4}-\d\d)$/, "found_months"],
  [/^(?<count>\S+) months, the last (?<month>\d{4}-\d\d): (?<words>.+)$/s, "found_months_words"],
  [/^(?<count>\S+) \(first (?<day>\d{4}-\d\d-\d\d)\)$/, "found_first"],
  [/^(?<part>\d+) of (?<whole>\d+) rows$/, "found_rows"],
  [/^(?<part>\d+) of (?<whole>\d+) files$/, "found_files"],
  [/^(?<value>[\d.,]+(?: \S+)?) \((?<part>[\d.,]+) of (?<whole>[\d.,]+)\)$/, "found_share"],
  [/^(?<count>\S+) \((?<day>\d{4}-\d\d-\d\d): (?<value>[\d,.]+), (?<low>\S+) to (?<high>\S+) usual\)$/, "found_days"],
  [/^(?<count>\S+) \((?<day>\d{4}-\d\d-\d\d): (?<value>[\d,.]+), at least (?<low>\S+) usual\)$/, "found_days_least"],
  [/^(?<low>[\d.,]+(?: \S+)?) to (?<high>[\d.,]+(?: \S+)?)$/, "found_range"],
  [/^(?<value>[\d.,]+(?: \S+)?)$/, "found_value"],
];

const WORD = /(?<source>\S+) has (?<column>\S+) '(?<word>[^']*)' in (?<count>\d+) rows/g;

function foundWords(text) {
  if (text === null) return "–";
  const [pattern, word] = FOUND.find(([pattern]) => pattern.test(text)) ?? [];
  if (!word) return text;
  const parts = Object.entries(text.match(pattern).groups ?? {}).map(([name, part]) => {
    if (name === "day") return [name, day(part, state.lang)];
    if (name === "month") return [name, periodName("month", `${part}-01`)];
    // words of the exports themselves
    if (name === "words") return [name, part.replaceAll(WORD, (...found) => w("found_word", found.at(-1)))];
    const isFrench = state.lang === "fr";
    return [name, isFrench ? part.replaceAll(",", NARROW).replace(".", ",").replace("times", "fois").replace("hours", "heures") : part];
  });
  return w(word, Object.fromEntries(parts));
}

const daysOf = ({ from_date, to_date }) => {
  const said = (date) => day(date, state.lang, { day: "numeric", month: "short", year: "numeric" });
  if (!from_date) return "–";
  if (from_date === to_date) return said(from_date);
  return to_date ? `${said(from_date)} – ${said(to_date)}` : w("since", { day: said(from_date) });
};

function checkSection() {
  const [{ checks_count }] = DATA.checked;
  if (!checks_count) return null;
  const failed = DATA.checks.filter((each) => each.status === "failed").length;
  const heads = [w("check"), w("days"), w("observed"), w("expected_value"), w("consequence"), w("owner"), w("state")];
  const named = (each) => [[each.check_name, each.column_name].filter(Boolean).join(" · "), said(each, "label") ? h("p", { class: "note" }, said(each, "label")) : null];
  const lines = DATA.checks.map((each) => [named(each), daysOf(each), foundWords(each.observed), foundWords(each.expected), w(`breach_${each.on_breach}`), each.owner ?? "–", badge(each.status, `check_${each.status}`)]);
  return section("checks", w("checks"), failed ? w("checks_failed", { failed: number(failed), n: number(checks_count) }) : w("checks_fine", { n: number(checks_count) }), lines.length ? table(w("checks"), heads, lines, { hidden: true, text: [0, 1, 2, 3, 4, 5, 6] }) : null, h("p", { class: "note" }, w("checks_note"), DATA.isDocumented ? [" ", h("a", { href: "../quality/index.html" }, w("checks_all"))] : null));
}

// hours as people say them: up to two days as such, then days
const hours = (value) => (value > 48 ? number(value / 24, "days") : number(value * 60, "minutes"));
const moment = (text) => (text ? `${day(text, state.lang, { day: "numeric", month: "short", year: "numeric" })} ${text.slice(11, 16)}` : "–");

function freshnessSection() {
  const lines = DATA.freshness.map((each) => [`${each.source_instance} · ${each.table_name}`, moment(each.newest_extracted_at), moment(each.newest_business_at), each.hours_late ? hours(each.hours_late) : "–", hours(each.limit_hours), badge(each.status, `fresh_${each.status}`), said(each, "reason") ?? ""]);
  const late = DATA.freshness.filter((each) => each.status !== "fresh").length;
  return section("freshness", w("freshness"), late ? w("freshness_late", { n: number(late) }) : w("freshness_fine"), table(w("freshness"), [w("source"), w("newest_export"), w("newest_record"), w("late_by"), w("expected_every"), w("state"), w("reason")], lines, { hidden: true, text: [0, 5, 6] }));
}

function matchSection() {
  if (!DATA.matches.length) return null;
  const lines = DATA.matches.map((each) => [w(`match_${each.entity}`) + ` (${each.left_system} → ${each.right_system})`, number(each.left_count), number(each.matched_count), number(each.match_rate, "rate"), number(each.limit_rate, "rate"), badge(each.is_low ? "low" : "ok", each.is_low ? "match_low" : "match_ok")]);
  return section("matches", w("matches"), w("matches_says"), table(w("matches"), [w("records_of"), w("looked_for"), w("found"), w("rate"), w("least"), w("state")], lines, { hidden: true, text: [0, 5] }));
}

function completenessSection() {
  const lines = DATA.completeness.map((each) => [`${each.source_instance} · ${each.table_name} · ${each.column_name}`, number(each.rows_count), number(each.filled_rate, "rate"), number(each.castable_rate, "rate"), number(each.required_rate, "rate"), badge(each.status, `complete_${each.status}`)]);
  const faulty = DATA.completeness.filter((each) => ["incomplete", "uncastable"].includes(each.status)).length;
  const heads = [w("column"), w("rows"), w("filled"), w("readable"), w("least"), w("state")];
  return section("completeness", w("completeness"), faulty ? w("completeness_faulty", { n: number(faulty) }) : w("completeness_fine"), faulty ? table(w("completeness"), heads, lines.slice(0, faulty), { hidden: true, text: [0, 5] }) : null, lines.length > faulty ? behind(w("completeness"), heads, lines.slice(faulty), { text: [0, 5] }) : null);
}
