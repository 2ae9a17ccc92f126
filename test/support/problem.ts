import { expect } from 'vitest';
import type { Answer } from '../../harness/api.ts';
import { ERRORS, type ErrorCode } from '../../src/http/problems.ts';

/** What must never leave the service: a stack trace, a statement, a driver's words, a file of ours. */
const INTERNALS =
  /\bat (async )?[\w.<>]+ \(|node_modules|node:internal|\.ts:\d|select .* from|insert into|update seqpulse|pgboss|ECONN|violates|syntax error|relation "/i;

/** The answer is the problem document of this code: status, media type, and RFC 9457's members and no others. */
export function expectProblem(answer: Answer, code: ErrorCode): void {
  expect(answer.body).toMatchObject({ code });
  expect(answer.status).toBe(ERRORS[code].status);
  expectProblemDocument(answer);
}

/** A problem document of whatever code, whose own status is that of the answer. */
export function expectProblemDocument(answer: Answer): void {
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json\b/);
  const { errors, ...members } = answer.body;
  expect(members).toEqual({
    type: expect.stringMatching(/^urn:seqpulse:problem:[a-z-]+$/),
    title: expect.stringMatching(/\S/),
    status: answer.status,
    detail: expect.stringMatching(/\S/),
    code: expect.stringMatching(/^[A-Z_]+$/),
  });
  if (members.code === 'VALIDATION_FAILED') {
    expect(errors.length).toBeGreaterThan(0);
    for (const fault of errors) {
      expect(fault).toEqual({ path: expect.stringMatching(/\S/), message: expect.stringMatching(/\S/) });
    }
  } else if (members.code !== 'SOURCE_TEST_FAILED') {
    expect(errors).toBeUndefined();
  }
  expect(JSON.stringify(answer.body)).not.toMatch(INTERNALS);
}
