// The first page: a line of each headline of the company, and what deserves a reaction.

PAGES.index = () => {
  if (!DATA.tiles.length) return [heading(w("lede_index")), nothing(w("nothing_built"))];
  const times = settlePeriod(DATA.tiles, ["week", "month", "quarter"], "month");
  const rows = DATA.tiles.filter((row) => row.period_grain === state.grain && row.period_start_date === state.period);
  return [
    heading(w("lede_index")),
    h("div", { class: "filters", role: "group", "aria-label": w("filters") }, periodFilters(times)),
    h("p", { class: "shown", role: "status" }, `${w("whole_company")} · ${periodLabel(times.periods.find((each) => each.period_start_date === state.period))}`),
    h("section", { id: "alerts" }, h("h2", {}, w("alerts")), DATA.alerts.length ? alertList(DATA.alerts.slice(0, 10)) : h("p", { class: "note" }, w("no_alerts"))),
    h(
      "div",
      { class: "cards" },
      ["executive", "sales_director", "account_executive", "sdr"].map((page) => card(page, headlines(page, rows))),
      ["people", "quality"].map((page) => card(page, null)),
    ),
  ];
};

// where a value stands against its target, whether it can still change, and whether it may be trusted
function marks(row) {
  const isJudged = row.status && row.status !== "no_target" && isUsable(row);
  const shown = [isJudged && badge(row.status), row.is_mature === false && badge("immature"), row.trust_status !== "trusted" && badge(row.trust_status, `trust_${row.trust_status}`)].filter(Boolean);
  return shown.length ? shown.map((each) => h("div", {}, each)) : h("span", { class: "vh" }, w("status_no_target"));
}

const card = (page, content) => h("article", { class: "card" }, h("h2", {}, h("a", { href: `${page}.html${address()}` }, w(`page_${page}`))), h("p", { class: "note" }, w(`lede_${page}`)), content);

function headlines(page, rows) {
  const lines = DATA.kpis
    .filter((kpi) => kpi.dashboard === page && kpi.is_headline)
    .map((kpi) => [kpi, rows.find((row) => row.dashboard === page && row.kpi_code === kpi.kpi_code)])
    .filter(([, row]) => row)
    .map(([kpi, row]) => h("tr", { "data-kpi": kpi.kpi_code }, h("th", { scope: "row" }, said(kpi, "label")), h("td", {}, said(row, "formatted_value") ?? "–"), h("td", { class: "sparks" }, sparkline(trend(row), row.target_value, trendSays(trend(row), kpi.unit), row.is_partial_period || row.is_mature === false)), h("td", {}, marks(row))));
  const head = h("thead", {}, h("tr", {}, [w("kpi"), w("value"), w("trend"), w("state")].map((each) => h("th", { scope: "col" }, each))));
  return lines.length ? h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": w(`page_${page}`) }, h("table", {}, head, h("tbody", {}, lines))) : h("p", { class: "note" }, w("nothing_in_period"));
}
