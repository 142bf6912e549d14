// The people page: how each rep does beside peers, never a place without its interval.

const STANDINGS = ["top", "typical", "needs_support", "not_enough_data", "ramping"];

PAGES.people = () => {
  if (!DATA.cards.length) return [heading(w("lede_people")), nothing(w("nothing_built"))];
  const times = settlePeriod(DATA.cards, ["quarter", "year"], "year");
  const all = DATA.cards.filter((row) => row.period_grain === state.grain && row.period_start_date === state.period);
  const teamOf = new Map(DATA.reps.map((each) => [each.rep_id, each.team_id]));
  const known = new Set(all.flatMap((row) => [`rep ${row.rep_id}`, `team ${teamOf.get(row.rep_id)}`]));
  settleScope(known);
  const shown = all.filter((row) => (state.rep ? row.rep_id === state.rep : !state.team || teamOf.get(row.rep_id) === state.team));
  return [
    heading(w("lede_people")),
    h("div", { class: "filters", role: "group", "aria-label": w("filters") }, periodFilters(times), scopeFilters(known)),
    h("p", { class: "shown", role: "status" }, `${scopeName(...scope())} · ${periodLabel(times.periods.find((each) => each.period_start_date === state.period))}`),
    state.rep ? repSection(shown) : standingsSection(shown),
    ranksSection(all, shown),
    state.rep ? null : stepsSection(shown),
  ];
};

const kpisOf = (role, rows) => DATA.kpis.filter((kpi) => kpi.role === role && rows.some((row) => row.kpi_code === kpi.kpi_code));
const roleOf = (row) => DATA.kpis.find((kpi) => kpi.kpi_code === row.kpi_code && row.peer_group.startsWith(kpi.role))?.role;
const standingKey = () => h("ul", { class: "key" }, STANDINGS.map((each) => h("li", {}, shape(each), `${w(`standing_${each}`)} – ${w(`standing_${each}_says`)}`)));
const byName = (one, other) => repName(one).localeCompare(repName(other), state.lang);

function standingsSection(rows) {
  const parts = ["account_executive", "sdr"].map((role) => {
    const mine = rows.filter((row) => roleOf(row) === role);
    const kpis = kpisOf(role, mine);
    const reps = [...new Set(mine.map((row) => row.rep_id))].sort(byName);
    if (!reps.length) return null;
    const lines = reps.map((rep) => [
      repName(rep),
      ...kpis.map((kpi) => {
        const row = mine.find((each) => each.rep_id === rep && each.kpi_code === kpi.kpi_code);
        if (!row) return "";
        const text = labelled(w(`standing_${row.standing}`), number(row.value, kpi.unit));
        return h("td", { title: text, "data-standing": row.standing }, shape(row.standing), h("span", { class: "vh" }, text));
      }),
    ]);
    return figure(w(`page_${role}`), null, table(w(`page_${role}`), [w("rep"), ...kpis.map((kpi) => said(kpi, "label"))], lines, { kind: "matrix", hidden: true }));
  });
  const called = rows.filter((row) => ["top", "needs_support"].includes(row.standing)).length;
  return section("standings", w("standings"), w("standings_says", { called: number(called), n: number(rows.length) }), parts, standingKey());
}

const places = (row) => (row.rank_low === null ? "–" : row.rank_low === row.rank_high ? w("place_one", { low: row.rank_low, n: row.peers_count }) : w("place", { low: row.rank_low, high: row.rank_high, n: row.peers_count }));

function repSection(rows) {
  if (!rows.length) return nothing(w("no_card"));
  const [first] = rows;
  const step = first.weakest_step ? first.weakest_step.split(" > ") : null;
  const says = step ? w("weakest_says", { step: stepName(...step), loss: number(first.weakest_step_loss_amount, "EUR") }) : w("no_weakest");
  const lines = kpisOf(roleOf(first), rows).map((kpi) => {
    const row = rows.find((each) => each.kpi_code === kpi.kpi_code);
    return [said(kpi, "label"), number(row.value, kpi.unit), number(row.shrunk_value, kpi.unit), number(row.peer_value, kpi.unit), places(row), number(row.sample_size), badge(row.standing, `standing_${row.standing}`)];
  });
  return section("card", repName(first.rep_id), says, table(repName(first.rep_id), [w("kpi"), w("value"), w("likely_value"), w("peers_value"), w("places"), w("records"), w("standing")], lines, { hidden: true, text: [0, 6] }), h("p", { class: "note" }, w("likely_says")), standingKey());
}

// the places of one KPI, best first; who is chosen stands out, the peers stay for comparison
function ranksSection(all, shown) {
  const ranked = shown.filter((row) => row.rank_low !== null);
  const options = ["account_executive", "sdr"].flatMap((role) => kpisOf(role, ranked.filter((row) => roleOf(row) === role)).map((kpi) => [`${role}.${kpi.kpi_code}`, `${w(`page_${role}`)} · ${said(kpi, "label")}`]));
  if (!options.length) return null;
  const usual = options.find(([key]) => key.endsWith(".win_rate")) || options[0];
  const [value] = options.find(([key]) => key === state.kpi) || usual;
  const [role, code] = value.split(".");
  const kpi = DATA.kpis.find((each) => each.role === role && each.kpi_code === code);
  const rows = (state.rep ? all : shown).filter((row) => row.kpi_code === code && row.rank_low !== null && roleOf(row) === role).sort((one, other) => one.rank_low + one.rank_high - other.rank_low - other.rank_high || byName(one.rep_id, other.rep_id));
  const bars = rows.map((row, order) => ({
    order, label: repName(row.rep_id), low: row.rank_low, high: row.rank_high, middle: (row.rank_low + row.rank_high) / 2, standing: row.standing, worst: row.peers_count,
    weight: state.rep && row.rep_id !== state.rep ? 0.35 : 1, text: number(row.value, kpi.unit),
    said: [repName(row.rep_id), `${number(row.value, kpi.unit)}, ${labelled(w("likely_value"), number(row.shrunk_value, kpi.unit))}`, places(row), w(`standing_${row.standing}`)].join("\n"),
  }));
  return section(
    "ranks",
    w("ranks"),
    w("ranks_says"),
    h("div", { class: "filters" }, select("kpi", w("kpi"), options, value, (key) => choose({ kpi: key }))),
    figure(
      said(kpi, "label"),
      null,
      chart("ranks", bars, listed(bars.map((each) => each.said.replaceAll("\n", ", "))), "count", bars.length * 26 + 10),
      behind(said(kpi, "label"), [w("rep"), w("value"), w("likely_value"), w("peers_value"), w("places"), w("records"), w("standing")], rows.map((row) => [repName(row.rep_id), number(row.value, kpi.unit), number(row.shrunk_value, kpi.unit), number(row.peer_value, kpi.unit), places(row), number(row.sample_size), w(`standing_${row.standing}`)])),
    ),
  );
}

function stepsSection(rows) {
  const losses = new Map(rows.filter((row) => row.weakest_step && row.weakest_step_loss_amount > 0).map((row) => [row.rep_id, row]));
  if (!losses.size) return section("weakest", w("weakest"), null, h("p", { class: "note" }, w("no_weakest_any")));
  const lines = [...losses.values()].sort((one, other) => other.weakest_step_loss_amount - one.weakest_step_loss_amount).map((row) => [repName(row.rep_id), stepName(...row.weakest_step.split(" > ")), number(row.weakest_step_loss_amount, "EUR")]);
  return section("weakest", w("weakest"), w("weakest_all_says"), table(w("weakest"), [w("rep"), w("step"), w("loss")], lines, { hidden: true, text: [0, 1] }));
}
