import { describe, expect, test } from 'vitest';
import { toResourceLabels } from '../../otel/metrics/resource-labels.ts';

describe('resource attributes as labels', () => {
  test.each<[string, Record<string, string>, Record<string, string>]>([
    [
      'characters that no label has become one _',
      { 'k8s.pod//name': 'a', 'größe-in cm': 'b' },
      { k8s_pod_name: 'a', gr_e_in_cm: 'b' },
    ],
    [
      'names that become one are joined in the order of the names',
      { a_b: '1', 'a.b': '2', 'a-b': '3' },
      { a_b: '3;2;1' },
    ],
    [
      'an own attribute that collides with one of the service is joined too',
      { 'service.name': 'x', service_name: 'y' },
      { service_name: 'x;y' },
    ],
    ['a digit in front gets key_', { '9lives': 'cat', '1.2': 'x' }, { key_9lives: 'cat', key_1_2: 'x' }],
    ['and may collide like any other', { '9': 'a', key_9: 'b' }, { key_9: 'a;b' }],
    ['names of which nothing is left are left out', { '': 'a', '…': 'b', _: 'c', '._.': 'd', 日本: 'e' }, {}],
    ['a reserved name is none any more', { __name__: 'up', __address__: 'x' }, { _name_: 'up', _address_: 'x' }],
    ['an empty value is no label', { team: '', shift: 'night' }, { shift: 'night' }],
    ['empty values that meet others keep their place', { 'a.b': '', a_b: 'x' }, { a_b: ';x' }],
    [
      'quotes, backslashes and line ends stay, for the format escapes them',
      { a: 'say "hi"\\\n' },
      { a: 'say "hi"\\\n' },
    ],
  ])('%s', (_, attributes, labels) => expect(toResourceLabels(attributes)).toEqual(labels));

  test('what is no text is written as JSON', () => {
    expect(toResourceLabels({ a: ['x', 'y'], b: 7, c: true })).toEqual({ a: '["x","y"]', b: '7', c: 'true' });
  });
});
