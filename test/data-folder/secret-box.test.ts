import { expect, test } from 'vitest';
import { createSecretBox } from '../../src/data-folder/secret-box.ts';

const [OLD, FRESH] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const sealedByOld = createSecretBox(OLD).seal('a secret', 'row 1');

test('what the key before sealed is opened while that is given, and by nothing else', () => {
  expect(createSecretBox(FRESH, OLD).open(sealedByOld, 'row 1')).toBe('a secret');
  expect(() => createSecretBox(FRESH).open(sealedByOld, 'row 1')).toThrow();
  expect(() => createSecretBox(FRESH, OLD).open(sealedByOld, 'row 2')).toThrow();
});

test('it is sealed again under the key of now, once', () => {
  const box = createSecretBox(FRESH, OLD);
  const sealed = box.reseal(sealedByOld, 'row 1');
  expect(createSecretBox(FRESH).open(sealed ?? Buffer.alloc(0), 'row 1')).toBe('a secret');
  expect(box.reseal(sealed ?? Buffer.alloc(0), 'row 1')).toBeNull();
  expect(createSecretBox(FRESH).reseal(sealedByOld, 'row 1')).toBeNull();
});
