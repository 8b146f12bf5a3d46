// The newest exchanges of a list that goes on growing; pure.

/** Those of both lists, each once, the newest first; what is in `fresh` is newer than `known`. */
export function newestOf<T extends { readonly id: string }>(
  fresh: readonly T[],
  known: readonly T[],
  most: number,
): T[] {
  const ids = new Set(fresh.map(({ id }) => id));
  return [...fresh, ...known.filter(({ id }) => !ids.has(id))].slice(0, most);
}
