// Numbers and dates as people write them: the rules of docs/decisions/0052, which the marts follow too.
const NARROW = "\u202f";
const MINUS = { rate: 0.00005, EUR: 0.005, EUR_per_day: 0.005, ratio: 0.005 };

function rounded(value, decimals) {
  const shift = 10 ** decimals;
  return Math.round(value * shift) / shift;
}

function grouped(value, decimals, lang) {
  const [whole, rest] = value.toFixed(decimals).split(".");
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, lang === "fr" ? NARROW : ",");
  return rest ? spaced + (lang === "fr" ? "," : ".") + rest : spaced;
}

function short(value, lang) {
  const space = lang === "fr" ? NARROW : "";
  if (rounded(value / 1e6, 2) >= 1000) return grouped(value / 1e9, 2, lang) + space + (lang === "fr" ? "Md" : "B");
  if (Math.round(value) >= 1e6) return grouped(value / 1e6, 2, lang) + space + "M";
  return grouped(value, rounded(value, 1) === Math.round(value) ? 0 : 1, lang);
}

function amount(value, lang) {
  return value >= 0.005 && rounded(value, 2) < 100 ? grouped(value, 2, lang) : short(Math.round(value), lang);
}

function share(value, lang) {
  return grouped(value * 100, value >= 0.00005 && rounded(value * 100, 1) < 1 ? 2 : 1, lang);
}

function minutes(value, lang) {
  const space = lang === "fr" ? NARROW : " ";
  const whole = Math.round(value);
  if (rounded(value, 1) < 10) return short(value, lang) + space + "min";
  if (whole < 60) return grouped(value, 0, lang) + space + "min";
  if (whole >= 6000) return grouped(value / 60, 0, lang) + space + "h";
  const rest = String(whole - 60 * Math.floor(whole / 60)).padStart(2, "0");
  return grouped(Math.floor(whole / 60), 0, lang) + space + "h" + space + rest + space + "min";
}

// a sign stands at the number, a code apart from it
const before = (currency) => (currency.length === 1 ? currency : currency + " ");

function money(size, lang, currency) {
  if (lang !== "fr") return before(currency) + amount(size, lang);
  const compact = currency.length === 1 && Math.round(size) >= 1e6;
  return amount(size, lang) + (compact ? "" : NARROW) + currency;
}

// a value of a unit of the registry
function formatted(value, unit, lang, currency) {
  if (value === null || value === undefined || !isFinite(value)) return "–";
  const french = lang === "fr";
  const size = Math.abs(value);
  const sign = value > -(MINUS[unit] ?? 0.05) ? "" : "-";
  const space = french ? NARROW : " ";
  const few = french ? rounded(size, 1) < 2 : rounded(size, 1) === 1;
  switch (unit) {
    case "EUR":
      return sign + money(size, lang, currency);
    case "EUR_per_day":
      return sign + money(size, lang, currency) + (french ? `${NARROW}par${NARROW}jour` : " per day");
    case "rate":
      return sign + share(size, lang) + (french ? NARROW + "%" : "%");
    case "ratio":
      return sign + grouped(size, rounded(size, 1) === rounded(size, 2) ? 1 : 2, lang) + "x";
    case "minutes":
      return sign + minutes(size, lang);
    case "days":
      return sign + short(size, lang) + space + (french ? (few ? "jour" : "jours") : few ? "day" : "days");
    case "months":
      return sign + short(size, lang) + space + (french ? "mois" : few ? "month" : "months");
    default:
      return sign + short(size, lang);
  }
}

// a change of a value of a unit, with its sign: between shares it is points
function signed(change, unit, lang, currency) {
  const size = Math.abs(change);
  const sign = change > 0 ? "+" : change < 0 ? "-" : "";
  if (unit !== "rate") return sign + formatted(size, unit, lang, currency);
  const points = rounded(size * 100, 1);
  const one = lang === "fr" ? points < 2 : points === 1;
  return `${sign}${short(size * 100, lang)}${lang === "fr" ? NARROW : " "}point${one ? "" : "s"}`;
}

// a value as far as it is written: who subtracts what is shown finds what is said; compact amounts stay as they are
function asWritten(value, unit) {
  const size = Math.abs(value);
  const decimals = { rate: size < 0.00995 ? 4 : 3, ratio: 2, EUR: size < 99.995 ? 2 : 0, EUR_per_day: size < 99.995 ? 2 : 0, minutes: size < 9.95 ? 1 : 0 }[unit] ?? 1;
  return size >= 999_999.5 || (unit === "minutes" && size >= 6000) ? value : Math.sign(value) * rounded(size, decimals);
}

// short enough for an axis
function onAxis(value, unit, lang, currency) {
  const french = lang === "fr";
  const size = Math.abs(value);
  const sign = value < 0 ? "-" : "";
  const plain = (number) => sign + new Intl.NumberFormat(lang, { maximumFractionDigits: 2 }).format(number);
  if (unit === "rate") return plain(size * 100) + (french ? NARROW + "%" : "%");
  if (unit === "minutes" && size >= 60) return plain(rounded(size / 60, 1)) + (french ? NARROW : " ") + "h";
  if (unit !== "EUR" && unit !== "EUR_per_day") return plain(size);
  const [scaled, suffix] = size >= 1e6 ? [size / 1e6, "M"] : size >= 1e3 ? [size / 1e3, "k"] : [size, ""];
  const text = new Intl.NumberFormat(lang, { maximumFractionDigits: 2 }).format(scaled);
  return french ? `${sign}${text}${NARROW}${suffix}${currency}` : `${sign}${before(currency)}${text}${suffix}`;
}

function day(iso, lang, options = { day: "numeric", month: "long", year: "numeric" }) {
  if (!iso) return "–";
  const date = new Date(iso.slice(0, 10) + "T00:00:00Z");
  const text = new Intl.DateTimeFormat(lang === "fr" ? "fr-FR" : "en-GB", { ...options, timeZone: "UTC" }).format(date);
  return lang === "fr" ? text.replace(/^1 /, "1er ") : text;
}

// a range is read for its width: three digits are enough, and the unit is said once
function range(low, high, unit, lang, currency) {
  if (low === null || high === null || low === undefined || high === undefined) return "–";
  const french = lang === "fr";
  const plain = (value) => new Intl.NumberFormat(french ? "fr-FR" : "en-GB", { maximumSignificantDigits: 3 }).format(value).replace(/[\s\u00a0]/g, NARROW);
  if (unit === "EUR" || unit === "EUR_per_day") {
    const scaled = (value) => (Math.abs(value) >= 1e6 ? [plain(value / 1e6), "M"] : Math.abs(value) >= 1e4 ? [plain(value / 1e3), "k"] : [plain(value), ""]);
    const [[from, first], [to, last]] = [scaled(low), scaled(high)];
    if (!french) return `${before(currency)}${from}${first} – ${before(currency)}${to}${last}`;
    return `${from}${first === last ? "" : `${NARROW}${first}${currency}`} – ${to}${NARROW}${last}${currency}`;
  }
  if (unit === "minutes" && high >= 60) return `${plain(rounded(low / 60, 1))} – ${plain(rounded(high / 60, 1))}${french ? NARROW : " "}h`;
  if (unit === "rate") return french ? `${share(low, lang)} – ${share(high, lang)}${NARROW}%` : `${share(low, lang)} – ${share(high, lang)}%`;
  if (unit === "days" || unit === "months" || unit === "count" || unit === "ratio") {
    const [from, to] = [low, high].map((value) => grouped(value, Math.abs(high) >= 10 || unit === "count" ? 0 : 1, lang));
    const of = formatted(2, unit, lang, currency).replace(/^[\d.,]+/, "");
    return `${from} – ${to}${of}`;
  }
  return `${formatted(low, unit, lang, currency)} – ${formatted(high, unit, lang, currency)}`;
}
