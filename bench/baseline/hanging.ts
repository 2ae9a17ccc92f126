/** Whether the application of this number never answers: `hanging` of `count`, as far from one another as can be. */
export function hangs(app: number, { count, hanging }: { readonly count: number; readonly hanging: number }): boolean {
  return (app * hanging) % count < hanging;
}
