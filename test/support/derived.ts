/** `base` with some of its properties replaced. What the others are is asked of `base`: they may be made when asked for. */
export function derived<Base extends object>(base: Base, replaced: Partial<Base>): Base {
  return Object.create(base, Object.getOwnPropertyDescriptors(replaced));
}
