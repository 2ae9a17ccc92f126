import { isRefusal, type Refusal } from '../model/refusal.ts';
import { HttpProblem } from './problems.ts';
import type { Caller } from './request.ts';

/** A refusal of the story becomes the problem of its code. */
export function orThrow<Value extends object>(outcome: Value | Refusal): Value {
  if (!isRefusal(outcome)) return outcome;
  const { refused, detail, retryAfterSeconds, faults } = outcome;
  throw new HttpProblem(refused, detail, {
    headers: retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) },
    ...(faults === undefined ? {} : { faults }),
  });
}

/** The project of a CI caller. A route that is open to others must not ask. */
export function callerProject(caller: Caller): string {
  if (caller.kind !== 'project') throw new Error(`no project: the caller is ${caller.kind}`);
  return caller.projectId;
}

/** A project's key sees its own project only; an operator sees all, or the one asked for. */
export function visibleProject(caller: Caller, asked: string | null): string | null {
  return caller.kind === 'project' ? caller.projectId : asked;
}

export function noSuchProject(): HttpProblem {
  return new HttpProblem('NOT_FOUND', 'There is no such project.');
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** An id from the path. What is no id can't be found: 404, before PostgreSQL would refuse it with a 22P02. */
export function pathId(params: Readonly<Record<string, string>>, what: string, name = 'id'): string {
  const id = params[name] ?? '';
  if (!UUID.test(id)) throw new HttpProblem('NOT_FOUND', `There is no such ${what}.`);
  return id.toLowerCase();
}
