// What stands below the tiles: why a KPI moved, the funnel, the forecast, the pipeline, the cohorts.

const section = (id, title, says, ...children) => h("section", { id, "aria-labelledby": `${id}-title` }, h("div", { class: "head" }, h("h2", { id: `${id}-title` }, title)), says && h("p", { class: "says" }, says), children);
const figure = (title, note, place, ...more) => h("figure", {}, h("figcaption", {}, h("h3", {}, title), note && h("p", {}, note)), place, more);

// why it moved

function whySection() {
  const kpi = DATA.kpis.find((each) => each.kpi_code === state.kpi);
  if (!kpi) return null;
  const shown = DATA.kpis.filter((each) => byTile.has(tileKey(each.kpi_code, state.grain, state.period, ...scope())));
  const row = byTile.get(tileKey(kpi.kpi_code, state.grain, state.period, ...scope()));
  const [scope_type, scope_id] = scope();
  const mine = matching(DATA.drivers, { kpi_code: kpi.kpi_code, period_grain: state.grain, period_start_date: state.period, scope_type, scope_id });
  const kinds = [...new Set(mine.map((each) => each.driver_type))].sort((one, other) => w(`by_${one}`).localeCompare(w(`by_${other}`), state.lang));
  const main = mine.find((each) => each.is_main_driver);
  const by = kinds.includes(state.by) ? state.by : main ? main.driver_type : kinds[0];
  const chooser = h(
    "div",
    { class: "filters", role: "group", "aria-label": w("filters") },
    select("kpi", w("kpi"), shown.map((each) => [each.kpi_code, said(each, "label")]), state.kpi, (code) => choose({ kpi: code, by: "" })),
    kinds.length ? select("by", w("by"), kinds.map((kind) => [kind, w(`by_${kind}`)]), by, (kind) => choose({ by: kind })) : null,
  );
  return doubted(whyDoubts(kpi, row), "why", w("why", { kpi: said(kpi, "label") }), whySays(kpi, row), h("p", { class: "note" }, typeset(said(kpi, "description"))), chooser, h("div", { class: "pair" }, trendFigure(kpi), driversFigure(kpi, row, mine, by, main)));
}

// a change is of two values
function whyDoubts(kpi, row) {
  const periods = DATA.periods.filter((each) => each.period_grain === state.grain);
  const before = periods[periods.findIndex((each) => each.period_start_date === state.period) + 1];
  return [row, before && byTile.get(tileKey(kpi.kpi_code, state.grain, before.period_start_date, ...scope()))].filter(Boolean).flatMap(tileDoubts);
}

function whySays(kpi, row) {
  if (row.value === null || row.previous_value === null) return typeset(said(row, "comment"));
  const difference = asWritten(row.value, kpi.unit) - asWritten(row.previous_value, kpi.unit);
  const values = { previous: number(row.previous_value, kpi.unit), value: number(row.value, kpi.unit), change: change(difference, kpi.unit) };
  return w(isComparedSoFar(row) ? "moved_so_far" : "moved", values) + (row.is_mature === false ? " " + w("not_complete") : "");
}

const NO_TILE = { value: null, target_value: null, same_period_last_year_value: null, ci_low: null, ci_high: null, sample_size: null };

// the periods since the first value, those without one too: the line has a gap there
function trendRows(kpi) {
  const rows = DATA.periods
    .filter((each) => each.period_grain === state.grain)
    .map((each) => ({ ...NO_TILE, ...each, ...byTile.get(tileKey(kpi.kpi_code, state.grain, each.period_start_date, ...scope())) }))
    .reverse();
  return rows.slice(rows.findIndex((row) => row.value !== null));
}

function trendFigure(kpi) {
  const rows = trendRows(kpi);
  if (rows.filter((row) => row.value !== null).length < 2) return figure(w("trend"), null, h("p", { class: "note" }, w("no_trend")));
  const points = rows.map((row, index) => ({
    order: index, label: axisName(row.period_grain, rows, index), value: row.value, target: row.target_value, year: row.same_period_last_year_value, low: row.ci_low ?? row.value, high: row.ci_high ?? row.value,
    size: row.period_start_date === state.period ? 100 : row.is_partial_period ? 55 : 26, fill: row.is_partial_period ? "var(--paper)" : tileDoubts(row).every(isUsable) ? "var(--accent)" : "var(--line)",
    said: [labelled(`${capital(periodName(row.period_grain, row.period_start_date))}${row.is_partial_period ? ` (${w("so_far")})` : ""}`, number(row.value, kpi.unit)), row.ci_low !== null && labelled(w("interval"), between(row.ci_low, row.ci_high, kpi.unit)), row.target_value !== null && labelled(w("target"), number(row.target_value, kpi.unit)), ...tileDoubts(row).map((each) => w(`trust_${each.trust_status}`))].filter(Boolean).join("\n"),
  }));
  const key = [["trend_key_value", "3px solid var(--accent)"], points.some((each) => each.low !== each.value) && ["trend_key_interval", "10px solid var(--accent-soft)"], points.some((each) => each.target !== null) && ["trend_key_target", "2px dashed var(--ink)"], points.some((each) => each.year !== null) && ["trend_key_year", "2px dotted var(--muted)"]].filter(Boolean);
  return figure(
    w("trend_of", { n: points.length }),
    null,
    chart("trend", points, `${said(kpi, "label")}. ${trendSays(points.map((each) => each.value), kpi.unit)}`, kpi.unit),
    h("ul", { class: "key" }, key.map(([word, border]) => h("li", {}, h("span", { style: `width:18px;border-top:${border}` }), w(word)))),
    behind(
      said(kpi, "label"),
      [w("period"), w("value"), w("interval"), w("target"), w("last_year"), w("records"), w("trust")],
      rows.map((row) => [periodLabel({ ...row }), said(row, "formatted_value") ?? "–", between(row.ci_low, row.ci_high, kpi.unit), number(row.target_value, kpi.unit), number(row.same_period_last_year_value, kpi.unit), number(row.sample_size), row.trust_status ? w(`trust_${row.trust_status}`) : "–"]),
    ),
  );
}

// a driver of its own kind is named without saying the kind again
const BARE = /^(channel|segment|product|team|canal|segment|produit|équipe) /;
const driverName = (row) => (said(row, "label") ? capital(said(row, "label").replace(BARE, "")) : w(row.drivers_count === 1 ? "other" : "others", { n: row.drivers_count }));

// why there is nothing to show
function noDrivers(row) {
  if (state.rep && state.grain === "week") return "no_drivers_week";
  return row.value === null || row.previous_value === null || row.value === row.previous_value ? "no_drivers" : "no_drivers_here";
}

function driversFigure(kpi, row, mine, by, main) {
  if (!by) return figure(w("drivers"), null, h("p", { class: "note", id: "no-drivers" }, w(noDrivers(row))));
  const better = kpi.direction === "down" ? -1 : 1;
  const rows = mine.filter((each) => each.driver_type === by);
  const contributions = rows.map((each) => each.contribution);
  const bars = rows.map((each, index) => ({
    order: said(each, "label") ? index : 99, label: driverName(each), value: each.contribution, zero: 0, text: change(each.contribution, kpi.unit),
    side: each.contribution * better >= 0 ? "helped" : "held",
    said: [driverName(each), change(each.contribution, kpi.unit), each.previous_value !== null && each.value !== null && by !== "movement" && !["factor", "funnel"].includes(by) && `${number(each.previous_value, kpi.unit)} → ${number(each.value, kpi.unit)}`].filter(Boolean).join("\n"),
  }));
  // both sides need a row of their own to make room
  if (bars.length === 1) bars.push({ ...bars[0], text: "" });
  const helped = bars.filter((each) => each.side === "helped").length;
  return figure(
    w("drivers"),
    main ? w("main_driver", { driver: driverName(main), change: change(main.contribution, kpi.unit) }) : w("drivers_add_up"),
    chart("drivers", bars, w("drivers_says", { kpi: said(kpi, "label"), helped, held: bars.length - helped }), kpi.unit, Math.max(60, rows.length * 26), [Math.min(0, ...contributions), Math.max(0, ...contributions)]),
    h("ul", { class: "key" }, h("li", {}, h("span", { class: "swatch", style: "background:var(--accent)" }), w("helped")), h("li", {}, h("span", { class: "swatch", style: "background:var(--held)" }), w("held"))),
    behind(w("drivers"), [w("driver"), w("contribution"), w("effect")], rows.map((each) => [driverName(each), change(each.contribution, kpi.unit), each.contribution ? w(each.contribution * better > 0 ? "helped" : "held") : "–"]), { text: [0, 2] }),
  );
}

// the funnel: of the newest cohorts up to the chosen period whose steps have all had their time

const LONG = ["lead", "mql", "sql", "opportunity", "demo", "proposal", "won"];
const STAGES = { sdr: LONG.slice(0, 4), account_executive: LONG.slice(3), sales_director: LONG, executive: LONG };

const stepsOf = (grain, start) => DATA.steps.filter((each) => each.period_grain === grain && each.period_start_date === start && inScope(each));

function adjacent(stages, rows) {
  return stages.slice(1).map((to, index) => rows.find((each) => each.from_stage === stages[index] && each.to_stage === to)).filter(Boolean);
}

function maturePeriod(stages) {
  const end = DATA.periods.find((each) => each.period_grain === state.grain && each.period_start_date === state.period)?.period_end_date ?? "9999";
  return DATA.periods.filter((each) => each.period_grain === "quarter" && each.period_start_date <= end).find((each) => {
    const steps = adjacent(stages, stepsOf("quarter", each.period_start_date));
    return steps.length && steps.every((step) => step.is_mature);
  });
}

function funnelSection() {
  const stages = STAGES[PAGE];
  const period = maturePeriod(stages);
  if (!period) return section("funnel", w("funnel"), null, h("p", { class: "note" }, w("no_funnel")));
  const start = period.period_start_date;
  const steps = adjacent(stages, stepsOf("quarter", start));
  const worst = steps.find((each) => each.is_bottleneck && each.recoverable_loss_amount > 0);
  const name = periodName("quarter", start);
  const says = worst
    ? w("bottleneck", { step: stepName(worst.from_stage, worst.to_stage), loss: number(worst.recoverable_loss_amount, "EUR"), rate: number(worst.conversion_rate, "rate"), usual: number(worst.benchmark_rate, "rate"), period: name })
    : w("no_bottleneck", { period: name });
  return doubted(steps.filter((each) => each.entrants_count).flatMap(stepDoubts), "funnel", w("funnel"), says, h("p", { class: "note" }, w("funnel_of", { period: name })), h("div", { class: "pair" }, countsFigure(stages, start), ratesFigure(steps)));
}

// of the first stage anybody of the scope entered: account executives get opportunities, not leads
function countsFigure(stages, start) {
  const rows = DATA.cohorts.filter((each) => each.period_grain === "quarter" && each.period_start_date === start && inScope(each));
  const entered = stages.find((stage) => rows.some((each) => each.cohort_stage === stage && each.stage === stage && each.reached_count > 0));
  if (!entered) return figure(w("funnel_counts"), null, h("p", { class: "note" }, w("no_funnel")));
  const cohort = rows.filter((each) => each.cohort_stage === entered);
  const bars = stages.map((stage, order) => ({ order, stage, found: cohort.find((each) => each.stage === stage) })).filter((each) => each.found).map(({ order, stage, found }) => ({ order, label: capital(stageName(stage)), count: found.reached_count }));
  const first = bars[0].count;
  bars.forEach((each, index) => {
    each.text = index ? `${number(each.count)} · ${number(each.count / first, "rate")}` : number(each.count);
    each.said = labelled(each.label, each.text);
  });
  return figure(
    w("funnel_counts"),
    w("funnel_counts_note", { stage: stageName(entered) }),
    chart("funnel_counts", bars, bars.map((each) => each.said).join(", "), "count", bars.length * 30, [0, first]),
    behind(w("funnel_counts"), [w("stage"), w("reached"), w("of_cohort")], bars.map((each) => [each.label, number(each.count), number(each.count / first, "rate")])),
  );
}

function ratesFigure(steps) {
  const dots = steps.filter((each) => each.conversion_rate !== null).map((each, index) => ({
    order: index, label: stepName(each.from_stage, each.to_stage), rate: each.conversion_rate, low: each.ci_low, high: each.ci_high, usual: each.benchmark_rate, end: Math.max(each.ci_high, each.benchmark_rate ?? 0),
    state: each.is_bottleneck && each.recoverable_loss_amount > 0 ? "bottleneck" : "plain",
    text: each.recoverable_loss_amount > 0 ? "-" + number(each.recoverable_loss_amount, "EUR") : "",
    said: [stepName(each.from_stage, each.to_stage), `${number(each.conversion_rate, "rate")} (${number(each.ci_low, "rate")} – ${number(each.ci_high, "rate")})`, each.benchmark_rate !== null && labelled(w("usual_rate"), number(each.benchmark_rate, "rate"))].filter(Boolean).join("\n"),
  }));
  if (!dots.length) return figure(w("funnel_rates"), null, h("p", { class: "note" }, w("no_funnel")));
  return figure(
    w("funnel_rates"),
    w("funnel_rates_note"),
    chart("funnel_rates", dots, listed(dots.map((each) => each.said.replaceAll("\n", ", "))), "rate", dots.length * 34),
    h("ul", { class: "key" }, h("li", {}, h("span", { style: "width:11px;height:11px;border-radius:50%;background:var(--accent)" }), w("rate_key")), h("li", {}, h("span", { style: "width:3px;height:14px;background:var(--ink)" }), w("usual_rate"))),
    behind(
      w("funnel_rates"),
      [w("step"), w("entrants"), w("rate"), w("interval"), w("usual_rate"), w("loss"), w("within")],
      steps.map((each) => [stepName(each.from_stage, each.to_stage), number(each.entrants_count), number(each.conversion_rate, "rate"), between(each.ci_low, each.ci_high, "rate"), number(each.benchmark_rate, "rate"), number(each.recoverable_loss_amount, "EUR"), number(each.window_days, "days")]),
    ),
  );
}

// the forecast

function forecastSection() {
  const rows = DATA.forecasts.filter(inScope);
  if (!rows.length) return section("forecast", w("forecast"), null, h("p", { class: "note" }, w("no_forecast")));
  const made = rows.filter((each) => each.forecast_amount !== null);
  const shown = made.length ? made : rows;
  const says = made.map((each) => w("forecast_says", { period: capital(periodName(each.period_grain, each.period_start_date)), amount: number(each.forecast_amount, "EUR"), low: number(each.low_amount, "EUR"), high: number(each.high_amount, "EUR") })).join(" ");
  return doubted(forecastDoubts(shown), "forecast", w("forecast"), says || w("forecast_short_history"), h("div", { class: "pair" }, forecastFigure(shown), recordFigure()));
}

// a period to come has no trust of its own: it is forecast from the data of the newest one that has begun
function forecastDoubts(rows) {
  return rows.flatMap(({ period_grain, period_start_date }) => {
    const known = DATA.periods.find((each) => each.period_grain === period_grain && each.period_start_date <= period_start_date);
    return known ? doubtsOf(["forecast_bookings_amount"], period_grain, known.period_start_date, capital(periodName(period_grain, period_start_date))) : [];
  });
}

function forecastFigure(rows) {
  const bars = rows.map((each, index) => ({
    order: index, label: capital(periodName(each.period_grain, each.period_start_date)), won: each.won_to_date_amount, forecast: each.forecast_amount ?? each.won_to_date_amount, low: each.low_amount, high: each.high_amount, target: each.target_value,
    said: [labelled(w("won_to_date"), number(each.won_to_date_amount, "EUR")), labelled(w("forecast_amount"), `${number(each.forecast_amount, "EUR")} (${between(each.low_amount, each.high_amount, "EUR")})`), each.target_value !== null && labelled(w("target"), number(each.target_value, "EUR"))].filter(Boolean).join("\n"),
  }));
  return figure(
    w("forecast_running"),
    rows[0] && rows[0].forecast_status !== "insufficient_history" ? w(`forecast_${rows[0].forecast_status}`) : null,
    chart("forecast_now", bars, listed(bars.map((each) => labelled(each.label, each.said.replaceAll("\n", ", ")))), "EUR", bars.length * 46),
    h("ul", { class: "key" }, h("li", {}, h("span", { class: "swatch", style: "background:var(--accent)" }), w("won_to_date")), h("li", {}, h("span", { class: "swatch", style: "background:var(--accent-soft)" }), w("forecast_rest")), h("li", {}, h("span", { style: "width:18px;border-top:2px solid var(--muted)" }), w("interval_80")), h("li", {}, h("span", { style: "width:3px;height:14px;background:var(--ink)" }), w("target"))),
    behind(
      w("forecast_running"),
      [w("period"), w("won_to_date"), w("open_expected"), w("create_and_close"), w("forecast_amount"), w("interval_80"), w("target")],
      rows.map((each) => [periodName(each.period_grain, each.period_start_date), number(each.won_to_date_amount, "EUR"), number(each.open_expected_amount, "EUR"), number(each.create_and_close_amount, "EUR"), number(each.forecast_amount, "EUR"), between(each.low_amount, each.high_amount, "EUR"), number(each.target_value, "EUR")]),
    ),
  );
}

function recordFigure() {
  const rows = DATA.record.filter(inScope);
  if (!rows.length) return figure(w("record"), null, h("p", { class: "note" }, w("no_record")));
  const inside = rows.filter((each) => each.actual_amount >= each.low_amount && each.actual_amount <= each.high_amount).length;
  const points = rows.map((each, index) => ({
    order: index, label: axisName("month", rows, index), forecast: each.forecast_amount, low: each.low_amount, high: each.high_amount, actual: each.actual_amount,
    said: [capital(periodName("month", each.period_start_date)), labelled(w("actual"), number(each.actual_amount, "EUR")), labelled(w("forecast_amount"), `${number(each.forecast_amount, "EUR")} (${between(each.low_amount, each.high_amount, "EUR")})`)].join("\n"),
  }));
  return figure(
    w("record"),
    w("record_note", { inside, n: rows.length }),
    chart("forecast_record", points, w("record_note", { inside, n: rows.length }), "EUR"),
    h("ul", { class: "key" }, h("li", {}, h("span", { style: "width:10px;height:10px;border-radius:50%;background:var(--ink)" }), w("actual")), h("li", {}, h("span", { style: "width:14px;border-top:3px solid var(--accent)" }), w("forecast_amount")), h("li", {}, h("span", { class: "swatch", style: "background:var(--accent-soft)" }), w("interval_80"))),
    behind(w("record"), [w("period"), w("actual"), w("forecast_amount"), w("interval_80")], rows.map((each) => [capital(periodName("month", each.period_start_date)), number(each.actual_amount, "EUR"), number(each.forecast_amount, "EUR"), between(each.low_amount, each.high_amount, "EUR")])),
  );
}

// the pipeline due in the period, movement by movement

const MOVEMENTS = ["created", "pulled_in", "increased", "transferred_in", "reopened", "decreased", "pushed_out", "transferred_out", "won", "lost", "removed", "revalued"];

function pipelineSection() {
  const grain = state.grain === "week" ? "month" : state.grain;
  const period = state.grain === "week" ? DATA.periods.find((each) => each.period_grain === "month" && each.period_start_date <= state.period) : { period_start_date: state.period };
  const row = period && DATA.waterfall.find((each) => each.period_grain === grain && each.period_start_date === period.period_start_date && inScope(each));
  if (!row) return section("pipeline", w("pipeline"), null, h("p", { class: "note" }, w("no_pipeline")));
  const name = periodName(grain, row.period_start_date);
  let level = row.opening_amount;
  const bars = [{ key: "opening", start: 0, end: level, kind: "stock", value: level }];
  for (const key of MOVEMENTS) {
    const value = row[`${key}_amount`];
    if (!value) continue;
    bars.push({ key, start: level, end: level + value, kind: value > 0 ? "up" : key === "won" ? "won" : "down", value });
    level += value;
  }
  const moved = bars.filter((each) => each.kind !== "stock" && each.key !== "won" && each.key !== "lost");
  bars.push({ key: "closing", start: 0, end: row.closing_amount, kind: "stock", value: row.closing_amount });
  const levels = bars.flatMap((each) => [each.start, each.end]);
  bars.forEach((each, order) => Object.assign(each, { order, label: w(`move_${each.key}`), top: Math.max(each.start, each.end), text: each.kind === "stock" ? number(each.value, "EUR") : change(each.value, "EUR") }));
  bars.forEach((each) => (each.said = labelled(each.label, each.text)));
  return doubted(
    doubtsOf(["pipeline_open_amount"], grain, row.period_start_date),
    "pipeline",
    w("pipeline"),
    pipelineSays(name, row, moved),
    figure(w("pipeline_of", { period: name }), w("pipeline_note"), chart("waterfall", bars, bars.map((each) => each.said).join(", "), "EUR", bars.length * 26, [0, Math.max(...levels, 1)]), behind(w("pipeline"), [w("movement"), w("amount")], bars.map((each) => [each.label, each.text]))),
  );
}

// what came in and went out, in whole amounts that come to what is still open
function pipelineSays(period, row, moved) {
  const came = moved.filter((each) => each.value > 0).sort((one, other) => other.value - one.value);
  const sums = [row.opening_amount, came.reduce((sum, each) => sum + each.value, 0), -row.won_amount, -row.lost_amount, row.closing_amount];
  const [opening, added, won, lost, closing] = sums.map((each) => Math.round(each));
  const away = moved.length > came.length ? opening + added - won - lost - closing : 0;
  const amounts = Object.entries({ opening, added, won, lost, away, closing }).map(([name, value]) => [name, number(value, "EUR")]);
  const mostly = came.length > 1 ? w("pipeline_mostly", { movement: came[0].label.toLowerCase(), amount: number(Math.round(came[0].value), "EUR") }) : "";
  return w("pipeline_says", { period: capital(period), mostly, ...Object.fromEntries(amounts) });
}

// the cohorts: what is not complete yet is hatched, which makes a triangle

const REACHES = { sdr: [["lead", "mql"], ["lead", "sql"], ["lead", "opportunity"], ["lead", "won"]], account_executive: [["opportunity", "demo"], ["demo", "proposal"], ["proposal", "won"], ["opportunity", "won"]] };
REACHES.sales_director = [...REACHES.sdr, ["opportunity", "won"]];

function cohortSection() {
  const grain = state.grain === "quarter" || state.rep ? "quarter" : "month";
  const periods = DATA.periods.filter((each) => each.period_grain === grain && DATA.steps.some((row) => row.period_grain === grain && row.period_start_date === each.period_start_date)).slice().reverse();
  const rows = new Map(DATA.steps.filter((row) => row.period_grain === grain && inScope(row)).map((row) => [`${row.period_start_date} ${row.from_stage} ${row.to_stage}`, row]));
  const of = (period, [from, to]) => rows.get(`${period.period_start_date} ${from} ${to}`);
  const steps = REACHES[PAGE].filter((step) => periods.some((period) => of(period, step)?.entrants_count));
  const there = periods.filter((period) => steps.some((step) => of(period, step)?.entrants_count));
  if (!there.length) return section("cohorts", w("cohorts"), null, h("p", { class: "note" }, w("no_funnel")));
  const most = steps.map((step) => Math.max(...there.map((period) => of(period, step)?.conversion_rate ?? 0), 1e-9));
  const heads = [w(grain === "month" ? "cohort_month" : "cohort_quarter"), ...steps.map(([from, to]) => stepName(from, to))];
  const lines = there.map((period) => [capital(periodName(grain, period.period_start_date)), ...steps.map((step, index) => cohortCell(of(period, step), most[index]))]);
  return section(
    "cohorts",
    w("cohorts"),
    w("cohorts_says"),
    // a cell each, and not all of them for one of them
    doubtLines(there.slice().reverse().flatMap((period) => steps.map((step) => of(period, step)).filter((row) => row?.entrants_count).flatMap(stepDoubts))),
    table(w("cohorts"), heads, lines, { kind: "heat", hidden: true }),
    h("ul", { class: "key" }, h("li", {}, h("span", { class: "swatch", style: "background:rgba(var(--heat),0.35)" }), w("complete_cell")), h("li", {}, h("span", { class: "swatch immature" }), w("immature_cell"))),
  );
}

function cohortCell(row, most) {
  if (!row || !row.entrants_count || row.conversion_rate === null) return h("td", {}, "–");
  const isMature = row.is_mature;
  const title = w(isMature ? "cell_says" : "cell_says_immature", { converted: number(row.converted_count), entrants: number(row.entrants_count), days: number(row.window_days, "days"), expected: number(row.expected_final_rate, "rate") });
  const usual = !isMature && row.benchmark_rate !== null ? h("small", {}, w("usual_cell", { rate: number(row.benchmark_rate, "rate") })) : null;
  const doubts = stepDoubts(row);
  const isUsed = doubts.every(isUsable);
  const depth = (0.04 + 0.36 * Math.min(1, row.conversion_rate / most)).toFixed(3);
  const marks = [!isMature && w("immature_cell"), ...doubts.map((each) => w(`trust_${each.trust_status}`))].filter(Boolean);
  return h(
    "td",
    { title: [title, ...doubts.map((each) => each.text)].join("\n"), class: [!isMature && "immature", !isUsed && "untrusted"].filter(Boolean).join(" ") || null, style: isMature && isUsed ? `background:rgba(var(--heat),${depth})` : null },
    number(row.conversion_rate, "rate"),
    marks.length ? h("span", { class: "vh" }, ` ${marks.join(", ")}`) : null,
    usual,
  );
}

const PAGES = {
  sdr: () => rolePage([whySection, funnelSection, cohortSection]),
  account_executive: () => rolePage([whySection, funnelSection, pipelineSection, cohortSection]),
  sales_director: () => rolePage([whySection, forecastSection, funnelSection, pipelineSection, cohortSection]),
  executive: () => rolePage([whySection, forecastSection, funnelSection]),
};
