/** Stems whose British form has `our` for `or`. */
const OUR = 'col|hon|fav|behavi|lab|neighb|flav|harb|hum|rum|vap|od|vig|savi|endeav|splend|arm|parl|tum|clam|ferv|cand|ranc|val';
/** Stems whose British form has `is` for `iz` (or `ys` for `yz`). */
const ISE =
  'organ|real|recogn|apolog|author|categor|central|character|civil|colon|critic|emphas|equal|final|general|harmon|hypnot|ideal|item|legal|local|' +
  'maxim|memor|minim|mobil|modern|monopol|natural|normal|optim|penal|popular|priorit|public|rational|revolution|scrutin|social|special|' +
  'stabil|standard|subsid|summar|symbol|sympath|synchron|terror|util|visual';

const RULES: readonly [RegExp, string][] = [
  [new RegExp(`\\b((?:dis|un|mis|en|re)*(?:${OUR}))our`, 'g'), '$1or'],
  [new RegExp(`\\b((?:re|de|dis|un)*(?:${ISE}))is(e|es|ed|er|ers|ing|ation|ations|ational)\\b`, 'g'), '$1iz$2'],
  [/\b(anal|paral|catal)ys(e|es|ed|er|ers|ing)\b/g, '$1yz$2'],
  [/\b(cent|theat|met|lit|fib|lust|spect|somb|meag|calib|sab|kilomet|centimet|millimet)re(s?)\b/g, '$1er$2'],
  [/\b(def|off|lic|pret)ence(s?)\b/g, '$1ense$2'],
  [/\b(travel|cancel|label|model|level|counsel|marvel|quarrel|signal|fuel|dial|jewel|total)l(ed|ing|er|ers)\b/g, '$1$2'],
  [/\b(catal|dial|anal|monol|prol|epil)ogue(s?)\b/g, '$1og$2'],
  [/\bgrey(s|ed|ing|er|est|ish)?\b/g, 'gray$1'],
  [/\bprogramme(s?)\b/g, 'program$1'],
  [/\bplough(s|ed|ing|man)?\b/g, 'plow$1'],
  [/\b(judg|acknowledg)ement(s?)\b/g, '$1ment$2'],
  [/\bsceptic(s|al|ism)?\b/g, 'skeptic$1'],
  [/\bmould(s|ed|ing|y)?\b/g, 'mold$1'],
  [/\bpractis(e|es|ed|ing)\b/g, 'practic$1'],
  [/\bcheque(s?)\b/g, 'check$1'],
  [/\btyre(s?)\b/g, 'tire$1'],
  [/\bpyjamas\b/g, 'pajamas'],
  [/\bjewellery\b/g, 'jewelry'],
  [/\baluminium\b/g, 'aluminum'],
  [/\bcosy\b/g, 'cozy'],
  [/\bmum(s?|my)\b/g, 'mom$1'],
  [/\bencyclopaedia(s?)\b/g, 'encyclopedia$1'],
];

/** The common differences of British and American spelling, so that a transcript is not wrong for its spelling. */
export function toAmericanSpelling(text: string): string {
  return RULES.reduce((spelled, [pattern, replacement]) => spelled.replace(pattern, replacement), text);
}
