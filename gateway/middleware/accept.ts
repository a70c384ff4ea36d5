import { Problem } from '../http/problem.js';

const JSON_TYPE = 'application/json';

/** Answers 406 unless the Accept header admits JSON, or the route's own type (spec rest-v1 1.2). */
export function checkAccept(header: string | undefined, own: string = JSON_TYPE): void {
  if (header === undefined || header === '*/*' || header === JSON_TYPE || header.trim() === '') return;
  if (admits(header, JSON_TYPE) || admits(header, own)) return;
  throw new Problem('notAcceptable', `The service answers in ${JSON_TYPE} only.`);
}

/** The most particular range that matches decides, as RFC 9110 12.5.1 has it; parameters but q are not looked at. */
function admits(header: string, type: string): boolean {
  const ranges = [type, `${type.slice(0, type.indexOf('/'))}/*`, '*/*'];
  let best: { readonly rank: number; readonly quality: number } | null = null;
  for (const element of header.split(',')) {
    const [name = '', ...parameters] = element.split(';');
    const rank = ranges.indexOf(name.trim().toLowerCase());
    if (rank >= 0 && (best === null || rank < best.rank)) best = { rank, quality: qualityOf(parameters) };
  }
  return best !== null && best.quality > 0;
}

function qualityOf(parameters: readonly string[]): number {
  const q = parameters.map((parameter) => /^\s*q\s*=\s*([\d.]+)\s*$/i.exec(parameter)?.[1]).find(Boolean);
  return q === undefined ? 1 : Number(q);
}
