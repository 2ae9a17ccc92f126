/** What was asked for is wrong: exit code 2, and no stack. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
}
