import { type BesideOthers, firstToWorsen, type OtherThatMoved } from '../verdict/others/beside-others.ts';

/**
 * What the other projects of the environment have to do with a verdict. A project's key, a link to a report and a message tell
 * how many they are and since when; which ones, only whoever may see all projects. Their numbers are told to nobody here.
 */
export function showOthers(others: BesideOthers, seesNames: boolean): object {
  const { lookedAt, worse, suspects, lowered } = others;
  const places = new Map(suspects.map((id, place) => [id, place]));
  const placeOf = ({ project }: OtherThatMoved) => places.get(project.id) ?? suspects.length;
  const ordered = worse.toSorted((one, other) => placeOf(one) - placeOf(other));
  const told = suspects.length === 0 ? ordered : ordered.slice(0, suspects.length);
  return {
    looked_at: lookedAt,
    worse: worse.length,
    suspects: suspects.length,
    since: asTime(firstToWorsen(told)),
    lowered,
    projects: seesNames
      ? ordered.map((other) => ({
          id: other.project.id,
          name: other.project.name,
          since: asTime(other.movement.sinceMs),
          suspect: places.has(other.project.id),
        }))
      : null,
  };
}

const asTime = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
