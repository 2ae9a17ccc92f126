import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { withUnpacked } from '../../src/http/otlp/read-body.ts';
import { HttpProblem } from '../../src/http/problems.ts';

const MAX = 1024 * 1024;
const text = async (wire: Buffer) => await withUnpacked(wire, MAX, async (bytes) => bytes.toString());
const refused = async (wire: Buffer) =>
  await text(wire).then(
    () => 'taken',
    (error) => (error instanceof HttpProblem ? [error.code, error.message] : error),
  );

test('what was unpacked is given back when it was used, also by whoever failed', async () => {
  const large = gzipSync(Buffer.alloc(MAX, 'x'));
  let kept: Buffer | undefined;
  const size = await withUnpacked(large, MAX, async (bytes) => {
    kept = bytes;
    return bytes.length;
  });
  expect([size, kept?.length]).toEqual([MAX, 0]);
  const failing = withUnpacked(large, MAX, async (bytes) => {
    kept = bytes;
    throw new Error('no export');
  });
  await expect(failing).rejects.toThrow('no export');
  expect(kept).toHaveLength(0);
});

test('small ones share their memory with others, which stays', async () => {
  const neighbour = Buffer.from('neighbour');
  expect(await text(gzipSync('small'))).toBe('small');
  expect(await text(gzipSync(''))).toBe('');
  expect(neighbour.toString()).toBe('neighbour');
});

test('what is too much, no gzip, or longer than it says is refused', async () => {
  const tooMuch = gzipSync(Buffer.alloc(MAX + 1));
  expect(await refused(tooMuch)).toEqual(['PAYLOAD_TOO_LARGE', expect.stringContaining(`more than ${MAX} bytes`)]);
  // Says that it is a hundred bytes.
  const lying = gzipSync(Buffer.alloc(2 * MAX));
  lying.writeUInt32LE(100, lying.length - 4);
  for (const wire of [lying, Buffer.alloc(0), Buffer.from('x'), lying.subarray(0, 50), Buffer.alloc(40)]) {
    expect(await refused(wire)).toEqual(['MALFORMED_REQUEST', 'The body is no gzip, or not the whole of one.']);
  }
});
