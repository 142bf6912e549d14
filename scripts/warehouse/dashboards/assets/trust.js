// What is to be said against the figures of a section, and where none of them should be used.

const DOUBTS = ["not_trusted", "no_source", "degraded"]; // the gravest first
const MOST_DOUBTS = 3; // lines above a section; a cell of it has its own in its title

const isUsable = (row) => row.trust_status === "trusted" || row.trust_status === "degraded";

const asDoubt = (row, reason, name) => ({ trust_status: row.trust_status, text: typeset(reason ?? w(`trust_${row.trust_status}_says`)), name });

// of KPIs in a period, for the company and everybody in it; what can be trusted has none
function doubtsOf(kpis, grain, start, name = capital(periodName(grain, start))) {
  return DATA.reasons
    .filter((each) => kpis.includes(each.kpi_code) && each.period_grain === grain && each.period_start_date === start)
    .map((each) => asDoubt(each, said(each, "reasons"), name));
}

// of a tile, whose own word is the one that counts
const tileDoubts = (row) => (row.trust_status && row.trust_status !== "trusted" ? [asDoubt(row, reasonOf(row), capital(periodName(row.period_grain, row.period_start_date)))] : []);

// of a step of the funnel: those of the KPI of that step, or of the steps between where none is of it
function stepDoubts({ from_stage, to_stage, period_grain, period_start_date }) {
  const kpisOf = (from, to) => DATA.measures.filter((each) => each.step === `${from}_to_${to}`).map((each) => each.kpi_code);
  const between = LONG.slice(LONG.indexOf(from_stage), LONG.indexOf(to_stage) + 1);
  const own = kpisOf(from_stage, to_stage);
  const kpis = own.length ? own : between.slice(1).flatMap((to, index) => kpisOf(between[index], to));
  return doubtsOf(kpis, period_grain, period_start_date, stepName(from_stage, to_stage));
}

function doubtLines(doubts) {
  const lines = new Map();
  for (const each of doubts.slice().sort((one, other) => DOUBTS.indexOf(one.trust_status) - DOUBTS.indexOf(other.trust_status))) {
    const key = `${each.trust_status} ${each.text}`;
    lines.set(key, { ...each, names: new Set([...(lines.get(key)?.names ?? []), each.name]) });
  }
  return [...lines.values()]
    .slice(0, MOST_DOUBTS)
    .map((each) => h("p", { class: "doubt", "data-trust": each.trust_status }, badge(each.trust_status, `trust_${each.trust_status}`), " ", labelled([...each.names].join(", "), each.text)));
}

// a section with its doubts; where its figures cannot be used they are muted, and nothing is claimed of them in words
function doubted(doubts, id, title, says, ...children) {
  const isUsed = doubts.every(isUsable);
  const made = section(id, title, isUsed ? says : null, doubtLines(doubts), children);
  made.classList.toggle("untrusted", !isUsed);
  return made;
}
